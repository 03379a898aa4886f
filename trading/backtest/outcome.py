"""What became of a backtest, as values that a report reads."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.core.identifiers import ClientOrderId, Currency, Pair, StrategyName
from trading.core.market import Side
from trading.journal.performance import Performance


class BacktestOrder(msgspec.Struct, frozen=True, kw_only=True):
    """
    An order and what became of it. Times are nanoseconds since the epoch.

    Args:
        level: Which of its strategy's levels it is; ``None`` where that is not known.
        placed_ns: When the strategy decided on it.
        arrived_ns: When it was at the exchange; ``None`` if it never was.
        ended_ns: When it ended there; ``None`` if it was still open at the end.
        end: Its last status in the words of ``OrderStatus``.
        reason: Of a refusal or cancel, where there is one.
        mid_price: What its decision took for the price, in quote currency; ``None`` if unknown.
        cancel_sent_ns: When it was first asked to be cancelled; ``None`` if it never was.
        filled_at_cancel: How much of it was known to be filled by then, in base currency.
        ahead: What rested before it when it came, in base currency, as its queue model has it;
            ``None`` where it never rested.
        best_ahead: The least that ever was, which is what was left at its end.
    """

    client_order_id: ClientOrderId
    strategy: StrategyName
    pair: Pair
    side: Side
    level: int | None
    price: Decimal
    quantity: Decimal
    filled_quantity: Decimal
    placed_ns: int
    arrived_ns: int | None
    ended_ns: int | None
    end: str
    reason: str
    mid_price: Decimal | None
    cancel_sent_ns: int | None
    filled_at_cancel: Decimal | None
    ahead: Decimal | None
    best_ahead: Decimal | None


class BacktestFill(msgspec.Struct, frozen=True, kw_only=True):
    """
    A fill, as the exchange made it.

    Args:
        at_ns: Nanoseconds since the epoch, by the exchange.
        fee: Below zero for a reward.
    """

    at_ns: int
    client_order_id: ClientOrderId
    strategy: StrategyName
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    maker: bool
    fee: Decimal
    fee_currency: str
    trade_id: str


class BalanceAt(msgspec.Struct, frozen=True, kw_only=True):
    """A balance from a moment on, as the exchange has it; ``at_ns`` is since the epoch."""

    at_ns: int
    currency: Currency
    available: Decimal
    reserved: Decimal


class GateShut(msgspec.Struct, frozen=True, kw_only=True):
    """A gate that was shut for a time; ``None`` as a side is both. Nanoseconds since the epoch."""

    code: str
    side: Side | None
    from_ns: int
    to_ns: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that a backtest says.

    Args:
        began_ns: Nanoseconds since the epoch.
        ended_ns: Where the recording ended, or was left.
        orders: In the order in which they were decided on.
        fills: In the order in which they happened.
        balances: Each change, in order, those at the beginning first.
        decisions: How often each strategy looked and decided.
        instructions: How often that was to place, cancel or amend something.
        gates: When which gates were shut, by strategy.
        performance: As the ledger sums it up.
        halted: Why nothing was quoted any more before the end; empty if nothing broke.
        queue: The queue model.
        through: What a trade through an order's price fills.
        latency: Of orders.
    """

    began_ns: int
    ended_ns: int
    orders: tuple[BacktestOrder, ...]
    fills: tuple[BacktestFill, ...]
    balances: tuple[BalanceAt, ...]
    decisions: Mapping[StrategyName, int]
    instructions: Mapping[StrategyName, int]
    gates: Mapping[StrategyName, tuple[GateShut, ...]]
    performance: Mapping[StrategyName, Performance]
    halted: str
    queue: str
    through: str
    latency: str
