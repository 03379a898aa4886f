"""
Folds the decisions of a session's recording again, and finds the first that comes out otherwise.

Every look goes through the code that the engine goes through (``StrategyLife``), from the recorded
beginning of each life on.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import msgspec

from trading.core.identifiers import Currency, StrategyName
from trading.recorded.digest import NO_DIGEST, digest
from trading.recorded.noted import (
    Ended,
    Gap,
    HandedOver,
    LifeBegun,
    Reloaded,
    TimeTied,
)
from trading.recorded.session_lines import DecisionsLine, LookLine, read_decisions_line
from trading.recorded.view_fields import ReadViews, UnreadableField, decision_json
from trading.strategies.interface import Strategy, View
from trading.strategies.looking import StrategyLife

Strategies = Mapping[StrategyName, Strategy[Any]]
MakeStrategies = Callable[[Mapping[str, object]], Strategies]
"""The strategies of tables of a configuration, by name."""

_NS_PER_S = 1e9


class DamagedSession(ValueError):
    """A recording cannot be what a recorder has written; the message says where and why."""


@attrs.frozen(kw_only=True)
class Difference:
    """
    A look that came out otherwise.

    Args:
        mono: Monotonic seconds of the recorded engine.
        wall_ns: The same moment by its wall clock; ``None`` where the two were never tied.
        changed: The fields of the view that were not as at the look before, as JSON.
        recorded: The decision's fields that differ, as JSON; empty where only the state differs.
        now: The same fields as they come out now; the error where the strategy has raised one.
        after_gap: Whether looks, or a reload, may have been lost before.
    """

    strategy: StrategyName
    look: int
    mono: float
    wall_ns: int | None = None
    changed: Mapping[str, str] = attrs.field(factory=dict)
    recorded: Mapping[str, str]
    now: Mapping[str, str]
    after_gap: bool


@attrs.define(kw_only=True)
class Tally:
    """
    What became of one strategy's looks.

    Args:
        looks: All of them, up to the first difference.
        judged: Those that came out as they were recorded.
        unjudged: Those after a gap, before what is remembered was known to be the same again.
        lives: How many were begun.
        stateless: Those of which the state could not be told, but the decision was the same.
    """

    looks: int = 0
    judged: int = 0
    unjudged: int = 0
    lives: int = 0
    stateless: int = 0
    first: Difference | None = None


class DecisionReplay:
    """
    Takes the lines of the decisions one by one, and tells at any time what came out.

    Args:
        strategies: Those of the configuration at the beginning, by name.
        make: Makes those of a later one.
        only: The one to fold; ``None`` for all.

    Attributes:
        tallies: Of each strategy that has begun.
        gaps: How often lines were lost when they were recorded.
        lost: How many were, as far as that is known.
        ended: Whether the last line was the recording's end in good order.
        seen: The view of the line that was taken last; ``None`` where it was no look.
        seen_at_ns: When that was, by the engine's wall clock; ``None`` where it is not known.
    """

    def __init__(
        self, strategies: Strategies, make: MakeStrategies, only: StrategyName | None = None
    ) -> None:
        self.tallies: dict[StrategyName, Tally] = {}
        self.gaps = self.lost = 0
        self.ended = False
        self.seen: View | None = None
        self.seen_at_ns: int | None = None
        self._strategies = strategies
        self._make = make
        self._only = only
        self._folds: dict[StrategyName, _Fold] = {}
        self._tied: TimeTied | None = None

    def take(self, line: bytes) -> None:
        """
        Fold the next line.

        Raises:
            DamagedSession: No recorder has written it, or not after the line before.
        """
        self.seen, self.ended = None, False
        try:
            said = read_decisions_line(line)
        except ValueError as error:
            raise DamagedSession(f"it is no line of decisions: {error}") from error
        if isinstance(said, LookLine):
            self._look(said)
        else:
            self._hear(said)

    def _hear(self, said: DecisionsLine) -> None:
        match said:
            case LifeBegun(strategy=name):
                self._fold(name).begin(said, self._strategy(name))
            case HandedOver(strategy=name, mono=mono):
                self._fold(name).hand_over(self._strategy(name), mono)
            case Reloaded(strategies=tables):
                self._strategies = {**self._strategies, **self._make(tables)}
            case Gap(lost=lost):
                self.gaps += 1
                self.lost += lost
                for fold in self._folds.values():
                    fold.gap()
            case TimeTied():
                self._tied = said
            case Ended():
                self.ended = True
            case _:
                pass

    @property
    def lives(self) -> Mapping[StrategyName, StrategyLife]:
        """Each strategy's life as it is after the last line; those whose beginning was lost not."""
        return {name: fold.life for name, fold in self._folds.items() if fold.life is not None}

    def begin_file(self) -> None:
        """Note that the next line is the first of a file: views are whole there."""
        for fold in self._folds.values():
            fold.views.forget()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The first of each strategy that has one."""
        return tuple(tally.first for tally in self.tallies.values() if tally.first is not None)

    def _look(self, line: LookLine) -> None:
        fold = self._fold(line.strategy)
        wall_ns = None
        if self._tied is not None:
            wall_ns = self._tied.wall_ns + round((line.mono - self._tied.mono) * _NS_PER_S)
        self.seen, self.seen_at_ns = fold.look(line, wall_ns), wall_ns

    def _fold(self, name: StrategyName) -> "_Fold":
        if name not in self._folds:
            wanted = self._only in {None, name}
            tally = Tally()
            if wanted:
                self.tallies[name] = tally
            self._folds[name] = _Fold(name, tally, idle=not wanted)
        return self._folds[name]

    def _strategy(self, name: StrategyName) -> Strategy[Any]:
        try:
            return self._strategies[name]
        except KeyError:
            raise DamagedSession(
                f"strategy {name} is in no configuration of the recording"
            ) from None


class _Fold:
    """
    One strategy's lives, one after the other.

    Args:
        idle: Whether its views are only read, not folded.

    Attributes:
        life: The one that is folded; ``None`` before its beginning.
    """

    def __init__(self, name: StrategyName, tally: Tally, *, idle: bool) -> None:
        self.views = ReadViews()
        self._name = name
        self._tally = tally
        self._idle = idle
        self.life: StrategyLife | None = None
        self._sure = False
        self._look = 0
        self._mono = float("-inf")
        self._gap = self._skip = False

    def begin(self, begun: LifeBegun, strategy: Strategy[Any]) -> None:
        self._tally.lives += 1
        self._look, self._sure = 0, True
        self._gap = self._skip = False
        self._advance(begun.mono)
        if not self._over:
            self.life = StrategyLife(
                self._name, strategy, begun.mono, pause_s=begun.pause_s, settle_s=begun.settle_s
            )

    def hand_over(self, strategy: Strategy[Any], mono: float) -> None:
        self._advance(mono)
        if self.life is not None and not self._over:
            self.life.hand_over(strategy, mono)

    def gap(self) -> None:
        """Lines were lost: what is remembered is not sure, until it is seen to be the same."""
        self._sure, self._gap, self._skip = False, True, True
        self.views.forget()

    def look(self, line: LookLine, wall_ns: int | None) -> View:
        """
        Fold a look.

        Raises:
            DamagedSession: It is not the next one, or its view is not whole.
        """
        if line.look != self._look + 1 and not self._skip:
            raise DamagedSession(
                f"look {line.look} of {self._name} comes after look {self._look}: lines are"
                " missing, twice there or in another order"
            )
        self._look, self._skip = line.look, False
        self._advance(line.mono)
        if not (line.whole or self.views.begun):
            raise DamagedSession(
                f"look {line.look} of {self._name} tells only what has changed, and the whole"
                " view before it is not there"
            )
        changed = self.views.changed(line.view)
        try:
            view, held = self.views.after(line.view, line.mono)
        except (UnreadableField, TypeError) as error:
            raise DamagedSession(f"look {line.look} of {self._name}: {error}") from error
        if not self._over:
            tally = self._tally
            tally.looks += 1
            if (found := self._judge(line, view, held)) is not None:
                tally.first = attrs.evolve(found, wall_ns=wall_ns, changed=changed)
        return view

    @property
    def _over(self) -> bool:
        """Whether nothing more is to be judged: what follows a difference follows from it."""
        return self._idle or self._tally.first is not None

    def _advance(self, mono: float) -> None:
        if mono < self._mono:
            raise DamagedSession(
                f"{self._name} looks at {mono:.6f} s after {self._mono:.6f} s: lines are in another"
                " order"
            )
        self._mono = mono

    def _judge(
        self, line: LookLine, view: View, held: Mapping[Currency, Decimal]
    ) -> Difference | None:
        tally = self._tally
        came, state = self._decided(view, held)
        same = came == bytes(line.decision)
        told = line.state != NO_DIGEST
        # After a gap only the same memory makes sure that the next looks can be compared.
        self._sure = self._sure or (same and told and state == line.state)
        if not self._sure:
            tally.unjudged += 1
            return None
        if same and (state == line.state or not told):
            tally.judged += 1
            tally.stateless += not told
            return None
        recorded, now = _difference(bytes(line.decision), came, state)
        return Difference(
            strategy=self._name,
            look=line.look,
            mono=line.mono,
            recorded=recorded,
            now=now,
            after_gap=self._gap,
        )

    def _decided(self, view: View, held: Mapping[Currency, Decimal]) -> tuple[bytes, str]:
        """The decision as JSON, and the digest after it; or nothing, and the error."""
        if self.life is None:
            return b"", "its beginning was lost"
        try:
            decision = self.life.decide(view, held)
            return decision_json(decision), digest(self.life.state, self.life.mark)
        except Exception as error:  # noqa: BLE001  # whatever a strategy's code raises, it differs
            return b"", repr(error)


def _difference(recorded: bytes, came: bytes, error: str) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of two decisions that differ, each as JSON."""
    if not came:
        return {"raised": "nothing"}, {"raised": error}
    before, after = (
        msgspec.json.decode(data, type=dict[str, msgspec.Raw]) for data in (recorded, came)
    )
    names = [
        name
        for name in dict.fromkeys((*before, *after))
        if _text(before, name) != _text(after, name)
    ]
    return {n: _text(before, n) for n in names}, {n: _text(after, n) for n in names}


def _text(fields: Mapping[str, msgspec.Raw], name: str) -> str:
    return bytes(fields[name]).decode() if name in fields else ""
