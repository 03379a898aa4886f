"""Recorded markets made by hand: records in a line, and a market of them."""

from collections.abc import Iterable

from trading.core.market import Side
from trading.datasets.record import Flags, Kind
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.beginning import recording_of
from trading.simulator.market.replay import RecordedMarket
from trading.simulator.market.two_clocks import Row
from trading.simulator.matching.matching import Execution, Incoming

S = 1_000_000_000
_BY_SIDE = {Side.BUY: 1, Side.SELL: 2}
_LAST = int(Flags.LAST)


def row(
    kind: Kind,
    at_s: float,
    side: Side | None = None,
    price: int = 0,
    lots: int = 0,
    *,
    seen_s: float | None = None,
    order: int = 0,
    flags: int = _LAST,
) -> Row:
    """
    A record.

    Args:
        at_s: When it happens, in seconds.
        seen_s: When it is seen; ``None`` for the same time.
        order: Its order's id.
    """
    happens = round(at_s * S)
    seen = happens if seen_s is None else round(seen_s * S)
    number = 0 if side is None else _BY_SIDE[side]
    return (happens, seen, price, lots, order, int(kind), number, flags)


def book(
    at_s: float = 0.0, *, bids: dict[int, int], asks: dict[int, int], seen_s: float | None = None
) -> list[Row]:
    """A snapshot of totals by price, told at once."""
    levels = [(Side.BUY, price, lots) for price, lots in bids.items()]
    levels += [(Side.SELL, price, lots) for price, lots in asks.items()]
    rows = [row(Kind.CLEAR, at_s, seen_s=seen_s, flags=0)]
    rows += [
        row(Kind.SNAPSHOT_LEVEL, at_s, *level, seen_s=seen_s, flags=0) for level in levels[:-1]
    ]
    return [*rows, row(Kind.SNAPSHOT_LEVEL, at_s, *levels[-1], seen_s=seen_s)]


def bid(at_s: float, price: int, lots: int, *, seen_s: float | None = None) -> Row:
    """A bid level's new total."""
    return row(Kind.LEVEL, at_s, Side.BUY, price, lots, seen_s=seen_s)


def ask(at_s: float, price: int, lots: int, *, seen_s: float | None = None) -> Row:
    """An ask level's new total."""
    return row(Kind.LEVEL, at_s, Side.SELL, price, lots, seen_s=seen_s)


def sold(at_s: float, price: int, lots: int, *, seen_s: float | None = None) -> Row:
    """A trade in which the taker sold."""
    return row(Kind.TRADE, at_s, Side.SELL, price, lots, seen_s=seen_s)


def market_of(rows: Iterable[Row], flow: RecordedFlow | None = None) -> RecordedMarket:
    return RecordedMarket(recording_of(rows), flow or RecordedFlow())


def buy(price: int, lots: int, number: int = 1, *, post_only: bool = False) -> Incoming:
    return Incoming(
        number=number, owner="ann", side=Side.BUY, price=price, quantity=lots, post_only=post_only
    )


def play(market: RecordedMarket) -> list[Execution]:
    """Play a market to its end; all trades in it."""
    executions: list[Execution] = []
    while market.next_event_at() is not None:
        executions += market.step()
    return executions


def filled(market: RecordedMarket) -> list[tuple[int, int]]:
    """Play a market to its end; price and lots of each fill of ours."""
    return [(e.price, e.quantity) for e in play(market) if e.maker_owner is not None]
