"""Checks that an engine that ends as hopeless had a reason to: I17."""

from collections.abc import Callable, Mapping
from typing import Any

from typing_extensions import override

from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.simulation.checks.base import Check
from engine.simulation.process import Ended, Process
from engine.simulation.site import Site
from engine.system.running import NEVER_REACHED
from trading.core.errors import FatalReason
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.faults.events import VenueEvent

_REMEMBERED_S = 120.0
"""From a reason to the end because of it: to be asked again, and to stop in good order."""

_REASONS: Mapping[FatalReason, tuple[Fault | VenueEvent, ...]] = {
    FatalReason.KEY_OR_PERMISSION: (Fault.BAD_SIGNATURE, Fault.UPGRADE_FORBIDDEN),
}
"""The events at the venue that allow an engine to end for good."""


class FatalEnds(Check):
    """
    I17. An engine ends for good only for a reason that it was given.

    Its key is hopeless only if the venue has just refused it, its ledger if the disk has failed;
    the venue was never reached only if something stood in the way. For other reasons nothing is
    done here: no configuration is wrong, no other engine runs, and all actors can stop.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._counts: dict[FatalReason, int] = {}
        self._given_at: dict[FatalReason, float] = {}
        self._sources: Mapping[FatalReason, Callable[[], int]] = {
            FatalReason.LEDGER: lambda: site.ledgers.refused,
            FatalReason.DISK: lambda: site.ledgers.refused,
            **{reason: self._counter(reason) for reason in _REASONS},
        }

    def _counter(self, reason: FatalReason) -> Callable[[], int]:
        names = [fault.value for fault in _REASONS[reason]]
        untimely = reason is FatalReason.KEY_OR_PERMISSION

        def count() -> int:
            exchange = self.site.exchange
            struck = sum(exchange.faults.counts.get(name, 0) for name in names)
            # With a window for timestamps a wrong clock is answered like a wrong key.
            return struck + (exchange.untimely if untimely else 0)

        return count

    @override
    def second(self) -> None:
        for reason, source in self._sources.items():
            if (count := source()) > self._counts.get(reason, 0):
                self._counts[reason], self._given_at[reason] = count, self.now

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        # Nothing comes after that: the process is as good as killed.
        if entry["event"] == "process_forced_to_end":
            self.violated("I17", f"an actor did not stop: exit code {entry['exit_code']}")

    @override
    def ended(self, process: Process) -> None:
        self.second()
        assert process.ended is not None
        reasons = _reasons_of(process.ended)
        given_at = max(
            (self._given_at.get(reason, float("-inf")) for reason in reasons),
            default=float("inf"),
        )
        if max(process.started_at, self.now - _REMEMBERED_S) > given_at:
            words = " or ".join(sorted(reason.value for reason in reasons))
            self.violated("I17", f"{words}, it says, without a cause: {_words(process.ended)}")
        if self._gave_up_in_peace(process, process.ended):
            self.violated("I17", f"nothing stood in its way, and it says: {_words(process.ended)}")

    def _gave_up_in_peace(self, process: Process, ended: Ended) -> bool:
        quiet_since = self.site.quiet_since
        in_peace = quiet_since is not None and quiet_since <= process.started_at
        return in_peace and ended.summary is not None and ended.summary.ended_by == NEVER_REACHED


def _reasons_of(ended: Ended) -> frozenset[FatalReason]:
    """The reasons that an end may have; several have the same exit code."""
    if ended.fatal is not None:
        return frozenset({ended.fatal.reason})
    if ended.summary is None:
        return frozenset()
    code = ended.summary.exit_code
    shared = (ExitCode.FAILURE, ExitCode.VENUE_UNAVAILABLE)  # not for fatal reasons alone
    return frozenset(
        reason for reason, its in EXIT_CODES.items() if its is code and code not in shared
    )


def _words(ended: Ended) -> str:
    return str(ended.fatal) if ended.summary is None else ended.summary.ended_by
