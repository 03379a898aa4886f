"""VALR's frames into messages and back, both sockets; any failure is a ``MalformedFrame``."""

from trading.venues.valr.codec.account import decode_account, request_frame
from trading.venues.valr.codec.market import decode_market

__all__ = ["decode_account", "decode_market", "request_frame"]
