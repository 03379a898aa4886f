"""What the ledger's rows say, as values: sessions, orders and fills; every row is checked."""

from decimal import Decimal

import attrs

from trading.core.identifiers import ClientOrderId, Pair, StrategyName, TradeId, VenueOrderId
from trading.core.market import Side, TimeInForce
from trading.journal.moment import Moment
from trading.journal.tables import (
    FILLS,
    ORDER_EVENTS,
    ORDERS,
    DamagedRow,
    Row,
    Table,
    Value,
)
from trading.orders.order import Fill, Order, OrderStatus


@attrs.frozen(kw_only=True)
class Session:
    """
    One run of an engine.

    Args:
        session: Grows with every run of this engine name.
        venue: Where its orders are; each run's simulated exchange is a venue of its own.
        started_at_ns: Wall clock.
        ended_at_ns: Wall clock; ``None`` while it runs, or when it was killed.
        ended_by: What made it end, in words; empty without a known end.
    """

    session: int
    engine: str
    venue: str
    simulated: bool
    started_at_ns: int
    ended_at_ns: int | None = None
    exit_code: int | None = None
    ended_by: str = ""


@attrs.frozen(kw_only=True)
class StoredOrder:
    """
    An order in its newest state, or at one of its events, by the wall clock.

    Args:
        decided_at_ns: When it was decided.
        changed_at_ns: When something happened to it last.
        mid_price: What the decision took for the price.
    """

    client_order_id: ClientOrderId
    session: int
    strategy: StrategyName
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    post_only: bool
    time_in_force: TimeInForce
    mid_price: Decimal | None
    decided_at_ns: int
    status: OrderStatus
    filled_quantity: Decimal
    venue_order_id: VenueOrderId | None
    reason: str
    changed_at_ns: int
    recorded_at_ns: int

    def order(self, now: Moment) -> Order:
        """It as an order of this process."""
        return Order(
            client_order_id=self.client_order_id,
            strategy=self.strategy,
            pair=self.pair,
            side=self.side,
            price=self.price,
            quantity=self.quantity,
            created_at=now.monotonic_of(self.decided_at_ns),
            changed_at=now.monotonic_of(self.changed_at_ns),
            post_only=self.post_only,
            time_in_force=self.time_in_force,
            status=self.status,
            venue_order_id=self.venue_order_id,
            filled_quantity=self.filled_quantity,
            reason=self.reason,
        )


@attrs.frozen(kw_only=True)
class StoredFill:
    """A fill, where it was made and when it was booked by the wall clock."""

    fill: Fill
    session: int
    venue: str
    booked_at_ns: int


# Each function below may raise DamagedRow.


def stored_order(row: Row) -> StoredOrder:
    """An order after an event, of the columns of both tables."""
    intent = _named(ORDERS, row)
    event = _named(ORDER_EVENTS, row[ORDERS.width :])
    mid_price, venue_order_id = intent["mid_price"], event["venue_order_id"]
    return StoredOrder(
        client_order_id=ClientOrderId(text_of(intent["client_order_id"])),
        session=whole_of(intent["session"]),
        strategy=StrategyName(text_of(intent["strategy"])),
        pair=Pair(text_of(intent["pair"])),
        side=Side(intent["side"]),
        price=Decimal(text_of(intent["price"])),
        quantity=Decimal(text_of(event["quantity"])),  # an order can be made smaller
        post_only=bool(intent["post_only"]),
        time_in_force=TimeInForce(intent["time_in_force"]),
        mid_price=None if mid_price is None else Decimal(text_of(mid_price)),
        decided_at_ns=whole_of(intent["decided_at_ns"]),
        status=OrderStatus(event["status"]),
        filled_quantity=Decimal(text_of(event["filled_quantity"])),
        venue_order_id=None if venue_order_id is None else VenueOrderId(text_of(venue_order_id)),
        reason=text_of(event["reason"]),
        changed_at_ns=whole_of(event["changed_at_ns"]),
        recorded_at_ns=whole_of(event["at_ns"]),
    )


def stored_fill(row: Row) -> StoredFill:
    """A fill, of the columns of its table, which are not checked here."""
    named = dict(zip(FILLS.columns, row, strict=True))
    text = {
        column: text_of(named[column]) for column in FILLS.columns if isinstance(named[column], str)
    }
    return StoredFill(
        fill=Fill(
            trade_id=TradeId(text["trade_id"]),
            pair=Pair(text["pair"]),
            side=Side(text["side"]),
            price=Decimal(text["price"]),
            quantity=Decimal(text["quantity"]),
            fee=Decimal(text["fee"]),
            fee_currency=text["fee_currency"],
            venue_order_id=VenueOrderId(text["venue_order_id"]),
            client_order_id=ClientOrderId(text["client_order_id"]),
            traded_at_ms=whole_of(named["traded_at_ms"]),
        ),
        session=whole_of(named["session"]),
        venue=text["venue"],
        booked_at_ns=whole_of(named["booked_at_ns"]),
    )


def _named(table: Table, row: Row) -> dict[str, Value]:
    return dict(zip(table.columns, table.checked(row), strict=True))


def text_of(value: Value) -> str:
    """A value that has to be text."""
    if not isinstance(value, str):
        raise DamagedRow(f"{value!r} is no text")
    return value


def whole_of(value: Value) -> int:
    """A value that has to be a whole number."""
    if not isinstance(value, int):
        raise DamagedRow(f"{value!r} is no whole number")
    return value


def maybe_whole_of(value: Value) -> int | None:
    """A value that has to be a whole number where there is one."""
    return None if value is None else whole_of(value)
