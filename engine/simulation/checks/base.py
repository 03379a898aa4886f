"""The base class of checks, with the moments at which they are called."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import trio

from engine.simulation.departures import Departure
from engine.simulation.process import Process
from engine.simulation.site import Site
from trading.venues.valr.simulator.accounts.orders import VenueOrder

LIFE_OVER = frozenset({"actor_ended", "actor_stopped"})
"""Log events at the end of an actor's life."""


class Check:
    """
    A check of one simulation; each method is called at its moment, and does nothing by default.

    Args:
        site: Both truths: the engine's and the venue's.
    """

    def __init__(self, site: Site) -> None:
        self.site = site

    def departed(self, departure: Departure) -> None:
        """An order was handed to the network."""

    def ordered(self, order: VenueOrder) -> None:
        """The venue has accepted an order, or has closed it."""

    def logged(self, entry: Mapping[str, Any]) -> None:
        """The engine has logged an event."""

    def second(self) -> None:
        """About a second has passed."""

    def calm(self) -> None:
        """All faults are over, and have been for long enough that nothing is under way."""

    def ended(self, process: Process) -> None:
        """An engine has ended."""

    def violated(self, invariant: str, what: str) -> None:
        self.site.violated(invariant, what)

    @property
    def now(self) -> float:
        return trio.current_time()


def at_moment(checks: Iterable[Check], moment: Callable[..., None]) -> list[Callable[..., None]]:
    """
    The methods of the checks for one moment.

    Args:
        moment: The method of ``Check``; those that leave it as it is have nothing to do then, and
            most moments come many times a second.
    """
    name = moment.__name__
    return [getattr(one, name) for one in checks if getattr(type(one), name) is not moment]
