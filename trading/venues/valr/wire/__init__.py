"""VALR's messages as they are on the wire, field by field."""
