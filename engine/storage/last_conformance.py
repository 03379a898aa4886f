"""When the venue was last looked at, check by check: a small file in the state directory."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import attrs
import structlog

from engine.storage.private_folder import give_to_its_owner, make_private

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class LastConformance:
    """
    A run of ``engine conformance``.

    Args:
        at_ns: By the wall clock.
        venue: Its identity in the ledger.
        level: How far it went.
        differing: Ids of the checks in which the venue does not do what is assumed.
    """

    at_ns: int
    venue: str
    level: str
    differing: tuple[str, ...] = ()

    @property
    def day(self) -> str:
        """The date, for a person."""
        return datetime.fromtimestamp(self.at_ns // 10**9, UTC).strftime("%Y-%m-%d")


def remember_conformance(folder: Path, last: LastConformance) -> None:
    """
    Write down a run.

    Raises:
        OSError: It cannot be written.
    """
    make_private(folder)
    path = _place(folder)
    draft = path.with_name(path.name + ".part")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as content:
        json.dump(attrs.asdict(last), content)
    give_to_its_owner(draft)
    draft.replace(path)


def last_conformance(folder: Path, venue: str) -> LastConformance | None:
    """The last run at a venue; ``None`` where none is written down, or it cannot be read."""
    try:
        content = json.loads(_place(folder).read_bytes())
        last = LastConformance(
            at_ns=int(content["at_ns"]),
            venue=str(content["venue"]),
            level=str(content["level"]),
            differing=tuple(map(str, content["differing"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return last if last.venue == venue else None


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
