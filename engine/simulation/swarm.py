"""
The plan of a simulation, drawn from its seed: fault windows, calms, crash points.

Each seed has a mix of its own: most faults are switched off altogether, so that the others strike
together without disturbance now and then, with intensities of the seed's own.
"""

import enum
from collections.abc import Mapping, Sequence
from random import Random

import attrs

from engine.simulation.injections.base import FaultInjection
from engine.simulation.site import Conditions

_CALM_S = 190.0
"""Longer than half-open connections are noticed after, and two comparisons with the venue take."""


@attrs.frozen(kw_only=True)
class FaultWindow:
    """
    One fault injection at one time.

    Args:
        at_s: Simulated seconds since the beginning.
        fault: Its id in the catalogue.
        for_s: How long it lasts.
    """

    at_s: float
    fault: str
    for_s: float = 0.0


class CrashPoint(enum.Enum):
    """The actions at a step of the scheduler, just before its task goes on."""

    KILL = "kill"
    """The engine's process is killed."""
    CRASH = "crash"
    """The actor whose task it is crashes, if it is one's."""


@attrs.frozen(kw_only=True)
class Plan:
    """
    Everything that one seed decides beyond the chances of the moment.

    Args:
        length_s: Simulated seconds until the engine is stopped.
        episodes: In order of their beginning.
        calms: When all trouble ends for a while, from and to; in each the engine has to come back.
        overrides: Of the configuration, as for ``--set``.
        blows: What is struck at which steps of the scheduler.
    """

    length_s: float
    conditions: Conditions = Conditions()
    episodes: Sequence[FaultWindow] = ()
    calms: Sequence[tuple[float, float]] = ()
    overrides: Sequence[str] = ()
    blows: Mapping[int, CrashPoint] = attrs.field(factory=dict)


def draw(
    random: Random,
    length_s: float,
    catalogue: Sequence[FaultInjection],
    *,
    own_configuration: bool,
) -> Plan:
    """
    Draw a plan.

    Args:
        catalogue: What may happen.
        own_configuration: Whether the engine's settings are a user's own and stay unchanged.
    """
    conditions = Conditions(
        latency_s=random.choice((0.001, 0.01, 0.05, 0.2)),
        jitter_s=random.choice((0.0, 0.0, 0.01, 0.1)),
        commit_s=random.choice((0.001, 0.005, 0.05)),
    )
    chosen = [trouble for trouble in catalogue if random.random() < random.choice((0.1, 0.3, 0.6))]
    chosen = chosen or [random.choice(list(catalogue))]
    pause_s = random.choice((10.0, 30.0, 90.0))
    calms = _calms(random, length_s)
    episodes: list[FaultWindow] = []
    at_s = random.uniform(0.0, 60.0)
    while at_s < length_s:
        after = next((end for begin, end in calms if begin <= at_s < end), None)
        if after is not None:
            at_s = after
        trouble = random.choice(chosen)
        episodes.append(
            FaultWindow(at_s=at_s, fault=trouble.fault, for_s=random.uniform(*trouble.for_s))
        )
        at_s += random.expovariate(1 / pause_s)
    return Plan(
        length_s=length_s,
        conditions=conditions,
        episodes=tuple(episodes),
        calms=calms,
        overrides=() if own_configuration else _overrides(random),
    )


def _calms(random: Random, length_s: float) -> tuple[tuple[float, float], ...]:
    """None, where anything goes to the very end; else one now and then, and one at the end."""
    if random.random() < 0.25 or length_s < 3 * _CALM_S:  # noqa: PLR2004  # a quarter of all seeds
        return ()
    calms: list[tuple[float, float]] = []
    at_s = random.uniform(200.0, 900.0)
    while at_s + 2 * _CALM_S < length_s:
        calms.append((at_s, at_s + _CALM_S))
        at_s += _CALM_S + random.uniform(240.0, 1200.0)
    calms.append((length_s - _CALM_S, length_s))
    return tuple(calms)


def _overrides(random: Random) -> tuple[str, ...]:
    """Overrides of settings that describe circumstances, whatever the configuration."""
    return (
        f'venue.order_entry="{random.choice(("socket", "socket", "rest"))}"',
        f'engine.leftover_orders="{random.choice(("cancel", "adopt"))}"',
        f"simulator.rules.cancel_on_disconnect_delay_s={random.choice((0, 1, 86_400))}",
        f"strategies.doge.order_refresh_time={random.choice((5, 15, 30))}",
        "venue.rules_refresh_s=60",
        "venue.rules_age_max_s=180",
        f'simulator.maker_fee="{random.choice(("0 %", "0.02 %", "-0.01 %"))}"',
        *random.choice(((), (), _LARGE_ORDERS)),
        *random.choice(((), (), _NEAR_THE_MIDDLE)),
    )


_LARGE_ORDERS = (
    "strategies.doge.order_amount=2500",
    "simulator.balances.DOGE=1000000",
    "simulator.balances.USDT=1000000",
    "strategies.doge.limits.max_base_holding=2000000",
)
"""Orders that are filled bit by bit, and the money for them."""

_NEAR_THE_MIDDLE = ('strategies.doge.bid_spread="0.02 %"', 'strategies.doge.ask_spread="0.02 %"')
"""Orders that are filled soon, some before it is known that they are open."""
