"""
Binance's messages as they stand on the wire, field by field.

Extra fields are tolerated, missing ones are not; prices and quantities stay text here. Source:
github.com/binance/binance-spot-api-docs, web-socket-streams.md and rest-api.md.
"""

import msgspec

Level = tuple[str, str]
"""A price and the quantity there; the codec looks whether they are numbers."""


class Frame(msgspec.Struct):
    """
    What comes on a combined socket.

    An event has ``stream`` and ``data``. The answer to a request has ``id``, and ``result`` (null)
    where it succeeded; otherwise ``msg``, alone or within ``error``.
    """

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()
    result: object = msgspec.UNSET
    id: object = None
    msg: str | None = None
    error: "Complaint | None" = None


class Complaint(msgspec.Struct):
    code: int
    msg: str


class DepthUpdate(msgspec.Struct, gc=False):
    """``<symbol>@depth`` and ``<symbol>@depth@100ms``: ``U`` to ``u`` are the updates in it."""

    s: str
    U: int
    u: int
    b: tuple[Level, ...]
    a: tuple[Level, ...]


class Depth(msgspec.Struct, rename="camel", gc=False):
    """``GET /api/v3/depth``: whose it is only the request says."""

    last_update_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Trade(msgspec.Struct):
    """``<symbol>@trade``: ``T`` is the venue's wall clock in ms, ``m`` that the buyer rested."""

    s: str
    t: int
    p: str
    q: str
    T: int
    m: bool


class BookTicker(msgspec.Struct):
    """``<symbol>@bookTicker``: best bid ``b`` and ask ``a`` with their quantities."""

    u: int
    s: str
    b: str
    B: str
    a: str
    A: str


class Ticker(msgspec.Struct, rename="camel"):
    """``GET /api/v3/ticker/24hr`` of one symbol; zero where there is no price."""

    symbol: str
    bid_price: str
    ask_price: str
    last_price: str


class ServerTime(msgspec.Struct, rename="camel"):
    """``GET /api/v3/time``: milliseconds since the epoch."""

    server_time: int
