"""An actor that restarts the source of a component that readiness has missed for too long."""

from collections.abc import Callable, Mapping

import attrs
import structlog
import trio

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest
from trading.core.identifiers import Pair, StrategyName
from trading.readiness.lease import Component, Missing, what_is_missing

log = structlog.get_logger()

_SLOWEST = 8
"""The longest pause between two attempts, in deadlines; the pauses double up to there."""

AskAnew = Callable[[Missing, str], str]
"""
Has an actor begin anew for a reason; returns in words which, or what happens instead.

It must neither wait nor raise.
"""


@attrs.frozen(kw_only=True)
class InitialisationActor:
    """
    The failsafe of readiness: has the source of a missing component asked again, no more.

    Ports:
        facts: What is known.
        stopping: When the run is ending nothing is retried any more (newest).

    Args:
        pairs: The pair of each strategy.
        ask_anew: Restarts the actor that a component comes from.
        last_error: What went wrong with that actor, in words; empty if nothing did.
        began_at: Monotonic seconds from which nothing has been heard yet.
        deadline_s: For so long a component may be missing before it is asked for anew; the pauses
            after that double, up to eight times as long.
    """

    facts: FactBoard
    stopping: Latest[str]
    pairs: Mapping[StrategyName, Pair]
    ask_anew: AskAnew
    last_error: Callable[[Missing], str]
    began_at: float
    deadline_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        attempts: dict[tuple[Component, StrategyName], _Attempts] = {}
        task_status.started()
        while True:
            now = trio.current_time()
            missing = self._missing(now)
            attempts = {key: attempts.get(key, _Attempts()) for key in missing}
            for key, what in missing.items():
                if self._due(what, attempts[key]) <= now and self.stopping.read() is None:
                    attempts[key] = attempts[key].another(now, self.deadline_s)
                    self._retry(what, attempts[key].count, now)
            # What goes missing from now on is overdue a whole deadline from now, and no sooner.
            dues = (self._due(what, attempts[key]) for key, what in missing.items())
            await trio.sleep_until(min(due for due in (*dues, now + self.deadline_s) if due > now))

    def _missing(self, now: float) -> dict[tuple[Component, StrategyName], Missing]:
        return {
            (what.component, what.strategy): what
            for strategy, pair in self.pairs.items()
            for what in what_is_missing(self.facts.facts, strategy, pair, self.began_at, now)
        }

    def _due(self, what: Missing, attempts: "_Attempts") -> float:
        return max(what.since + self.deadline_s, attempts.next_at)

    def _retry(self, what: Missing, attempt: int, now: float) -> None:
        missing_s = round(now - what.since, 3)
        reason = f"{what.component.value} is missing for {missing_s:g} s: {what.evidence}"
        last_error = self.last_error(what)
        log.warning(
            "initialisation_overdue",
            component=what.component.value,
            strategy=what.strategy,
            pair=what.pair,
            missing_s=missing_s,
            evidence=what.evidence,
            last_error=last_error or None,
            retrying=self.ask_anew(what, reason),
            attempt=attempt,
        )


@attrs.frozen
class _Attempts:
    count: int = 0
    next_at: float = float("-inf")

    def another(self, now: float, deadline_s: float) -> "_Attempts":
        pause_s = deadline_s * min(2 ** (self.count + 1), _SLOWEST)
        return _Attempts(self.count + 1, now + pause_s)
