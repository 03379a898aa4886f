"""What can be set about the orders of a set: of which pair, how many, how far away, how large."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated

import attrs
from typing_extensions import override

from config.rules.rules import Choice, Flag, Name, Number, Whole, percent, percent_text
from config.sections.simulator import Positive
from config.source.problems import Refused
from config.strategies.base import amount_complaint
from config.strategies.order_set import OrderSetSettings, SpreadAboveZero
from config.strategies.rules import Listed
from trading.core.decimals import ONE, ZERO, decimal_text
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.strategies.pure_market_making.features import OwnLevel
from trading.strategies.pure_market_making.parameters import levels_of

Spreads = Annotated[tuple[Decimal, ...], Listed(percent(above=0, below=100))]
Amounts = Annotated[tuple[Decimal, ...], Listed(Number(above=ZERO))]


@attrs.frozen(kw_only=True)
class OverrideSettings:
    """
    One order that is shown instead of levels.

    Args:
        side: Whether it buys or sells.
        spread: Distance from the reference price, as a fraction.
        amount: In base currency.
    """

    side: Annotated[Side, Choice(Side)]
    spread: SpreadAboveZero
    amount: Positive

    @property
    def level(self) -> OwnLevel:
        return OwnLevel(side=self.side, spread=self.spread, amount=self.amount)


@attrs.frozen(kw_only=True)
class LevelSettings(OrderSetSettings):
    """
    Fractions where the keys have percentages; amounts in base currency.

    Args:
        bid_spread, ask_spread: Distance of the first order from the reference price.
        minimum_spread: An order that the reference price came closer to is cancelled at
            once.
        order_levels: Orders on each side.
        order_level_spread: What each further level adds to the spread.
        order_level_amount: What each further level adds to the quantity; may be negative.
        order_override: Orders to show instead of levels, each a table of a name of your own.
        split_order_levels_enabled: Use the four lists instead of levels.
        bid_order_level_spreads, ask_order_level_spreads: Of each order of that side.
        bid_order_level_amounts, ask_order_level_amounts: Of each order of that side, in
            base currency.
    """

    bid_spread: SpreadAboveZero
    ask_spread: SpreadAboveZero
    minimum_spread: Annotated[Decimal, percent(at_least=-100, below=100)] | None = None
    order_levels: Annotated[int, Whole(at_least=1, at_most=50)] = 1
    order_level_spread: SpreadAboveZero = Decimal("0.01")
    order_level_amount: Annotated[Decimal, Number()] = ZERO
    order_override: Mapping[Annotated[str, Name()], OverrideSettings] = attrs.field(factory=dict)
    split_order_levels_enabled: Annotated[bool, Flag()] = False
    bid_order_level_spreads: Spreads = ()
    bid_order_level_amounts: Amounts = ()
    ask_order_level_spreads: Spreads = ()
    ask_order_level_amounts: Amounts = ()

    @property
    def override_levels(self) -> tuple[OwnLevel, ...]:
        return tuple(override.level for override in self.order_override.values())

    @property
    def split_levels(self) -> tuple[OwnLevel, ...]:
        """From the four lists, bids first; none while they are not enabled."""
        if not self.split_order_levels_enabled:
            return ()
        lists = (
            (Side.BUY, self.bid_order_level_spreads, self.bid_order_level_amounts),
            (Side.SELL, self.ask_order_level_spreads, self.ask_order_level_amounts),
        )
        return tuple(
            OwnLevel(side=side, spread=spread, amount=amount)
            for side, spreads, amounts in lists
            for spread, amount in zip(spreads, amounts, strict=False)
        )

    @property
    def own_levels(self) -> tuple[OwnLevel, ...]:
        """The orders that are shown instead of levels."""
        return self.override_levels or self.split_levels

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """Of each order of the side that has more of it, nearest to the market first."""
        if self.own_levels:
            sides = [
                tuple(level.amount for level in levels_of(self.own_levels, side)) for side in Side
            ]
            return max(sides, key=lambda amounts: (len(amounts), sum(amounts)))
        return tuple(
            self.order_amount + level * self.order_level_amount
            for level in range(self.order_levels)
        )

    def contradicting_levels(self) -> Iterator[Refused]:
        """Everything in which these settings contradict each other."""
        if not self.own_levels:
            yield from self._contradicting_even_levels()
        for side in ("bid", "ask"):
            spreads, amounts = f"{side}_order_level_spreads", f"{side}_order_level_amounts"
            counts = len(getattr(self, spreads)), len(getattr(self, amounts))
            if self.split_order_levels_enabled and counts[0] != counts[1]:
                yield Refused(
                    f"has {counts[1]} amounts for the {counts[0]} of {spreads}",
                    "give as many amounts as spreads",
                    key=(amounts,),
                )
        if self.split_order_levels_enabled and not self.split_levels:
            yield Refused(
                "is true, but there are no levels in the lists",
                "give bid_order_level_spreads and the three lists like it, or set it to false",
                key=("split_order_levels_enabled",),
            )
        if self.split_levels and self.order_override:
            yield Refused(
                "and split_order_levels_enabled exclude each other",
                "use one of the two",
                key=("order_override",),
            )

    def _contradicting_even_levels(self) -> Iterator[Refused]:
        last_spread = self.bid_spread + (self.order_levels - 1) * self.order_level_spread
        if last_spread >= ONE:
            yield Refused(
                f"puts the last bid {percent_text(last_spread)} below the mid price",
                "use fewer levels or a smaller order_level_spread",
                key=("order_level_spread",),
            )
        if self.amounts[-1] <= ZERO:
            yield Refused(
                f"leaves the last level {decimal_text(self.amounts[-1])}",
                "use fewer levels or shrink the amounts more slowly",
                key=("order_level_amount",),
            )

    def contradicting_minimum_spread(self, minimum: Decimal) -> Iterator[Refused]:
        nearest = min(
            (level.spread for level in self.own_levels),
            default=min(self.bid_spread, self.ask_spread),
        )
        if minimum >= nearest:
            yield Refused(
                f"of {percent_text(minimum)} is not below the spread of "
                f"{percent_text(nearest)}: every order would be cancelled at once",
                "keep it below bid_spread and ask_spread, or leave it out",
                key=("minimum_spread",),
            )
        if minimum < ZERO:
            yield Refused(
                f"{percent_text(minimum)} is not at least 0 %",
                "give a number at least 0 %, or leave it out",
                key=("minimum_spread",),
            )

    @override
    def misfits(self, instrument: Instrument) -> Iterator[Refused]:
        if self.own_levels:
            yield from self._own_misfits(instrument)
            return
        first = amount_complaint(self.order_amount, instrument)
        if first is not None:
            yield Refused(first.message, first.cure, key=("order_amount",))
            return
        for level, amount in enumerate(self.amounts):
            later = amount_complaint(amount, instrument)
            if later is not None:
                message = f"makes level {level + 1} {decimal_text(amount)}: {later.message}"
                yield Refused(message, later.cure, key=("order_level_amount",))
                return

    def _own_misfits(self, instrument: Instrument) -> Iterator[Refused]:
        for name, override_ in self.order_override.items():
            refused = amount_complaint(override_.amount, instrument)
            if refused is not None:
                key = ("order_override", name, "amount")
                yield Refused(refused.message, refused.cure, key=key)
        for name in ("bid_order_level_amounts", "ask_order_level_amounts"):
            amounts: tuple[Decimal, ...] = getattr(self, name) if self.split_levels else ()
            complaints = (amount_complaint(amount, instrument) for amount in amounts)
            refused = next((found for found in complaints if found is not None), None)
            if refused is not None:
                yield Refused(refused.message, refused.cure, key=(name,))
