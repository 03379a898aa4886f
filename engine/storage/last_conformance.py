"""What a venue was last seen to do, check by check: a small file in the state directory."""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import structlog

from engine.storage.private_folder import give_to_its_owner, make_private

log = structlog.get_logger()

_VENUES_MAX = 8
"""Of so many the newest looks are kept: one state directory seldom has more than one."""


@attrs.frozen(kw_only=True)
class Looked:
    """
    What a check was seen to come to, when it was last seen to come to anything.

    Args:
        differs: The venue does not do what is assumed.
        at_ns: By the wall clock.
        since_ns: When it was first seen so, of all looks since it was last otherwise.
    """

    differs: bool
    at_ns: int
    since_ns: int

    @property
    def since(self) -> str:
        """A date, for a person."""
        return _day(self.since_ns)


@attrs.frozen(kw_only=True)
class LastConformance:
    """
    What the runs of ``engine conformance`` at a venue have seen, the newest of each check.

    Args:
        at_ns: Of the last run, by the wall clock.
        venue: Its identity in the ledger.
        level: How far the last run went.
        checks: By their ids; of a file of an earlier version only those that differ.
        known: How many checks there are; 0 of a file of an earlier version.
    """

    at_ns: int
    venue: str
    level: str
    checks: Mapping[str, Looked] = attrs.field(factory=dict)
    known: int = 0

    @property
    def day(self) -> str:
        """The date, for a person."""
        return _day(self.at_ns)

    @property
    def differing(self) -> Sequence[str]:
        """Ids of the checks in which the venue does not do what is assumed."""
        return [name for name, looked in self.checks.items() if looked.differs]

    def after(self, run: "LastConformance") -> "LastConformance":
        """It with a later run: a difference stands until that check has seen none."""
        return attrs.evolve(
            run,
            checks={
                **self.checks,
                **{name: _later(self.checks.get(name), now) for name, now in run.checks.items()},
            },
        )


def _later(before: Looked | None, now: Looked) -> Looked:
    if before is None or before.differs is not now.differs:
        return now
    return attrs.evolve(now, since_ns=before.since_ns)


def remember_conformance(folder: Path, run: LastConformance, known: Collection[str]) -> None:
    """
    Write down a run, beside what earlier ones have seen.

    Args:
        known: The checks that there are: what was seen by one that is gone is forgotten.

    Raises:
        OSError: It cannot be written.
    """
    make_private(folder)
    kept = {each.venue: each for each in _all(folder)}
    before = kept.pop(run.venue, None)
    last = run if before is None else before.after(run)
    still = {name: looked for name, looked in last.checks.items() if name in known}
    last = attrs.evolve(last, checks=still, known=len(known))
    newest = sorted([*kept.values(), last], key=lambda each: each.at_ns)[-_VENUES_MAX:]
    path = _place(folder)
    draft = path.with_name(path.name + ".part")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as content:
        json.dump({"venues": [attrs.asdict(each) for each in newest]}, content)
    give_to_its_owner(draft)
    draft.replace(path)


def last_conformance(folder: Path, venue: str) -> LastConformance | None:
    """What was last seen at a venue; ``None`` where nothing is written down."""
    return next((each for each in _all(folder) if each.venue == venue), None)


def _all(folder: Path) -> Sequence[LastConformance]:
    try:
        content = json.loads(_place(folder).read_bytes())
        return [_read(row) for row in content.get("venues", [content])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _read(row: Mapping[str, Any]) -> LastConformance:
    at_ns = int(row["at_ns"])
    earlier = {str(name): Looked(differs=True, at_ns=at_ns, since_ns=at_ns) for name in _names(row)}
    checks = {
        str(name): Looked(
            differs=bool(looked["differs"]),
            at_ns=int(looked["at_ns"]),
            since_ns=int(looked["since_ns"]),
        )
        for name, looked in row.get("checks", {}).items()
    }
    return LastConformance(
        at_ns=at_ns,
        venue=str(row["venue"]),
        level=str(row["level"]),
        checks=earlier | checks,
        known=int(row.get("known", 0)),
    )


def _names(row: Mapping[str, Any]) -> Sequence[Any]:
    """What a file of an earlier version says: of its one run, the ids of what differed."""
    return list(row.get("differing", ()))


def tell_what_is_assumed(folder: Path, venue: str, config: str) -> None:
    """Log that a venue was never looked at, or what is otherwise there, with the command for it."""
    last, cure = last_conformance(folder, venue), f"engine conformance {config}"
    if last is None:
        log.warning("venue_never_examined", venue=venue, cure=cure)
    elif last.differing:
        differing = list(last.differing)
        log.warning("conformance_difference", venue=venue, differing=differing, cure=cure)


def _place(folder: Path) -> Path:
    return folder / "conformance.json"


def _day(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 10**9, UTC).strftime("%Y-%m-%d")
