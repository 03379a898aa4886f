"""VALR's frames into messages and back, for both sockets. Never worse than ``MalformedFrame``."""

from trading.venues.valr.account_codec import decode_account, request_frame
from trading.venues.valr.market_codec import decode_market

__all__ = ["decode_account", "decode_market", "request_frame"]
