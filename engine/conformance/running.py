"""Makes the checks of a level, one after the other; a check that breaks is its own defect alone."""

import contextlib
from collections.abc import Callable, Sequence

import attrs
import trio

from engine.conformance.holding import hold
from engine.conformance.lab import Lab
from engine.conformance.probe import Probe
from trading.core.errors import Fatal, MalformedFrame, Outage, OutcomeUnknown, RateLimited, Rejected
from trading.venues.valr.conformance.check import (
    Facts,
    Level,
    NotSeen,
    NotTried,
    Result,
    Verdict,
    judged,
)

Tell = Callable[[Result], None]

_TROUBLES = (Outage, OutcomeUnknown, RateLimited, Rejected, MalformedFrame, Fatal)
"""What the venue and the network do, and no check has a fault for."""
_LONGEST_S = 60.0
"""For one check, beside the time for which sockets are held."""


@attrs.frozen(kw_only=True)
class Choice:
    """
    Which checks are to be made.

    Args:
        only: Their ids; empty for all of the level.
        slow: Those too that take longer than a minute.
        fill: Those too that trade.
    """

    level: Level
    only: frozenset[str] = frozenset()
    slow: bool = False
    fill: bool = False

    def why_not(self, probe: Probe) -> str | None:
        """Why a check of the level is not tried; ``None`` where it is."""
        check = probe.check
        if self.only and check.id not in self.only:
            return "not among --only"
        if check.slow and not self.slow:
            return "it is slow: --slow tries it"
        if check.fills and not self.fill:
            return "it trades: --fill tries it"
        return None

    def of_level(self, probes: Sequence[Probe]) -> Sequence[Probe]:
        return [probe for probe in probes if probe.check.level.rank <= self.level.rank]


async def make(lab: Lab, probes: Sequence[Probe], choice: Choice, tell: Tell) -> list[Result]:
    """
    Make checks.

    Args:
        tell: Called with each result as soon as it is there.
    """
    chosen = choice.of_level(probes)
    tried = [probe for probe in chosen if choice.why_not(probe) is None]
    if any(_holds(probe) for probe in tried):
        slow = any(probe.check.slow for probe in tried)
        with contextlib.suppress(Outage):  # each check of what is held sees it
            await hold(lab, slow=slow)
    results: list[Result] = []
    for probe in chosen:
        if probe.check.level is Level.ORDERS:
            # What the market is told of our own orders is for no bundle.
            for held in lab.held.values():
                await held.over.wait()
        reason = choice.why_not(probe)
        if reason is None:
            result = await made(lab, probe)
        elif reason.startswith("not among"):
            continue
        else:
            result = Result(check=probe.check, verdict=Verdict.NOT_TRIED, because=reason)
        results.append(result)
        tell(result)
    return results


async def made(lab: Lab, probe: Probe) -> Result:
    """Make one check."""
    check, began = probe.check, trio.current_time()

    def result(verdict: Verdict, because: str = "", seen: Facts | None = None) -> Result:
        return Result(
            check=check,
            verdict=verdict,
            seen=seen or {},
            because=because,
            frames=lab.evidence.take_cited(),
            took_s=trio.current_time() - began,
        )

    try:
        with trio.fail_after(lab.for_s + _LONGEST_S):
            seen = await probe.look(lab)
    except NotSeen as unseen:
        return result(Verdict.NOT_SEEN, str(unseen))
    except NotTried as untried:
        return result(Verdict.NOT_TRIED, str(untried))
    except trio.TooSlowError:
        return result(Verdict.NOT_SEEN, "it took too long")
    except _TROUBLES as trouble:
        return result(Verdict.NOT_SEEN, f"{type(trouble).__name__}: {trouble}")
    except Exception as defect:  # noqa: BLE001  # a check that breaks spoils no other
        return result(Verdict.BROKEN, f"{type(defect).__name__}: {defect}")
    return result(judged(check, seen), seen=seen)


def _holds(probe: Probe) -> bool:
    return any(part in probe.check.id for part in (".feed-", ".events-", ".idle"))
