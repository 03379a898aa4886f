"""A pair as a strategy would see it, as one value, from a running engine or an exchange."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from engine.wiring.wires import StrategyPorts, Wires
from trading.books.depth import without_own
from trading.core.fees import Fees
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Balance, MarketPrices, Side, TopOfBook
from trading.orders.order import Order
from trading.readiness.lease import Readiness
from trading.strategies.interface import Prices, ReferencePrice

Json = dict[str, Any]

DEPTH = 10


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """
    One pair at one moment, as if the engine had no order of its own.

    Args:
        now: Monotonic seconds of the process that took it; other times are on the same scale.
        unix_s: Seconds since the epoch.
        top: Without the engine's own orders; ``None`` where there is no book to trust.
        balances: The amounts reserved by the engine's own orders on this pair count as available.
        hindrances: Why the engine would send nothing now, apart from the strategy's decision.
    """

    pair: Pair
    now: float
    unix_s: float
    instrument: Instrument
    top: TopOfBook | None
    balances: dict[Currency, Balance]
    fees: Fees
    prices: Prices
    hindrances: tuple[str, ...] = ()

    def as_json(self) -> Json:
        """The JSON that goes through the operator's socket."""
        content: Json = msgspec.to_builtins(self)
        return content


def read_snapshot(content: object) -> Snapshot:
    """
    A snapshot from the operator's socket.

    Raises:
        ValueError: The text is not a snapshot.
    """
    return msgspec.convert(content, Snapshot, strict=False)


def snapshots_of_wires(wires: Wires, now: float, unix_s: float) -> Iterator[Snapshot]:
    """Every pair of a running engine of which enough is known; its wires are only read."""
    for name, port in wires.strategies.items():
        account, instrument = wires.account.peek(), port.instrument.peek()
        fees = None if account is None else account.fees.get(port.pair)
        if account is None or instrument is None or fees is None:
            continue
        working = port.working.peek()
        orders = () if working is None else working.orders
        yield Snapshot(
            pair=port.pair,
            now=now,
            unix_s=unix_s,
            instrument=instrument,
            top=_without(port.top.peek(), orders),
            balances=dict(_freed(account.balances, orders, instrument)),
            fees=fees,
            prices=_prices(port, wires, now),
            hindrances=tuple(_hindrances(name, port, wires, now)),
        )


def _without(top: TopOfBook | None, orders: tuple[Order, ...]) -> TopOfBook | None:
    if top is None:
        return None
    bids = without_own(top.bids, Side.BUY, orders)
    asks = without_own(top.asks, Side.SELL, orders)
    # Where all visible levels of a side are ours, those behind are not known.
    return msgspec.structs.replace(top, bids=bids or top.bids, asks=asks or top.asks)


def _freed(
    balances: Any, orders: tuple[Order, ...], instrument: Instrument
) -> Iterator[tuple[Currency, Balance]]:
    held = {instrument.base: Decimal(0), instrument.quote: Decimal(0)}
    for order in orders:
        if order.side is Side.BUY:
            held[instrument.quote] += order.price * order.remaining_quantity
        else:
            held[instrument.base] += order.remaining_quantity
    for currency, balance in balances.items():
        freed = min(balance.reserved, held.get(currency, Decimal(0)))
        yield (
            currency,
            attrs.evolve(
                balance, available=balance.available + freed, reserved=balance.reserved - freed
            ),
        )


def _prices(port: StrategyPorts, wires: Wires, now: float) -> Prices:
    trade = wires.last_trades[port.pair].peek()
    other, performance = port.other_market.peek(), port.performance.peek()
    seen = MarketPrices(best_bid=None, best_ask=None, last_trade=None)
    at = now
    if other is not None:
        seen, at = other.prices, other.at
    return Prices(
        last_trade=None if trade is None else ReferencePrice(trade.price, now),
        external_bid=_aged(seen.best_bid, at),
        external_ask=_aged(seen.best_ask, at),
        external_last_trade=_aged(seen.last_trade, at),
        custom=port.custom_price.peek(),
        inventory_cost=None if performance is None else performance.position.unit_cost,
    )


def _aged(price: Decimal | None, at: float) -> ReferencePrice | None:
    return None if price is None else ReferencePrice(price, at)


def _hindrances(name: StrategyName, port: StrategyPorts, wires: Wires, now: float) -> Iterator[str]:
    if halt := wires.halt.peek():
        yield f"halted: {halt}"
    if stopping := wires.stopping.peek():
        yield stopping
    readiness: Readiness | None = port.readiness.peek()
    if readiness is None or not readiness.holds_at(now):
        reasons = "nothing is known" if readiness is None else readiness.reasons
        yield f"strategy {name} is not ready: {reasons or 'its lease has lapsed'}"
