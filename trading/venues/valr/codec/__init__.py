"""VALR's frames into messages, for both sockets. Never worse than ``MalformedFrame``."""
