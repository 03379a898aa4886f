"""Values to test with, plain unless a test says otherwise."""

from decimal import Decimal
from typing import Any

import attrs
import msgspec
from msgspec.structs import replace

from trading.account.account import AccountView
from trading.core.fees import Fees
from trading.core.identifiers import (
    ClientOrderId,
    Currency,
    Pair,
    StrategyName,
    TradeId,
    VenueOrderId,
)
from trading.core.instrument import Instrument
from trading.core.market import Balance, PriceLevel, Side, TopOfBook
from trading.decisions.decision import Quote
from trading.messages.market import BookDiff, BookSnapshot
from trading.orders.order import Fill, Order
from trading.readiness.lease import Readiness

DOGE = Pair("DOGEUSDT")
BTC = Pair("BTCUSDT")
MAKER = StrategyName("maker")

DOGE_RULES = Instrument(
    pair=DOGE,
    base=Currency("DOGE"),
    quote=Currency("USDT"),
    tick_size=Decimal("0.00001"),
    lot_size=Decimal(1),
    quantity_min=Decimal(4),
    quantity_max=Decimal(500_000),
    notional_min=Decimal("0.5"),
    notional_max=Decimal(200_000),
)

FEES = Fees(maker=Decimal(0), taker=Decimal("0.001"))


def a_quote(side: Side = Side.BUY, price: str = "0.05", quantity: str = "40") -> Quote:
    return Quote(side=side, price=Decimal(price), quantity=Decimal(quantity), level=0)


def an_order(number: int = 1, **changes: Any) -> Order:
    order = Order(
        client_order_id=ClientOrderId(f"qw-test-maker-1-{number}"),
        strategy=MAKER,
        pair=DOGE,
        side=Side.BUY,
        price=Decimal("0.05"),
        quantity=Decimal(40),
        created_at=0.0,
        changed_at=0.0,
    )
    return replace(order, **changes)


def a_fill(number: int = 1, **changes: Any) -> Fill:
    fill = Fill(
        trade_id=TradeId(f"trade-{number}"),
        pair=DOGE,
        side=Side.BUY,
        price=Decimal("0.05"),
        quantity=Decimal(40),
        fee=Decimal(0),
        fee_currency="DOGE",
        venue_order_id=VenueOrderId("venue-1"),
        client_order_id=ClientOrderId("qw-test-maker-1-1"),
        traded_at_ms=1_790_133_597_000,  # when the simulated venue's clock begins
    )
    return attrs.evolve(fill, **changes)


def a_balance(currency: str, available: str, updated_at_ms: int = 0) -> Balance:
    return Balance(
        currency=Currency(currency),
        available=Decimal(available),
        reserved=Decimal(0),
        updated_at_ms=updated_at_ms,
    )


def an_account(usdt_reserved: str = "0") -> AccountView:
    usdt = Balance(
        currency=Currency("USDT"), available=Decimal(100), reserved=Decimal(usdt_reserved)
    )
    return AccountView(balances={usdt.currency: usdt}, fees={DOGE: FEES}, confirmed_at=0.0)


def a_top(bid: str = "0.1", ask: str = "0.2") -> TopOfBook:
    return TopOfBook(
        pair=DOGE,
        bids=(PriceLevel(Decimal(bid), Decimal(1)),),
        asks=(PriceLevel(Decimal(ask), Decimal(1)),),
        sequence=1,
        received_at=0.0,
    )


def ready(valid_until: float = float("inf"), strategy: StrategyName = MAKER) -> Readiness:
    return Readiness(strategy=strategy, pair=DOGE, standing={}, missing={}, valid_until=valid_until)


def a_snapshot(sequence: int = 10, pair: Pair = DOGE, **changes: Any) -> BookSnapshot:
    snapshot = BookSnapshot(
        pair=pair,
        bids=(("0.1", "5"), ("0.09", "7")),
        asks=(("0.2", "6"),),
        sequence=sequence,
        checksum=None,
        received_at=1.0,
    )
    return msgspec.structs.replace(snapshot, **changes)


def a_diff(sequence: int, pair: Pair = DOGE, **changes: Any) -> BookDiff:
    diff = BookDiff(pair=pair, bids=(), asks=(), sequence=sequence, checksum=None, received_at=2.0)
    return msgspec.structs.replace(diff, **changes)
