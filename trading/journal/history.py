"""A pair's history: the sum of all its fills, over any number of sessions on one venue."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from trading.account.position import Position
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Currencies
from trading.core.market import Side
from trading.journal.reading import StoredFill
from trading.orders.order import Fill

_NAMELESS = Currencies(base=Currency(""), quote=Currency(""))


class PriceSeen(msgspec.Struct, frozen=True):
    """A pair's price and when it was seen (wall ns)."""

    price: Decimal
    at_ns: int


class PairHistory(msgspec.Struct, frozen=True, kw_only=True):
    """
    One pair on one venue.

    Profit and average cost follow from all fills there; what is counted, and what is compared with
    holding, are the fills since the beginning of the time that was asked for.

    Args:
        base: Empty where it is not known.
        fees: Paid, by currency; negative is a rebate.
        inventory_change: In base currency, after fees in it.
        position: All that was bought less all that was sold, in base currency.
        average_cost: Of the position, in quote currency; ``None`` without one.
        realised_profit: In quote currency.
        price: The newest that is known.
        unrealised_profit: Of the position, at ``price``.
        profit_against_hold: What trading made over having kept the inventory as it was, at
            ``price``, in quote currency.
        last_trade_at_ms: The venue's wall clock.
    """

    venue: str
    pair: Pair
    base: Currency
    quote: Currency
    trades: int
    bought: Decimal
    sold: Decimal
    fees: Mapping[str, Decimal]
    inventory_change: Decimal
    position: Decimal
    average_cost: Decimal | None
    realised_profit: Decimal
    price: Decimal
    unrealised_profit: Decimal
    profit_against_hold: Decimal
    last_trade_at_ms: int


def pair_histories(
    fills: Iterable[StoredFill],
    currencies: Mapping[Pair, Currencies],
    prices: Mapping[tuple[str, Pair], PriceSeen],
    since_ms: int = 0,
) -> list[PairHistory]:
    """
    The history of each pair that was traded since a moment, by venue.

    Args:
        fills: All there are, since the very beginning.
        prices: Newest mid prices by venue and pair; the last fill's where that is newer.
        since_ms: By the venue's wall clock.
    """
    grouped: dict[tuple[str, Pair], list[Fill]] = {}
    for stored in fills:
        grouped.setdefault((stored.venue, stored.fill.pair), []).append(stored.fill)
    return [
        _history(venue, ours, currencies.get(pair, _NAMELESS), prices.get((venue, pair)), since_ms)
        for (venue, pair), ours in grouped.items()
        if any(fill.traded_at_ms >= since_ms for fill in ours)
    ]


def _history(
    venue: str,
    fills: list[Fill],
    names: Currencies,
    seen: PriceSeen | None,
    since_ms: int,
) -> PairHistory:
    before = _position((fill for fill in fills if fill.traded_at_ms < since_ms), Position(), names)
    counted = [fill for fill in fills if fill.traded_at_ms >= since_ms]
    after = _position(counted, before, names)
    last = max(counted, key=lambda fill: fill.traded_at_ms)
    price = last.price
    if seen is not None and seen.at_ns >= last.traded_at_ms * 1_000_000:
        price = seen.price
    fees: dict[str, Decimal] = {}
    for fill in counted:
        if fill.fee != ZERO:
            fees[fill.fee_currency] = fees.get(fill.fee_currency, ZERO) + fill.fee
    return PairHistory(
        venue=venue,
        pair=last.pair,
        base=names.base,
        quote=names.quote,
        trades=len(counted),
        bought=sum((fill.quantity for fill in counted if fill.side is Side.BUY), ZERO),
        sold=sum((fill.quantity for fill in counted if fill.side is Side.SELL), ZERO),
        fees=fees,
        inventory_change=after.quantity - before.quantity,
        position=after.quantity,
        average_cost=after.cost / after.quantity if after.quantity else None,
        realised_profit=after.realised_profit - before.realised_profit,
        price=price,
        unrealised_profit=after.unrealised_profit(price),
        profit_against_hold=after.profit(price) - before.profit(price),
        last_trade_at_ms=last.traded_at_ms,
    )


def _position(fills: Iterable[Fill], begin_with: Position, names: Currencies) -> Position:
    position = begin_with
    for fill in fills:
        position = position.after(fill, names)
    return position
