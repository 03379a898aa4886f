"""The outcome of a replay, as text for people and JSON for machines."""

from collections.abc import Iterator, Mapping

import attrs
import msgspec

from config.source.problems import cut, printable
from engine.recording.ending import end_as_json, end_notes
from engine.recording.replaying import BooksReport, ReplayReport
from engine.views.time_args import moment_text
from trading.core.decimals import decimal_text
from trading.core.market import PriceLevel
from trading.recorded.replay import Difference, Tally

Json = dict[str, object]

_SHOWN_MAX = 300
"""Characters of a field; all of it is in the JSON."""


def replay_as_json(report: ReplayReport, writer: str | None) -> Json:
    """
    The outcome for machines.

    Args:
        writer: The engine that is still recording the session; ``None`` for none.
    """
    head = report.session.head
    return {
        "same": report.same,
        "engine": head.engine,
        "session": head.session,
        "begun_ns": head.wall_ns,
        "duration_s": round(report.last_mono - head.mono, 6),
        "code": {"recorded": head.code, "same": report.same_code, "version": head.version},
        **end_as_json(report.end, writer),
        "gaps": report.gaps,
        "lines_lost": report.lost,
        "strategies": {name: _tally_json(tally) for name, tally in report.tallies.items()},
        "books": None if report.books is None else _books_json(report.books),
    }


def replay_as_text(report: ReplayReport, writer: str | None) -> str:
    """The outcome for people; arguments as of ``replay_as_json``."""
    head = report.session.head
    about = (
        f"session {head.session} of engine {head.engine}: recorded from"
        f" {moment_text(head.wall_ns)} for {report.last_mono - head.mono:,.1f} s"
        f" by version {head.version}, Python {head.python}"
    )
    lines = [about]
    if not report.same_code:
        lines.append(
            "  this is other code than that which recorded it: a regression test, in which a"
            " difference may be what you changed"
        )
    lines += [f"  {note}" for note in _notes(report, writer)]
    for name, tally in report.tallies.items():
        lines += [f"  {line}" for line in _tally_lines(name, tally)]
    if not report.tallies:
        lines.append("  no strategy ever began")
    if report.books is not None:
        lines += [f"  {line}" for line in _books_lines(report.books)]
    if not report.same:
        lines.append("DIFFERENT")
    elif report.tallies:
        lines.append("the same: every decision that can be judged came out as it was recorded")
    else:
        lines.append("nothing is recorded that could be judged")
    return "\n".join(lines)


def _notes(report: ReplayReport, writer: str | None) -> Iterator[str]:
    yield from end_notes(report.end, writer)
    if report.gaps:
        gaps = "1 gap" if report.gaps == 1 else f"{report.gaps:,} gaps"
        count = f", of {report.lost:,} lines" if report.lost else ""
        yield f"it has {gaps}{count}: the disk did not keep up, or the recorder failed"


def _tally_lines(name: str, tally: Tally) -> Iterator[str]:
    lives = "1 life" if tally.lives == 1 else f"{tally.lives:,} lives"
    yield f"{name}: {tally.looks:,} looks in {lives}, {tally.judged:,} came out as recorded"
    if tally.unjudged:
        yield (
            f"{name}: {tally.unjudged:,} looks cannot be judged: they come after a gap, and what"
            " the strategy remembered is not known there"
        )
    if tally.stateless:
        yield f"{name}: of {tally.stateless:,} looks only the decision can be compared"
    if tally.first is not None:
        yield from _difference_lines(tally.first)


def _difference_lines(first: Difference) -> Iterator[str]:
    at = "" if first.wall_ns is None else f" at {moment_text(first.wall_ns)}"
    yield f"{first.strategy}: FIRST DIFFERENCE at look {first.look}{at} ({first.mono:.6f} s)"
    if first.after_gap:
        yield "  lines were lost before it: a reload may have been among them"
    if first.look == 1:
        yield "  it is the first look of its life, and all of its view is new"
    else:
        changed = ", ".join(first.changed) or "the time"
        yield f"  changed in the view since the look before: {changed}"
        yield from (f"    {name}: {_short(text)}" for name, text in first.changed.items())
    if not first.recorded:
        yield "  the decision is the same, but what is remembered after it is not"
    for name, text in first.recorded.items():
        yield f"  {name}, as recorded: {_short(text)}"
        yield f"  {name}, as it is now: {_short(first.now.get(name, ''))}"


def _books_lines(books: BooksReport) -> Iterator[str]:
    yield f"books: {books.compared:,} tops compared, {books.others:,} were shown otherwise"
    if books.missing:
        yield f"books: of {books.missing:,} tops the change is not among the frames"
    if books.first is not None:
        shown, made = books.first.shown, books.first.made
        yield f"books: FIRST DIFFERENCE of {shown.pair} at change {shown.sequence}"
        yield f"  shown: {_levels(shown.bids)} | {_levels(shown.asks)}"
        yield f"  made by the frames: {_levels(made.bids)} | {_levels(made.asks)}"


def _levels(levels: tuple[PriceLevel, ...]) -> str:
    return " ".join(
        f"{decimal_text(level.quantity)} at {decimal_text(level.price)}" for level in levels[:3]
    )


def _short(text: str) -> str:
    return printable(cut(text, _SHOWN_MAX))


def _tally_json(tally: Tally) -> Json:
    plain = attrs.asdict(tally)
    first = plain.pop("first")
    return {**plain, "first_difference": None if first is None else _difference_json(tally.first)}


def _difference_json(first: Difference | None) -> Json:
    assert first is not None
    return {
        "look": first.look,
        "mono": first.mono,
        "wall_ns": first.wall_ns,
        "changed": _parsed(first.changed),
        "recorded": _parsed(first.recorded),
        "now": _parsed(first.now),
        "after_gap": first.after_gap,
    }


def _parsed(fields: Mapping[str, str]) -> Json:
    return {name: _value(text) for name, text in fields.items()}


def _value(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _books_json(books: BooksReport) -> Json:
    first = books.first
    return {
        "compared": books.compared,
        "others": books.others,
        "missing": books.missing,
        "first_difference": None
        if first is None
        else {"pair": first.shown.pair, "sequence": first.shown.sequence},
    }
