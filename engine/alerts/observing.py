"""The engine as the rules of alerts look at it: read off its wires, its tree and its log."""

from collections.abc import Iterator

import attrs
import trio

from actors.ports.ports import Latest, WallClock
from engine.logs.ear import Ear
from engine.logs.lines import Entry, shown_fields
from engine.supervision.events import ChildState, ChildStatus
from engine.views.status import ReadTree
from engine.wiring.wires import StrategyPorts, Wires
from trading.alerts.observed import Heard, Observation, StrategyObserved
from trading.core.decimals import ZERO
from trading.core.market import Side
from trading.readiness.lease import Component

_HEAD = frozenset({"timestamp", "level", "event", "exception"})
_ABOUT = ("strategy", "destination", "wire", "venue", "pair")
_TEXT_LENGTH_MAX = 500


@attrs.frozen(kw_only=True)
class Observer:
    """
    Reads what an engine shows; nothing is changed, and nothing awaited.

    Args:
        supervision: Reads the tree, once there is one.
        ear: What the log tells; ``None`` where nobody listens.
    """

    wires: Wires
    supervision: Latest[ReadTree]
    wall_clock: WallClock
    ear: Ear | None = None

    def __call__(self) -> Observation:
        now, wires = trio.current_time(), self.wires
        children = list(self._children(now))
        again = [child for child in children if child.life > 1]
        last = max(again, key=lambda child: child.started_at or 0.0, default=None)
        return Observation(
            now=now,
            wall=self.wall_clock() / 1e9,
            halt=wires.halt.peek() or "",
            stopping=wires.stopping.peek() is not None,
            ledger=self._ledger(now),
            restarts=sum(child.life - 1 for child in again),
            restarted="" if last is None else last.name,
            given_up=tuple(child.name for child in children if child.state is ChildState.FINISHED),
            strategies={
                name: strategy_observed(port, now) for name, port in wires.strategies.items()
            },
            heard=() if self.ear is None else tuple(map(_heard, self.ear.take())),
        )

    def _children(self, now: float) -> Iterator[ChildStatus]:
        read = self.supervision.peek()
        if read is not None:
            yield from read(now).below()

    def _ledger(self, now: float) -> str:
        fact = self.wires.facts.facts.get((Component.LEDGER, None))
        if fact is None or fact.standing(now):
            return ""
        return fact.evidence or "a commit takes too long"


def strategy_observed(port: StrategyPorts, now: float) -> StrategyObserved:
    """One strategy, off its wires."""
    times = port.clock.times(now)
    performance, config = port.performance.peek(), port.config.peek()
    limits = None if config is None else config.limits
    top = port.top.peek()
    profit = ZERO if performance is None else performance.position.realised_profit
    if performance is not None and performance.position.quantity:
        price = performance.last_fill_price if top is None else top.mid_price
        profit += ZERO if price is None else performance.position.unrealised_profit(price)
    causes = [times[side].cause for side in Side]
    return StrategyObserved(
        pair=str(port.pair),
        quoting=not all(causes),
        cause=", ".join(dict.fromkeys(cause for cause in causes if cause)),
        profit=profit,
        fills=0 if performance is None else performance.fills,
        quoted_s=sum(times[side].quoting for side in Side) / len(Side),
        max_daily_loss=None if limits is None else limits.max_daily_loss,
        max_drawdown=None if limits is None else limits.max_drawdown,
    )


def _heard(entry: Entry) -> Heard:
    about = next((str(entry[key]) for key in _ABOUT if entry.get(key)), "")
    rest = {key: value for key, value in entry.items() if key not in _HEAD}
    text = shown_fields(rest).strip()[:_TEXT_LENGTH_MAX]
    return Heard(event=str(entry["event"]), about=about, text=text)
