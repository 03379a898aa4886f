"""VALR's REST requests and how their answers are read."""
