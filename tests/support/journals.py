"""Random journals: what could happen to orders, in batches as they are committed."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.builders import a_balance, a_fill, an_order
from trading.core.identifiers import TradeId, VenueOrderId
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    Halted,
    LedgerEntry,
    OrderRecorded,
    OrdersIntended,
    Resumed,
)
from trading.journal.moment import Moment
from trading.journal.tables import SESSIONS, Statement
from trading.journal.writer import JournalWriter
from trading.orders.order import Order, OrderEvent

NOW = Moment(1000.0, 1_700_000_000 * 10**9)
"""Whole seconds of both clocks are exact as floats, so that times can be compared."""
VENUE = "VALR https://api.example"


@st.composite
def journals(draw: st.DrawFn) -> list[list[LedgerEntry]]:
    """Batches of entries that a gateway could have posted."""
    orders: list[Order] = []
    batches: list[list[LedgerEntry]] = []
    for _ in range(draw(st.integers(1, 6))):
        batch = [_entry(draw, orders) for _ in range(draw(st.integers(1, 5)))]
        batches.append(batch)
    return batches


def _entry(draw: st.DrawFn, orders: list[Order]) -> LedgerEntry:
    at = float(draw(st.integers(0, 1000)))
    kinds = ["intent", "balance", "halt", "resume"] + ["event", "fill"] * 3 * bool(orders)
    match draw(st.sampled_from(kinds)):
        case "intent":
            new = [
                an_order(len(orders) + n, created_at=at, changed_at=at)
                for n in range(draw(st.integers(1, 3)))
            ]
            orders += new
            return OrdersIntended(tuple(new), at, draw(st.sampled_from([None, Decimal("0.05")])))
        case "event":
            index = draw(st.integers(0, len(orders) - 1))
            order = orders[index].after(draw(st.sampled_from(OrderEvent)), at, reason="so it is")
            if draw(st.booleans()):
                order = order.identified(VenueOrderId(f"v-{index}"))
            if draw(st.booleans()):
                order = order.filled_to(Decimal(draw(st.integers(1, 40))) / 3, at)
            orders[index] = order
            return OrderRecorded(order, at)
        case "fill":
            number = draw(st.integers(1, 8))
            order = draw(st.sampled_from(orders))
            fill = a_fill(
                trade_id=TradeId(f"t-{number}"),
                client_order_id=order.client_order_id,
                quantity=Decimal(draw(st.integers(1, 10**30))).scaleb(-15),
                traded_at_ms=number * 1000,
            )
            return FillBooked(fill, at)
        case "balance":
            return BalanceRecorded(a_balance("USDT", str(draw(st.integers(0, 9)))), at)
        case "halt":
            return Halted(draw(st.sampled_from(["kill", "drawdown"])), at)
        case _:
            return Resumed(at)


def session_begun(number: int = 1, venue: str = VENUE) -> Statement:
    return SESSIONS.insert(number, "test", venue, 0, NOW.wall_ns)


def written(scribe: JournalWriter, batch: Sequence[LedgerEntry]) -> list[Statement]:
    """A batch as the statements of one commit."""
    return [statement for entry in batch for statement in scribe.write(entry, NOW)]


def some_batches() -> list[list[LedgerEntry]]:
    """A day like any other: quotes, a fill, a cancel; three commits."""
    first, second = an_order(1), an_order(2)
    placed: list[LedgerEntry] = [OrdersIntended((first, second), 0.0, Decimal("0.0512"))]
    filled = first.after(OrderEvent.RESTING, 1.0).filled_to(Decimal(40), 2.0)
    traded: list[LedgerEntry] = [
        OrderRecorded(first.after(OrderEvent.RESTING, 1.0), 1.0),
        OrderRecorded(filled, 2.0),
        FillBooked(a_fill(fee=Decimal("-0.0001"), fee_currency="USDT", traded_at_ms=5), 2.0),
        BalanceRecorded(a_balance("USDT", "98.2"), 2.0),
    ]
    over: list[LedgerEntry] = [
        OrderRecorded(replace(second.after(OrderEvent.CANCELLED, 3.0), reason="done"), 3.0),
        Halted("kill", 4.0),
    ]
    return [placed, traded, over]
