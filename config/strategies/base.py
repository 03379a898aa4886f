"""
What the settings of every strategy have in common: the class that a new kind of strategy extends.

``docs/writing-a-strategy.md`` shows how.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import attrs

from config.rules.rules import Span, Text
from config.sections.limits import Quoting, RiskLimitSettings
from config.sections.simulator import PairName, Positive
from config.source.problems import Refused
from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import Pair
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.decisions.decision import Quote
from trading.risk.limits import RiskLimits
from trading.strategies.interface import Strategy


@attrs.frozen(kw_only=True)
class StrategySettings:
    """
    One strategy's table in the configuration.

    A subclass adds its own fields, each with a rule of ``config.strategies``, and says what they
    come to: ``quoting`` and ``strategy``.

    Args:
        kind: The name under which the class is registered.
        pair: What is traded; each strategy has a pair of its own.
        order_amount: Quantity of the first order of a side, in base currency.
        order_refresh_time: How long a set of orders stands before it is replaced; limits
            follow from it.
        limits: What every order is held against, whatever the strategy decides.
    """

    stand_ins: ClassVar[Mapping[str, object]] = {}
    """For required keys of the subclass that are broken, so that the others are still checked."""

    needs_restart: ClassVar[frozenset[str]] = frozenset({"kind", "pair"})
    """Keys that cannot change while the engine runs."""

    kind: Annotated[str, Text()]
    pair: PairName
    order_amount: Positive
    order_refresh_time: Span
    limits: RiskLimitSettings = attrs.field(factory=RiskLimitSettings)

    @property
    def quoting(self) -> Quoting:
        """What the strategy does at most, for its limits."""
        raise NotImplementedError

    def strategy(self) -> Strategy[Any]:
        """
        The strategy that these settings describe.

        Raises:
            ValueError: They contradict each other.
        """
        raise NotImplementedError

    @property
    def risk_limits(self) -> RiskLimits:
        """What every order of this strategy is held against."""
        return self.limits.limits(self.quoting)

    @property
    def other_pairs(self) -> Mapping[str, Pair]:
        """Pairs that are looked at but not traded, by the key that names them."""
        return {}

    def target_quotes(self, price: Decimal) -> tuple[Quote, ...]:
        """The orders of a whole set at a mid price, roughly: what an account has to pay for."""
        return tuple(
            Quote(side=side, price=price, quantity=amount, level=level)
            for side in Side
            for level, amount in enumerate(self.quoting.amounts)
        )

    def contradictions(self) -> Iterator[Refused]:
        """Everything in which these settings contradict each other; a subclass adds to it."""
        try:
            self.strategy()
        except ValueError as error:
            yield Refused(f"do not fit together: {error}", "change one of them", key=())
        yield from self.limits.hindrances(self.quoting)

    def misfits(self, instrument: Instrument) -> Iterator[Refused]:
        """Everything in which these settings do not fit a pair's trading rules."""
        refused = amount_complaint(self.order_amount, instrument)
        if refused is not None:
            yield Refused(refused.message, refused.cure, key=("order_amount",))


def amount_complaint(amount: Decimal, instrument: Instrument) -> Refused | None:
    """Why no order of this quantity would be taken; ``None`` where it would."""
    pair, base = instrument.pair, instrument.base
    if amount < instrument.quantity_min:
        least = f"{decimal_text(instrument.quantity_min)} {base}"
        return Refused(
            f"{decimal_text(amount)} {base} is below {pair}'s minimum of {least}",
            f"give at least {least}",
        )
    if amount > instrument.quantity_max:
        most = f"{decimal_text(instrument.quantity_max)} {base}"
        return Refused(
            f"{decimal_text(amount)} {base} is above {pair}'s maximum of {most}",
            f"give at most {most}",
        )
    if amount % instrument.lot_size != ZERO:
        lot = decimal_text(instrument.lot_size)
        lower = instrument.quantity_down(amount)
        return Refused(
            f"{decimal_text(amount)} {base} is not a multiple of {pair}'s lot of {lot} {base}",
            f"give {decimal_text(lower)} or {decimal_text(lower + instrument.lot_size)}",
        )
    return None
