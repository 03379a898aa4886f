"""VALR's frames into messages, for both sockets; any failure is a ``MalformedFrame``."""
