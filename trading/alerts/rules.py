"""The rules: which alerts follow from what is observed, each told once."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.alerts.alert import Alert, AlertKind
from trading.alerts.heard import KINDS, words
from trading.alerts.losses import LossesSeen, near_limits
from trading.alerts.observed import Observation, StrategyObserved
from trading.alerts.quiet import day_of
from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import StrategyName

_REMEMBERED_MAX = 200
_TROUBLED_S = 5.0
"""A ledger that is slow for a moment is no news."""
_PLACES = Decimal("0.00000001")

Key = tuple[AlertKind, str]
"""What an alert is about: its kind, and the strategy, actor or limit."""


class AlertTerms(msgspec.Struct, frozen=True, kw_only=True):
    """
    When something is worth a message.

    Args:
        not_quoting_s: Seconds without an order at the venue, of a strategy.
        restarts_max: So many restarts within ``restarts_window_s`` seconds are borne.
        loss_share: The fraction of a limit of loss.
        summary_at: Seconds after midnight, UTC, of the daily summary.
        repeat_s: The same event again within so many seconds is counted, and not told.
        leave_out: Kinds that nobody wants to be told of.
    """

    not_quoting_s: float = 300.0
    restarts_max: int = 5
    restarts_window_s: float = 600.0
    loss_share: Decimal = Decimal("0.8")
    summary_at: int = 300
    repeat_s: float = 3600.0
    leave_out: frozenset[AlertKind] = frozenset()


class Summed(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy's figures at the last daily summary."""

    profit: Decimal = ZERO
    fills: int = 0
    quoted_s: float = 0.0


