"""The outcome of one simulation, as a value."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from engine.simulation.checks.coverage import Coverage
from engine.simulation.site import Site
from engine.simulation.trace import Fingerprints, Trace
from engine.simulation.violation import Violation
from trading.core.decimals import ZERO

_TIMELINE_LENGTH = 200


@attrs.frozen(kw_only=True)
class Outcome:
    """
    The outcome of one seed.

    Args:
        simulated_s: Seconds that passed in the simulation.
        wall_s: Seconds that it took.
        steps: Of the scheduler.
        orders: Let in by the venue.
        fills: Of them.
        processes: Engines that were started.
        faults: How often each really struck, by its id.
        profit: In quote currency of the first strategy's pair, at the last mid price.
        seen: By kind (transitions, refusals, verdicts), how often each was seen.
        timeline: The last events of each actor; only after a violation.
    """

    seed: int
    simulated_s: float
    wall_s: float
    steps: int
    orders: int
    fills: int
    processes: int
    faults: Mapping[str, int]
    profit: Decimal
    seen: Mapping[str, Mapping[str, int]]
    fingerprints: Fingerprints
    violation: Violation | None
    timeline: Sequence[Mapping[str, Any]] = ()

    @property
    def speed(self) -> float:
        """Simulated seconds per second."""
        return self.simulated_s / self.wall_s if self.wall_s else 0.0


def outcome_of(site: Site, seed: int, trace: Trace, coverage: Coverage, wall_s: float) -> Outcome:
    """Sum up a finished simulation."""
    orders = site.every_order()
    fills = site.exchange.venue.orders.fills_of(site.account.api_key)
    return Outcome(
        seed=seed,
        simulated_s=site.ended_at,
        wall_s=wall_s,
        steps=trace.step,
        orders=len(orders),
        fills=sum(site.owns(fill.order) for fill in fills),
        processes=len(site.processes),
        faults=dict(sorted(site.struck.items())),
        profit=_profit(site),
        seen={
            "transitions": dict(coverage.transitions),
            "refusals": dict(coverage.refusals),
            "verdicts": dict(coverage.verdicts),
        },
        fingerprints=trace.fingerprints(),
        violation=site.violation,
        timeline=trace.timeline(_TIMELINE_LENGTH) if site.violation is not None else (),
    )


def _profit(site: Site) -> Decimal:
    strategy = next(iter(site.settings.strategies.values()))
    listing = site.exchange.venue.listings[strategy.pair]
    price = listing.grid.price(listing.mark)
    account = site.exchange.venue.accounts[site.account.api_key]
    rules, began_with = listing.rules, site.account.balances
    base = account.balance(rules.base).total - began_with.get(rules.base, ZERO)
    quote = account.balance(rules.quote).total - began_with.get(rules.quote, ZERO)
    return base * price + quote
