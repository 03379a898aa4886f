"""The results of the recording commands, as text for people and JSON for machines."""

from collections.abc import Sequence

import attrs

from config.source.problems import printable
from engine.recording.capture import CaptureSummary
from trading.recorded.report import FeedReport, Findings, RecordingReport

Json = dict[str, object]

_COLUMNS = (
    "pair", "feed", "frames", "snapshots", "gaps", "mismatches", "crossed", "early", "skipped",
)  # fmt: skip
_NS_PER_S = 1e9


def report_as_json(report: RecordingReport) -> Json:
    return {
        "clean": report.clean,
        "lines": report.lines,
        "duration_s": _span_s(report),
        "feeds": [{name: row[name] for name in _COLUMNS} for row in map(_row, report.feeds)],
        "control": report.control,
        "unsafe": attrs.asdict(report.unsafe),
        "malformed": attrs.asdict(report.malformed),
        "unrecognised": attrs.asdict(report.unrecognised),
        "damage": report.damage,
    }


def report_as_text(report: RecordingReport, name: str) -> str:
    span_s = _span_s(report)
    about = "" if span_s is None else f" of {span_s:.1f} s"
    lines = [f"{name}: {_counted(report.lines, 'line')}{about}"]
    if report.feeds:
        lines += _table([_row(feed) for feed in report.feeds])
    lines += [f"  {_counted(report.control, 'frame')} about the connection and its subscriptions"]
    for findings, what in (
        (report.unsafe, "unsafe"),
        (report.malformed, "malformed"),
        (report.unrecognised, "unrecognised"),
    ):
        lines += _described(findings, what)
    if report.damage:
        lines.append(f"  the file cannot be read to its end: {report.damage}")
    elif not report.lines:
        lines.append("  there is no frame in it")
    elif not report.tells:
        lines.append("  there is not one whole book or trade in it")
    lines += [
        f"  {printable(feed.pair)} {feed.called}: changes of a book that never began"
        for feed in report.feeds
        if feed.never_begun
    ]
    lines.append("clean" if report.clean else "NOT CLEAN")
    return "\n".join(lines)


def summary_as_json(summary: CaptureSummary, out: str | None, file_size: int) -> Json:
    return {
        "file": out,
        "file_bytes": file_size,
        "venue": summary.venue,
        "ended_by": summary.ended_by,
        "exit_code": int(summary.exit_code),
        "duration_s": round(summary.duration_s, 3),
        "frames": summary.frames,
        "bytes": summary.size,
        "malformed": summary.malformed,
        "pairs": dict(summary.by_pair),
        "restarts": summary.restarts,
    }


def summary_as_text(summary: CaptureSummary, out: str, file_size: int) -> str:
    how = f"ended by {summary.ended_by}, {_counted(summary.restarts, 'restart')}"
    sizes = f"{summary.size:,} bytes ({file_size:,} in the file)"
    lines = [
        f"{out}: {summary.duration_s:.1f} s of {summary.venue}, {how}",
        f"  {_counted(summary.frames, 'frame')}, {sizes}, {summary.malformed} malformed",
        *(f"  {pair}: {_counted(frames, 'frame')}" for pair, frames in summary.by_pair.items()),
    ]
    return "\n".join(lines)


def _row(feed: FeedReport) -> dict[str, object]:
    return {**attrs.asdict(feed), "pair": printable(feed.pair), "feed": feed.called}


def _table(rows: Sequence[dict[str, object]]) -> list[str]:
    """Names to the left, numbers to the right, below their heads."""
    cells = [list(_COLUMNS), *([str(row[name]) for name in _COLUMNS] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if index < 2 else cell.rjust(width)  # noqa: PLR2004  # the names
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]


def _described(findings: Findings, what: str) -> list[str]:
    if not findings.count:
        return []
    first = [f"    line {finding.line}: {printable(finding.what)}" for finding in findings.first]
    more = findings.count - len(first)
    return [f"  {findings.count} {what}", *first, *([f"    and {more} more"] if more else [])]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _span_s(report: RecordingReport) -> float | None:
    if report.first_received_ns is None or report.last_received_ns is None:
        return None
    return (report.last_received_ns - report.first_received_ns) / _NS_PER_S
