"""A strategy that wants everything it should not: what is left is what the limits let through."""

from decimal import Decimal
from random import Random

import attrs
from typing_extensions import override

from config.settings import Settings
from config.strategies.pure_market_making import PureMarketMakingSettings
from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.decisions.decision import Amend, Decision, Quote
from trading.strategies.interface import View

_SHARES = (Decimal("0.5"), Decimal(2))
_PRICES = ("near", "near", "far", "across", "off tick", "tiny")
_QUANTITIES = ("usual", "usual", "half a lot", "least", "huge", "a lot less")


@attrs.frozen
class Reckless:
    """Decides anew every second or so, and never twice alike; its state counts its decisions."""

    def begin(self, now: float) -> int:
        return int(now * 1000)

    def decide(self, view: View, state: int) -> tuple[Decision, int]:
        random = Random(state)
        own = [order.client_order_id for order in view.orders]
        cancels = tuple(name for name in own if random.random() < 0.5)
        quotes = tuple(_quote(view, random) for _ in range(random.randint(0, 6)))
        amends = tuple(
            Amend(
                order.client_order_id, order.quantity * random.choice((Decimal("0.5"), Decimal(2)))
            )
            for order in view.orders
            if order.client_order_id not in cancels and random.random() < 0.2
        )
        decision = Decision(
            cancels=cancels,
            places=quotes,
            amends=amends,
            wanted=quotes,
            look_again_at=view.now + random.uniform(0.2, 2.0),
        )
        return decision, state + 1


def _quote(view: View, random: Random) -> Quote:
    side, rules = random.choice(list(Side)), view.instrument
    away = rules.tick_size * random.randint(1, 40)
    best = view.top.best_bid if side is Side.BUY else view.top.best_ask
    price = {
        "near": best - away if side is Side.BUY else best + away,
        "far": best * Decimal("0.8" if side is Side.BUY else "1.25"),
        "across": view.top.best_ask + away if side is Side.BUY else view.top.best_bid - away,
        "off tick": best + rules.tick_size / 3,
        "tiny": rules.tick_size,
    }[random.choice(_PRICES)]
    if random.random() < 0.9:
        price = rules.price_away(side, price) or rules.tick_size
    quantity = {
        "usual": Decimal(40),
        "half a lot": Decimal(40) + rules.lot_size / 2,
        "least": rules.quantity_min,
        "huge": view.balances[rules.base].total * random.choice((1, 3, 1000)),
        "a lot less": max(rules.lot_size, rules.quantity_min - rules.lot_size),
    }[random.choice(_QUANTITIES)]
    assert price > ZERO
    return Quote(side=side, price=price, quantity=quantity, level=0)


@attrs.frozen(kw_only=True)
class RecklessSettings(PureMarketMakingSettings):
    """The settings of an honest strategy, its limits among them, for one that is not."""

    @override
    def strategy(self) -> Reckless:  # type: ignore[override]
        return Reckless()


def reckless(settings: Settings) -> Settings:
    """The same configuration with a reckless strategy in place of the first."""
    name, honest = next(iter(settings.strategies.items()))
    fields = {field.name: getattr(honest, field.name) for field in attrs.fields(type(honest))}
    return attrs.evolve(settings, strategies={name: RecklessSettings(**fields)})
