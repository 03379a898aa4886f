"""A quiet market, an account with room in it, and an order that no limit objects to."""

from decimal import Decimal

import attrs
from msgspec.structs import replace

from tests.trading.builders import BASE, PAIR, QUOTE, STRATEGY, D, a_fill, an_instrument
from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, Currency, VenueOrderId
from trading.core.market import Balance, PriceLevel, Side, TopOfBook
from trading.journal.entries import FillBooked
from trading.orders.order import Order, OrderStatus
from trading.risk import CheckedAmendment, CheckedOrder, Profit, Refusal, RiskLimits, RiskView

NOW = 1000.0

LIMITS = RiskLimits(
    max_order_notional=D(20),
    min_base_holding=D(500),
    max_base_holding=D(1500),
    min_quote_holding=D(900),
    max_quote_holding=D(1100),
    max_daily_loss=D(5),
    max_drawdown=D(8),
    price_collar=D("0.02"),
    last_trade_collar=D("0.03"),
    max_orders_per_side=3,
    max_fills_in_row=4,
    fills_window_s=60.0,
    max_book_age_s=5.0,
    max_instructions_per_minute=10,
)
ONLY_TECHNICAL = RiskLimits()


def a_top(bid: str = "0.0999", ask: str = "0.1001") -> TopOfBook:
    return TopOfBook(
        pair=PAIR,
        bids=(PriceLevel(D(bid), D(100)),),
        asks=(PriceLevel(D(ask), D(100)),),
        sequence=1,
        received_at=NOW,
    )


def a_balance(currency: Currency, total: str, reserved: str = "0", at_ms: int = 1) -> Balance:
    return Balance(
        currency=currency,
        available=D(total) - D(reserved),
        reserved=D(reserved),
        updated_at_ms=at_ms,
    )


VIEW = RiskView(
    strategy=STRATEGY,
    instrument=an_instrument(),
    now=NOW,
    top=a_top(),
    book_at=NOW - 1.0,
    last_trade_price=D("0.1"),
    clock_sure=True,
    working=(),
    balances={BASE: a_balance(BASE, "1000"), QUOTE: a_balance(QUOTE, "1000")},
    profit=Profit(),
)


def a_bid(price: str = "0.0995", quantity: str = "100", number: int = 1) -> Order:
    return an_order_of(Side.BUY, D(price), D(quantity), number)


def an_ask(price: str = "0.1005", quantity: str = "100", number: int = 1) -> Order:
    return an_order_of(Side.SELL, D(price), D(quantity), number)


def an_order_of(side: Side, price: Decimal, quantity: Decimal, number: int = 1) -> Order:
    return Order(
        client_order_id=ClientOrderId(f"qw-test-maker-abc-{side.value}{number}"),
        strategy=STRATEGY,
        pair=PAIR,
        side=side,
        price=price,
        quantity=quantity,
        created_at=NOW,
        changed_at=NOW,
    )


def working(order: Order, status: OrderStatus = OrderStatus.OPEN, filled: str = "0") -> Order:
    return replace(order, status=status, filled_quantity=D(filled))


def with_balances(base: Balance, quote: Balance, view: RiskView = VIEW) -> RiskView:
    return attrs.evolve(view, balances={BASE: base, QUOTE: quote})


def fills(*sides: Side, at: float = NOW) -> tuple[FillBooked, ...]:
    """One fill of an order of its own for each side, oldest first, all shown by the balances."""
    return tuple(
        FillBooked(a_fill(f"t-{number}", side=side, venue_order_id=VenueOrderId(f"v-{number}")), at)
        for number, side in enumerate(sides)
    )


def refused(answer: CheckedOrder | CheckedAmendment | tuple[Refusal, ...]) -> tuple[Refusal, ...]:
    """
    The refusals.

    Raises:
        AssertionError: There are none.
    """
    assert isinstance(answer, tuple), "it was accepted"
    assert answer
    return answer


def profit(today: str = "0", total: str = "0", high_water: str = "0") -> Profit:
    assert D(high_water) >= ZERO
    return Profit(today=D(today), total=D(total), high_water=D(high_water))
