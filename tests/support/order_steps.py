"""What may happen to an engine's orders, one step after the other."""

import contextlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

import attrs
import trio

from tests.support.order_trial import OrderTrial
from tests.support.simulated_venue import SimulatedVenue
from trading.core.errors import MalformedFrame, Outage, OutcomeUnknown, Rejected
from trading.core.market import Side
from trading.decisions.decision import Amend, Quote
from trading.orders.order import Order
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan

TICK = Decimal("0.00001")
MID_PRICE = Decimal("0.1")
LEAST = Decimal(6)
"""The least quantity that is worth the exchange's minimum anywhere near the mid price."""

_SLOW_S = 0.1
"""A few requests one behind the other still arrive before anybody may give them up."""

T = TypeVar("T")


class Step(Protocol):
    async def take(self, trial: OrderTrial) -> None: ...


@attrs.frozen
class Place:
    """The strategy decides on a few orders at once, one tick apart; some are one cancel's heirs."""

    side: Side
    ticks: int
    quantity: int
    count: int = 1
    replaces: bool = False

    async def take(self, trial: OrderTrial) -> None:
        old = [order.client_order_id for order in trial.rig.orders if order.side is self.side]
        away = -1 if self.side is Side.BUY else 1
        quotes = [
            Quote(
                side=self.side,
                price=MID_PRICE + away * (self.ticks + level) * TICK,
                quantity=Decimal(self.quantity),
                level=level,
            )
            for level in range(self.count)
        ]
        await trial.rig.instruct(*quotes, cancels=old if self.replaces else ())


@attrs.frozen
class CancelOne:
    which: int

    async def take(self, trial: OrderTrial) -> None:
        order = _one_of(trial.rig.orders, self.which)
        if order is not None:
            await trial.rig.instruct(cancels=[order.client_order_id])


@attrs.frozen
class AmendOne:
    """The strategy wants an order to be smaller, for as long as it has the choice."""

    which: int
    less: int

    async def take(self, trial: OrderTrial) -> None:
        amendable: list[Order] = [order for order in trial.rig.orders if order.amendable]
        order = _one_of(amendable, self.which)
        if order is not None and order.remaining_quantity - self.less >= LEAST:
            amend = Amend(order.client_order_id, order.quantity - self.less)
            await trial.rig.instruct(amends=[amend])


@attrs.frozen
class Trade:
    """A stranger takes some of what the exchange shows of us."""

    which: int
    quantity: int

    async def take(self, trial: OrderTrial) -> None:
        shown = _one_of(trial.site.open_orders(), self.which)
        if shown is None:
            return
        grid = trial.site.exchange.venue.listings[shown.pair].grid
        quantity = min(Decimal(self.quantity), grid.quantity(shown.remaining))
        if quantity < LEAST:
            return
        price = grid.price(shown.price)
        quote = Quote(side=shown.side, price=price, quantity=quantity, level=0)
        # The exchange's troubles are everybody's.
        with contextlib.suppress(Outage, Rejected, OutcomeUnknown, MalformedFrame):
            await trial.site.trade_against(quote)


@attrs.frozen
class CancelledElsewhere:
    """Somebody cancels our orders at the exchange, behind the engine's back."""

    async def take(self, trial: OrderTrial) -> None:
        with contextlib.suppress(Outage, Rejected, OutcomeUnknown, MalformedFrame):
            await trial.site.cancel_all()


@attrs.frozen
class Wait:
    seconds: float

    async def take(self, trial: OrderTrial) -> None:
        await trio.sleep(self.seconds)


@attrs.frozen
class Arm:
    """Something goes wrong at its next occasions."""

    fault: Fault
    times: int = 1

    async def take(self, trial: OrderTrial) -> None:
        trial.site.exchange.faults.arm(self.fault, self.times)


@attrs.frozen
class Weather:
    """From now on any of these may go wrong at any occasion."""

    faults: tuple[Fault, ...]
    probability: float

    async def take(self, trial: OrderTrial) -> None:
        chances = dict.fromkeys(self.faults, self.probability)
        trial.site.exchange.faults.plan = FaultPlan(probabilities=chances)


@attrs.frozen
class Cut:
    """The account's connection breaks."""

    async def take(self, trial: OrderTrial) -> None:
        await trial.site.socket_door.cut()


@attrs.frozen
class Trouble:
    """For a time a way to the exchange is closed, or what passes on it gets lost, or is slow."""

    kind: str
    socket: bool
    rest: bool
    seconds: float

    async def take(self, trial: OrderTrial) -> None:
        trial.nursery.start_soon(self._last, trial.site)

    async def _last(self, site: SimulatedVenue) -> None:
        doors = [site.socket_door] * self.socket + [site.rest_door] * self.rest
        for door in doors:
            setattr(door, self.kind, _SLOW_S if self.kind == "late_s" else True)
        await trio.sleep(self.seconds)
        for door in doors:
            setattr(door, self.kind, 0.0 if self.kind == "late_s" else False)


@attrs.frozen
class RestartGateway:
    """The gateway's life ends, and the next one begins."""

    recovers: bool = True

    async def take(self, trial: OrderTrial) -> None:
        await trial.restart_gateway()
        if self.recovers:
            await _recovery(trial)


@attrs.frozen
class Kill:
    """kill -9, and a new engine, which perhaps is given the time to find its feet."""

    pause_s: float = 0.0
    recovers: bool = True

    async def take(self, trial: OrderTrial) -> None:
        await trial.kill()
        await trio.sleep(self.pause_s)
        await trial.start()
        if self.recovers:
            await _recovery(trial)


async def _recovery(trial: OrderTrial) -> None:
    with trio.move_on_after(20):
        await trial.rig.reconciled()


def _one_of(things: Sequence[T], which: int) -> T | None:
    return things[which % len(things)] if things else None
