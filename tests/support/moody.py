"""A kind of strategy of another package, which does what no strategy may."""

import enum
import sys
from decimal import Decimal
from typing import Annotated, Any

import attrs
from typing_extensions import override

from config.rules.rules import Choice, Seconds
from config.sections.limits import Quoting
from config.strategies.base import StrategySettings
from config.strategies.kinds import Maker, Registration, StrategyKinds, built_in
from trading.core.identifiers import ClientOrderId
from trading.core.market import Side
from trading.decisions.decision import Decision, Quote
from trading.strategies.interface import View

MOODY = Maker("moody-quotes", "0.1")


class Mood(enum.Enum):
    RAISES = "raises"
    ANSWERS_NONSENSE = "answers nonsense"
    USES_FLOATS = "uses floats"
    CANCELS_FOR_OTHERS = "cancels for others"
    CALLS_FOR_THE_END = "calls for the end"


@attrs.frozen(kw_only=True)
class Moody:
    """Shows one bid far from the market; some time into each life it does its worst."""

    quantity: Decimal
    mood: Mood
    worst_after: float

    def begin(self, now: float) -> float:
        return now + self.worst_after

    def decide(self, view: View, state: float) -> tuple[Any, float]:
        if view.now >= state:
            return self._worst(view), state
        bid = view.instrument.price_down(view.top.best_bid * Decimal("0.98"))
        quote = Quote(side=Side.BUY, price=bid, quantity=self.quantity, level=0)
        places = () if view.orders else (quote,)
        return Decision(places=places, wanted=(quote,), look_again_at=state), state

    def _worst(self, view: View) -> Any:
        match self.mood:
            case Mood.RAISES:
                raise ZeroDivisionError("a strategy of somebody else's")
            case Mood.ANSWERS_NONSENSE:
                return "buy low, sell high"
            case Mood.USES_FLOATS:
                price: Any = 0.1
                return Decision(
                    places=(Quote(side=Side.BUY, price=price, quantity=self.quantity, level=0),)
                )
            case Mood.CALLS_FOR_THE_END:
                sys.exit(0)
            case Mood.CANCELS_FOR_OTHERS:
                return Decision(cancels=(ClientOrderId("qw-paper-doge-1-1"),))


@attrs.frozen(kw_only=True)
class MoodySettings(StrategySettings):
    mood: Annotated[Mood, Choice(Mood)]
    worst_after: Annotated[float, Seconds()] = 25.0

    @property
    @override
    def quoting(self) -> Quoting:
        return Quoting(
            amounts=(self.order_amount,),
            farthest_spread=Decimal("0.03"),
            refresh_s=self.order_refresh_time,
        )

    @override
    def strategy(self) -> Moody:
        return Moody(quantity=self.order_amount, mood=self.mood, worst_after=self.worst_after)


def registered(settings: object, name: str = "moody") -> Registration:
    return Registration(name=name, maker=MOODY, target="moody:Settings", load=lambda: settings)


WITH_MOODY = StrategyKinds((*built_in().registrations, registered(MoodySettings)))
