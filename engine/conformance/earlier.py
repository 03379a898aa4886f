"""What the ledger says of earlier runs: orders that it has open, and coins not sold back."""

from collections.abc import Sequence

from engine.conformance.holdings import in_words, traded
from trading.core.identifiers import Pair
from trading.core.instrument import Instrument
from trading.core.market import TimeInForce
from trading.journal import reading, streams
from trading.journal.moment import Moment
from trading.journal.tables import Query

_ORDERS_MAX = 500
"""More than one run places."""


def open_in_ledger(query: Query, venue: str) -> Sequence[str]:
    """The ids of the orders whose end the ledger does not know, oldest first."""
    working = reading.orders(query, venue=venue, since_ns=0, ended_too=False)
    return [order.client_order_id for order in working]


def not_sold_back(query: Query, venue: str, pair: Pair, instrument: Instrument) -> str:
    """
    What the newest session with orders has bought at the market and not sold back, in words.

    Nothing but a conformance run places market orders, which the ledger tells by their time in
    force; what other orders of a strategy have traded is left out.
    """
    newest = [stored for _, stored in streams.newest_orders(query, venue=venue, most=_ORDERS_MAX)]
    placed = [
        stored
        for stored in newest
        if stored.session == newest[-1].session
        and stored.pair == pair
        and stored.time_in_force is TimeInForce.IOC
    ]
    fills = [
        found.fill for each in placed for _, found in streams.fills_of(query, each.client_order_id)
    ]
    base = str(instrument.base)
    now = Moment(0.0, 0)
    what = traded((each.order(now) for each in placed), fills, base)
    return in_words(what, base, instrument.lot_size) if what.bought or what.sold else ""
