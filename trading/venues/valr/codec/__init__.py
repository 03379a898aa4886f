"""VALR's frames into messages and back, for both sockets. Never worse than ``MalformedFrame``."""

from trading.venues.valr.codec.account import decode_account, request_frame
from trading.venues.valr.codec.market import decode_market

__all__ = ["decode_account", "decode_market", "request_frame"]
