"""Orders, fills and reports to begin a test with; only what matters is named in the test."""

from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.identifiers import (
    ClientOrderId,
    Currency,
    Pair,
    StrategyName,
    TradeId,
    VenueOrderId,
)
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.messages.account import OrderReport
from trading.orders.order import Fill, Order, OrderEvent, OrderStatus

PAIR = Pair("DOGEUSDT")
BASE, QUOTE = Currency("DOGE"), Currency("USDT")
STRATEGY = StrategyName("maker")
OURS = ClientOrderId("qw-test-maker-abc-1")
THEIRS = VenueOrderId("v-1")
D = Decimal
TEN = D(10)
PRICE = D("0.1")


def an_instrument() -> Instrument:
    """Ticks of 0.00001 and whole lots."""
    return Instrument(
        pair=PAIR,
        base=BASE,
        quote=QUOTE,
        tick_size=D("0.00001"),
        lot_size=D(1),
        quantity_min=D(4),
        quantity_max=D(1_000_000),
        notional_min=D(1),
        notional_max=D(100_000),
    )


def an_order(
    order_id: ClientOrderId = OURS,
    *,
    side: Side = Side.BUY,
    quantity: Decimal = TEN,
    status: OrderStatus = OrderStatus.PENDING,
    filled_quantity: Decimal = ZERO,
    created_at: float = 0.0,
) -> Order:
    return Order(
        client_order_id=order_id,
        strategy=STRATEGY,
        pair=PAIR,
        side=side,
        price=PRICE,
        quantity=quantity,
        created_at=created_at,
        changed_at=created_at,
        status=status,
        filled_quantity=filled_quantity,
    )


def a_fill(
    trade_id: str = "t-1",
    quantity: Decimal = TEN,
    *,
    order_id: ClientOrderId | None = OURS,
    venue_order_id: VenueOrderId = THEIRS,
    side: Side = Side.BUY,
    price: Decimal = PRICE,
    fee: Decimal = ZERO,
    fee_currency: str = "",
) -> Fill:
    return Fill(
        trade_id=TradeId(trade_id),
        pair=PAIR,
        side=side,
        price=price,
        quantity=quantity,
        fee=fee,
        fee_currency=fee_currency,
        venue_order_id=venue_order_id,
        client_order_id=order_id,
        traded_at_ms=0,
    )


def a_report(
    event: OrderEvent | None,
    *,
    order_id: ClientOrderId | None = OURS,
    venue_order_id: VenueOrderId = THEIRS,
    quantity: Decimal = TEN,
    remaining: Decimal | None = None,
) -> OrderReport:
    return OrderReport(
        venue_order_id=venue_order_id,
        client_order_id=order_id,
        pair=PAIR,
        side=Side.BUY,
        price=PRICE,
        quantity=quantity,
        remaining_quantity=quantity if remaining is None else remaining,
        event=event,
        status_text="" if event is None else event.value,
    )
