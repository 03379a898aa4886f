"""A pair's history: the sum of all its fills, over any number of sessions on one venue."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

import attrs
import msgspec

from trading.account.position import Position
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Currencies
from trading.core.market import Side
from trading.journal.stored import StoredFill
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
    earlier: Iterable[StoredFill],
    counted: Iterable[StoredFill],
    currencies: Mapping[Pair, Currencies],
    newest_price: Callable[[str, Pair], PriceSeen | None],
) -> list[PairHistory]:
    """
    The history of each pair that has fills to be counted, by venue; each fill is added as it comes.

    Args:
        earlier: All fills since the very beginning that were traded before those to be counted.
        counted: Those from the beginning of the time that was asked for.
        newest_price: The newest mid price of a venue's pair; the last fill's where that is newer.
    """
    sums: dict[tuple[str, Pair], _Sums] = {}

    def of(stored: StoredFill) -> _Sums:
        place = stored.venue, stored.fill.pair
        if place not in sums:
            sums[place] = _Sums(currencies.get(stored.fill.pair, _NAMELESS))
        return sums[place]

    for stored in earlier:
        of(stored).begin_after(stored.fill)
    for stored in counted:
        of(stored).count(stored.fill)
    return [
        each.history(venue, pair, newest_price(venue, pair))
        for (venue, pair), each in sums.items()
        if each.last is not None
    ]


@attrs.define
class _Sums:
    """
    What the fills of one pair on one venue add up to so far.

    Args:
        before: The position before the first that is counted.
        last: The latest traded of those that are counted, by the venue's clock.
    """

    names: Currencies
    before: Position = attrs.field(factory=Position)
    after: Position = attrs.field(factory=Position)
    trades: int = 0
    bought: Decimal = ZERO
    sold: Decimal = ZERO
    fees: dict[str, Decimal] = attrs.field(factory=dict)
    last: Fill | None = None

    def begin_after(self, fill: Fill) -> None:
        self.before = self.after = self.before.after(fill, self.names)

    def count(self, fill: Fill) -> None:
        self.after = self.after.after(fill, self.names)
        self.trades += 1
        if fill.side is Side.BUY:
            self.bought += fill.quantity
        else:
            self.sold += fill.quantity
        if fill.fee != ZERO:
            self.fees[fill.fee_currency] = self.fees.get(fill.fee_currency, ZERO) + fill.fee
        if self.last is None or fill.traded_at_ms > self.last.traded_at_ms:
            self.last = fill

    def history(self, venue: str, pair: Pair, seen: PriceSeen | None) -> PairHistory:
        before, after, last = self.before, self.after, self.last
        assert last is not None, "only a pair with a fill that is counted has a history"
        price = last.price
        if seen is not None and seen.at_ns >= last.traded_at_ms * 1_000_000:
            price = seen.price
        return PairHistory(
            venue=venue,
            pair=pair,
            base=self.names.base,
            quote=self.names.quote,
            trades=self.trades,
            bought=self.bought,
            sold=self.sold,
            fees=self.fees,
            inventory_change=after.quantity - before.quantity,
            position=after.quantity,
            average_cost=after.cost / after.quantity if after.quantity else None,
            realised_profit=after.realised_profit - before.realised_profit,
            price=price,
            unrealised_profit=after.unrealised_profit(price),
            profit_against_hold=after.profit(price) - before.profit(price),
            last_trade_at_ms=last.traded_at_ms,
        )
