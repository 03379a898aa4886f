"""Pairs of orders, and the halves of them that stay behind."""

from collections.abc import Collection, Iterator, Sequence

import attrs

from trading.core.market import Side
from trading.strategies.pure_market_making.compat.tracked import TrackedOrder


@attrs.define(kw_only=True)
class CreatedPair:
    """A bid and an ask that were created together."""

    buy: TrackedOrder | None = None
    sell: TrackedOrder | None = None
    buy_filled: bool = False
    sell_filled: bool = False

    def unfilled_half(self) -> TrackedOrder | None:
        """What is left of a pair of which exactly one half was filled."""
        if self.buy_filled == self.sell_filled:
            return None
        return self.sell if self.buy_filled else self.buy


@attrs.define
class HangingOrderTracker:
    """
    Which orders hang.

    Args:
        pairs: Of the current set, and of sets before it that were never refreshed (Q13).
        registered: Those that are to hang, by number.
        hanging: Those that do: of two alike only one (Q14).
        leaving: Numbers of registered orders of which a cancel was asked for.
        renewing: Numbers of hanging orders that come back once their cancel is confirmed.
    """

    pairs: list[CreatedPair] = attrs.field(factory=list)
    registered: dict[int, TrackedOrder] = attrs.field(factory=dict)
    hanging: dict[int, TrackedOrder] = attrs.field(factory=dict)
    leaving: set[int] = attrs.field(factory=set)
    renewing: set[int] = attrs.field(factory=set)

    def copy(self) -> "HangingOrderTracker":
        return HangingOrderTracker(
            [attrs.evolve(pair) for pair in self.pairs],
            dict(self.registered),
            dict(self.hanging),
            set(self.leaving),
            set(self.renewing),
        )

    def holds(self, number: int) -> bool:
        """Whether the order hangs."""
        return number in self.hanging

    def adopt(self, order: TrackedOrder) -> None:
        """Have the order hang, unless one like it does."""
        self.registered[order.number] = order
        if all(order.identity != other.identity for other in self.hanging.values()):
            self.hanging[order.number] = order

    def pair(self, orders: Sequence[TrackedOrder]) -> None:
        """
        Remember which of the orders just created belong together.

        Asks are put into pairs by their place in the list, which are the wrong pairs while old
        ones are still in it (Q13).
        """
        buys = [order for order in orders if order.side is Side.BUY]
        sells = [order for order in orders if order.side is Side.SELL]
        count = min(len(buys), len(sells))
        self.pairs += [CreatedPair(buy=buy) for buy in buys[:count]]
        for pair, sell in zip(self.pairs, sells[:count], strict=False):
            pair.sell = sell

    def candidates(self, active: Collection[int]) -> Iterator[TrackedOrder]:
        """What would hang if the set were refreshed now."""
        for pair in self.pairs:
            half = pair.unfilled_half()
            if half is not None and half.number in active:
                yield half

    def promote(self, active: Collection[int]) -> None:
        """A refresh: what may hang does from now on."""
        for order in list(self.candidates(active)):
            self.registered[order.number] = order
        self.pairs.clear()
        for order in list(self.registered.values()):
            self.adopt(order)

    def completed(self, number: int) -> None:
        for pair in self.pairs:
            if pair.buy is not None and pair.buy.number == number:
                pair.buy_filled = True
            elif pair.sell is not None and pair.sell.number == number:
                pair.sell_filled = True
        self._forget(number)

    def cancelled(self, number: int) -> TrackedOrder | None:
        """The order that is to be created once more, if it was cancelled for that."""
        order = self.hanging.get(number)
        self._forget(number)
        if number in self.renewing:
            self.renewing.discard(number)
            return order
        return None

    def _forget(self, number: int) -> None:
        self.registered.pop(number, None)
        self.hanging.pop(number, None)
        self.leaving.discard(number)
