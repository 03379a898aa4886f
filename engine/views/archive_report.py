"""What `engine ledger archive` would move or has moved, for people and for machines."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from engine.storage.ledger_archive import Archived
from engine.views.time_args import moment_text
from trading.journal.archiving import Judged

Json = dict[str, Any]


@attrs.frozen(kw_only=True)
class ArchivePlan:
    """
    Which sessions are to be moved.

    Args:
        judged: Every session that could be.
        rows: How many go, by table.
    """

    judged: Sequence[Judged]
    rows: Mapping[str, int]

    @property
    def goes(self) -> Sequence[Judged]:
        """Those that are to be moved, oldest first."""
        return [each for each in self.judged if not each.stays]

    @property
    def numbers(self) -> Sequence[int]:
        """Of those."""
        return [each.session.session for each in self.goes]


def archive_json(plan: ArchivePlan, done: Archived | None) -> Json:
    """The outcome for machines."""
    return {
        "archive": None if done is None else str(done.file),
        "sessions": [_session(each) for each in plan.goes],
        "rows": dict(plan.rows),
        "stay": [{**_session(each), "why": each.stays} for each in plan.judged if each.stays],
        "not_ours": [] if done is None else [str(file) for file in done.left],
        "not_shrunk": None if done is None else done.not_shrunk or None,
    }


def archive_lines(plan: ArchivePlan, done: Archived | None) -> Iterator[str]:
    """The same for people."""
    if plan.goes:
        first, last = plan.goes[0], plan.goes[-1]
        what = ", ".join(f"{count} {table.replace('_', ' ')}" for table, count in plan.rows.items())
        yield (
            f"{len(plan.goes)} sessions from {moment_text(first.session.started_at_ns)} to"
            f" {moment_text(last.over_at_ns)}: {what}"
        )
    yield f"moved to {done.file}" if done else "nothing was moved"
    for why, count in Counter(each.stays for each in plan.judged if each.stays).items():
        yield f"{count} sessions stay: {why}"
    if done is not None:
        for file in done.left:
            yield f"{file} is not of this ledger, or damaged: it was left as it is"
        if done.not_shrunk:
            yield f"the ledger's file keeps its size until it is used again: {done.not_shrunk}"


def _session(each: Judged) -> Json:
    return {
        "session": each.session.session,
        "venue": each.session.venue,
        "began_at": moment_text(each.session.started_at_ns),
        "over_at": moment_text(each.over_at_ns),
    }
