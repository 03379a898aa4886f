"""An actor that folds facts into each strategy's readiness, and logs what changed and why."""

from collections.abc import Mapping

import attrs
import structlog
import trio

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, Wakeup
from trading.core.identifiers import Pair, StrategyName
from trading.readiness.lease import Component, Milestones, Readiness, assess

log = structlog.get_logger()

_AHEAD_S = 4.0
"""
A lease is renewed so long before its end. Some fact is renewed with each message; to extend the
lease each time would wake this actor for nothing.
"""


@attrs.frozen(kw_only=True)
class ReadinessActor:
    """
    Shows each strategy whether it may quote, for how long, and what is missing.

    Ports:
        facts: The facts of all actors (newest of each kind).
        bell: Rung when a fact changes; while no lease is near its end, not when one is renewed.
        readiness: Each strategy's lease (newest); one that runs to another moment is a renewal.
        milestones: When each component of a strategy first stood (newest).

    Args:
        pairs: The pair of each strategy.
        engine_started_at: Monotonic seconds; times to readiness count from here.
    """

    facts: FactBoard
    bell: Wakeup
    readiness: Mapping[StrategyName, Latest[Readiness]]
    milestones: Mapping[StrategyName, Latest[Milestones]]
    pairs: Mapping[StrategyName, Pair]
    engine_started_at: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        told: dict[StrategyName, Readiness] = {}
        task_status.started()
        while True:
            now = trio.current_time()
            lapses_at = float("inf")
            for strategy, pair in self.pairs.items():
                before, current = told.get(strategy), assess(self.facts.facts, strategy, pair, now)
                told[strategy] = current
                if before is None or not _says_the_same(before, current):
                    self._tell(before, current, now)
                    self._mark(current, now)
                self._show(current, now)
                lapses_at = min(lapses_at, current.valid_until)
            early = lapses_at - _AHEAD_S
            self.facts.renewals_matter_from(early)
            with trio.move_on_at(early if early > now else lapses_at):
                await self.bell.wait()

    def _show(self, current: Readiness, now: float) -> None:
        slot = self.readiness[current.strategy]
        shown = slot.peek()
        # That a lease runs longer, or not so long, wakes no reader: readers ask at the moment of
        # use, and the end is told when it comes. One that ran out for a moment does wake them: a
        # reader may have seen it so.
        if shown is not None and shown.holds_at(now) and current.ready:
            slot.renew(current)
        else:
            slot.put(current)

    def _mark(self, readiness: Readiness, now: float) -> None:
        slot = self.milestones[readiness.strategy]
        known = slot.read() or Milestones()
        current = known.extended(readiness, self._since_start(now))
        if current != known:
            slot.put(current)

    def _tell(self, before: Readiness | None, now_is: Readiness, now: float) -> None:
        who = {"strategy": now_is.strategy, "pair": now_is.pair}
        for component in Component:
            stood = before is not None and component in before.standing
            stands = component in now_is.standing
            reason_before = None if before is None else before.missing.get(component)
            reason = now_is.missing.get(component)
            if stands and not stood:
                log.info(
                    "component_ready",
                    component=component.value,
                    evidence=now_is.standing[component],
                    after_s=self._since_start(now),
                    **who,
                )
            elif not stands and (stood or reason != reason_before):
                log.info("component_not_ready", component=component.value, reason=reason, **who)
        if before is None or before.ready != now_is.ready:
            log.info(
                "ready" if now_is.ready else "not_ready",
                components=now_is.count,
                after_s=self._since_start(now),
                missing={c.value: why for c, why in now_is.missing.items()},
                **who,
            )

    def _since_start(self, now: float) -> float:
        return round(now - self.engine_started_at, 3)


def _says_the_same(before: Readiness, now_is: Readiness) -> bool:
    """Whether the same components stand, and the others are missing for the same reasons."""
    return before.missing == now_is.missing and before.standing.keys() == now_is.standing.keys()
