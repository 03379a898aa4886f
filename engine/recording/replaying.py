"""Replays a session's recording: every decision again, and on request every book."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from config.load.recorded import recorded_strategies
from config.strategies.kinds import StrategyKinds
from engine.environment.code_digest import code_digest
from engine.storage.session_end import SessionEnd, end_of
from engine.storage.session_folder import Advance, RecordedLine, SessionFolder
from trading.core.identifiers import StrategyName
from trading.recorded.noted import Part
from trading.recorded.replay import DamagedSession, DecisionReplay, Difference, Tally
from trading.recorded.tops import OtherTop, TopCheck
from trading.strategies.interface import Strategy
from trading.venues.registry import venue_kind


class UnknownStrategy(ValueError):
    """A strategy that the session does not have; names those that it has."""


@attrs.frozen(kw_only=True)
class BooksReport:
    """
    The books that strategies were shown, held against those that the frames make.

    Args:
        compared: Tops of books, each once.
        others: Those that were shown otherwise.
        missing: Those whose change is not among the frames.
        first: The first that was shown otherwise.
    """

    compared: int
    others: int
    missing: int
    first: OtherTop | None


@attrs.frozen(kw_only=True)
class ReplayReport:
    """
    What came of a replay.

    Args:
        same_code: Whether this is the code that recorded.
        tallies: By strategy.
        gaps: How often lines of the decisions were not written when they were due.
        lost: How many were not, as far as that is known.
        last_mono: Monotonic seconds of the last look.
        books: ``None`` where they were not asked for.
    """

    session: SessionFolder
    same_code: bool
    tallies: Mapping[StrategyName, Tally]
    gaps: int
    lost: int
    end: SessionEnd
    last_mono: float
    books: BooksReport | None

    @property
    def differences(self) -> Sequence[Difference]:
        """The first of each strategy that has one."""
        return [tally.first for tally in self.tallies.values() if tally.first is not None]

    @property
    def same(self) -> bool:
        """Whether everything that could be judged came out as it was recorded."""
        return not (self.differences or (self.books and self.books.others))


def replay(
    session: SessionFolder,
    advance: Advance,
    *,
    only: StrategyName | None = None,
    overrides: Sequence[str] = (),
    books: bool = False,
    kinds: StrategyKinds | None = None,
) -> ReplayReport:
    """
    Fold the decisions of a session.

    Args:
        advance: Told how many more bytes were read.
        only: The one strategy that is folded; ``None`` for all.
        overrides: As of ``recorded_strategies``: what if this had been set?
        books: Whether the frames of the market are read too, and the books compared.
        kinds: The strategies that may be asked for; ``None`` for all that are installed.

    Raises:
        DamagedSession: It cannot be read; the message says where.
        UnknownStrategy: There is no strategy of the name.
        ConfigurationProblems: The strategies cannot be made from what was recorded.
        OSError: A file cannot be read.
    """
    fold = begin_fold(session, only, overrides, kinds)
    check = _top_check(session, advance) if books else None
    last_mono = session.head.mono
    file = None
    for line in session.lines(Part.DECISIONS, advance):
        if line.file != file:
            file = line.file
            fold.begin_file()
        with placed_line(line):
            fold.take(line.text)
        if (view := fold.seen) is not None:
            last_mono = view.now
            if check is not None:
                check.take(view.top, fold.seen_at_ns)
    return ReplayReport(
        session=session,
        same_code=session.head.code == code_digest(),
        tallies=fold.tallies,
        gaps=fold.gaps,
        lost=fold.lost,
        end=end_of(session, ended=fold.ended),
        last_mono=last_mono,
        books=None if check is None else _books_report(check),
    )


def begin_fold(
    session: SessionFolder,
    only: StrategyName | None,
    overrides: Sequence[str],
    kinds: StrategyKinds | None,
) -> DecisionReplay:
    """A replay that has not begun."""

    def make(tables: Mapping[str, object]) -> Mapping[StrategyName, Strategy[Any]]:
        settings = recorded_strategies(tables, overrides, kinds=kinds)
        return {name: each.strategy() for name, each in settings.items()}

    tables = session.head.configuration.get("strategies")
    if not isinstance(tables, dict):
        raise DamagedSession("head.json has no strategies in its configuration")
    if only is not None and only not in tables:
        raise UnknownStrategy(
            f"the session has no strategy {only!r}; it has {', '.join(sorted(tables))}"
        )
    return DecisionReplay(make(tables), make, only)


@contextlib.contextmanager
def placed_line(line: RecordedLine) -> Iterator[None]:
    """Add the place of a line to what is wrong with it."""
    try:
        yield
    except DamagedSession as damaged:
        raise DamagedSession(f"{line.place}: {damaged}") from damaged


def _top_check(session: SessionFolder, advance: Advance) -> TopCheck:
    try:
        kind = venue_kind(session.head.kind)
    except KeyError:
        raise DamagedSession(
            f"head.json names a venue {session.head.kind!r}, which is not known"
        ) from None
    venue = kind.market(session.head.feed)
    lines = (line.text for line in session.lines(Part.MARKET, advance))
    return TopCheck(lines, venue.decode_market, venue.book_rules, session.head.book_depth)


def _books_report(check: TopCheck) -> BooksReport:
    return BooksReport(
        compared=check.compared, others=check.others, missing=check.missing, first=check.first
    )