class AlertState(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is remembered from one observation to the next.

    Args:
        standing: Troubles that were told and are not over.
        since: Monotonic seconds since when a trouble that is not told yet has been there.
        told: When an event was told last, in monotonic seconds, and how often it came since.
        restarts: Moments of the last restarts, in monotonic seconds.
        counted: How many restarts there were at the last look.
        day: Of the last daily summary; ``None`` before the first look.
        summed_at: Monotonic seconds of it.
    """

    standing: frozenset[Key] = frozenset()
    since: Mapping[Key, float] = msgspec.field(default_factory=dict)
    told: Mapping[Key, tuple[float, int]] = msgspec.field(default_factory=dict)
    halt: str = ""
    restarts: tuple[float, ...] = ()
    counted: int = 0
    losses: Mapping[StrategyName, LossesSeen] = msgspec.field(default_factory=dict)
    summed: Mapping[StrategyName, Summed] = msgspec.field(default_factory=dict)
    day: int | None = None
    summed_at: float = 0.0


def step(
    state: AlertState, seen: Observation, terms: AlertTerms
) -> tuple[AlertState, tuple[Alert, ...]]:
    """The alerts that follow from one more observation. Total and pure."""
    fold = _Fold(state, seen, terms)
    fold.halt()
    fold.ledger()
    fold.given_up()
    fold.restarts()
    fold.losses()
    fold.quoting()
    fold.heard()
    fold.summary()
    return fold.state, tuple(one for one in fold.alerts if one.kind not in terms.leave_out)


class _Fold:
    """One step, rule by rule."""

    def __init__(self, state: AlertState, seen: Observation, terms: AlertTerms) -> None:
        self.state = state
        self.alerts: list[Alert] = []
        self._seen = seen
        self._terms = terms

    def halt(self) -> None:
        seen, before = self._seen, self.state.halt
        if seen.halt == before:
            return
        self._set(halt=seen.halt)
        if seen.halt:
            self._tell(
                AlertKind.HALTED,
                f"nothing is quoted any more: {seen.halt}\n"
                "`engine resume CONFIG --confirm` lifts it, once you have looked.",
            )
        else:
            self._set(losses={})  # the limits begin anew as well
            self._tell(AlertKind.HALTED, f"resumed; it was: {before}", over=True)

    def ledger(self) -> None:
        self._trouble(
            (AlertKind.LEDGER, ""),
            lasts=bool(self._seen.ledger),
            longer_than=_TROUBLED_S,
            text=f"the ledger cannot be written, so nothing is quoted: {self._seen.ledger}",
            relief="the ledger can be written again",
        )

    def given_up(self) -> None:
        for actor in self._seen.given_up:
            self._trouble(
                (AlertKind.GIVEN_UP, actor),
                lasts=True,
                text=f"{actor} failed too often and is not started any more; the rest goes on."
                " The log has its last error.",
            )

    def restarts(self) -> None:
        seen, terms = self._seen, self._terms
        new = max(0, seen.restarts - self.state.counted)
        times = (*self.state.restarts, *[seen.now] * min(new, terms.restarts_max + 1))
        times = tuple(at for at in times if seen.now - at <= terms.restarts_window_s)
        if len(times) > terms.restarts_max:
            self._event(
                (AlertKind.RESTARTS, ""),
                f"more than {terms.restarts_max} restarts within"
                f" {terms.restarts_window_s / 60:g} minutes, the last one of {seen.restarted}",
            )
            times = ()
        self._set(restarts=times, counted=seen.restarts)

    def losses(self) -> None:
        day = day_of(self._seen.wall, 0)
        losses = {}
        for name, strategy in self._seen.strategies.items():
            before = self.state.losses.get(name) or LossesSeen(day=day)
            after = before if strategy.profit is None else before.after(strategy.profit, day)
            losses[name] = after
            near = dict(near_limits(after, strategy, self._terms.loss_share))
            for key in ("max_daily_loss", "max_drawdown"):
                self._trouble(
                    (AlertKind.LOSS, f"{name} {key}"),
                    lasts=key in near,
                    text=near.get(key, ""),
                )
        self._set(losses=losses)

    def quoting(self) -> None:
        excused = bool(self._seen.halt) or self._seen.stopping
        for name, strategy in self._seen.strategies.items():
            key = (AlertKind.NOT_QUOTING, str(name))
            if excused:  # that is told already
                self._set(since={k: at for k, at in self.state.since.items() if k != key})
                continue
            minutes = self._terms.not_quoting_s / 60
            self._trouble(
                key,
                lasts=not strategy.quoting,
                longer_than=self._terms.not_quoting_s,
                text=f"{name} has had no order at the venue for {minutes:.1f} minutes"
                f" ({strategy.pair}): {strategy.cause or 'unknown'}."
                " `engine explain CONFIG` says what would change that.",
                relief=f"{name} quotes again",
            )

    def heard(self) -> None:
        for one in self._seen.heard:
            if (kind := KINDS.get(one.event)) is not None:
                about = f"{one.event} {one.about}".strip()
                self._event((kind, about), f"{words(one.event)}: {one.text}".rstrip(": "))

    def summary(self) -> None:
        seen, day = self._seen, day_of(self._seen.wall, self._terms.summary_at)
        now = {name: _summed(strategy) for name, strategy in seen.strategies.items()}
        if self.state.day is not None and day <= self.state.day:
            return
        if self.state.day is not None:
            spent = seen.now - self.state.summed_at
            lines = [
                _summary_line(name, one, self.state.summed.get(name, Summed()), now[name], spent)
                for name, one in seen.strategies.items()
            ]
            halted = [f"Halted: {seen.halt}"] if seen.halt else []
            restarts = [f"{seen.restarts} restarts since the start."] if seen.restarts else []
            self._tell(AlertKind.DAILY_SUMMARY, "\n".join([*lines, *halted, *restarts]))
        self._set(day=day, summed=now, summed_at=seen.now)

    def _trouble(
        self,
        key: Key,
        *,
        lasts: bool,
        text: str,
        longer_than: float = 0.0,
        relief: str = "",
    ) -> None:
        """Tell once of what lasts longer than some seconds, and once that it is over."""
        state, now = self.state, self._seen.now
        if not lasts:
            since = {k: at for k, at in state.since.items() if k != key}
            self._set(since=since, standing=state.standing - {key})
            if key in state.standing and relief:
                self._tell(key[0], relief, subject=key[1], over=True)
            return
        began = state.since.get(key, now)
        if key not in state.since:
            self._set(since={**state.since, key: now})
        if key not in state.standing and now - began >= longer_than:
            self._set(standing=state.standing | {key})
            self._tell(key[0], text, subject=key[1])

    def _event(self, key: Key, text: str) -> None:
        """Tell of an event, unless the same was told a short while ago: then it is counted."""
        now = self._seen.now
        at, since = self.state.told.get(key, (None, 0))
        if at is not None and now - at < self._terms.repeat_s:
            self._remember(key, (at, since + 1))
            return
        again = f" ({since} more since it was told last)" if since else ""
        self._remember(key, (now, 0))
        self._tell(key[0], text + again, subject=key[1])

    def _remember(self, key: Key, value: tuple[float, int]) -> None:
        told = {k: v for k, v in self.state.told.items() if k != key}
        while len(told) >= _REMEMBERED_MAX:
            told.pop(next(iter(told)))
        self._set(told={**told, key: value})

    def _tell(self, kind: AlertKind, text: str, *, subject: str = "", over: bool = False) -> None:
        self.alerts.append(
            Alert(kind=kind, text=text, at=self._seen.wall, subject=subject, over=over)
        )

    def _set(self, **changes: object) -> None:
        self.state = msgspec.structs.replace(self.state, **changes)


def _summed(strategy: StrategyObserved) -> Summed:
    return Summed(profit=strategy.profit or ZERO, fills=strategy.fills, quoted_s=strategy.quoted_s)


def _summary_line(
    name: StrategyName, strategy: StrategyObserved, before: Summed, now: Summed, spent_s: float
) -> str:
    profit = (now.profit - before.profit).quantize(_PLACES)
    share = (now.quoted_s - before.quoted_s) / spent_s if spent_s > 0 else 0.0
    sign = "+" if profit >= ZERO else ""
    return (
        f"{name} ({strategy.pair}): profit {sign}{decimal_text(profit)},"
        f" {now.fills - before.fills} fills, quoted {min(1.0, max(0.0, share)):.0%} of the time"
    )
