"""When a ledger was last checked whole: a small file beside it, for a start to tell."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import attrs
import structlog

from engine.storage.ledger_checks import WHOLE_CHECK_BYTES_MAX
from engine.storage.private_folder import give_to_its_owner

log = structlog.get_logger()

_OLD_NS = 90 * 86_400 * 10**9
"""As long as sessions stay in the ledger unless they are archived earlier or later."""
_CURE = "engine ledger check CONFIG checks all of it, also while the engine runs"


@attrs.frozen
class LastCheck:
    """
    A check of every page and every row that found nothing.

    Args:
        at_ns: By the wall clock.
        size: Bytes of the ledger's file.
    """

    at_ns: int
    size: int


def remember_check(ledger: Path, check: LastCheck) -> None:
    """
    Write down a check that found nothing.

    Raises:
        OSError: It cannot be written.
    """
    path = _place(ledger)
    draft = path.with_name(path.name + ".part")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as content:
        json.dump(attrs.asdict(check), content)
    give_to_its_owner(draft)
    draft.replace(path)


def last_check(ledger: Path) -> LastCheck | None:
    """The last check that is written down; ``None`` where none is, or it cannot be read."""
    try:
        content = json.loads(_place(ledger).read_bytes())
        return LastCheck(int(content["at_ns"]), int(content["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def tell_what_is_unchecked(ledger: Path, now_ns: int) -> None:
    """Log that a ledger is too large to be checked whole at a start, and when it last was."""
    try:
        size = ledger.stat().st_size
    except OSError:
        return  # the start will say so
    if size <= WHOLE_CHECK_BYTES_MAX:
        return
    last = last_check(ledger)
    when = None if last is None else datetime.fromtimestamp(last.at_ns // 10**9, UTC).isoformat()
    due = last is None or now_ns - last.at_ns > _OLD_NS or size > 2 * last.size
    tell = log.warning if due else log.info
    tell("ledger_checked_in_part", mib=size >> 20, last_whole_check=when, cure=_CURE)


def _place(ledger: Path) -> Path:
    return ledger.with_name("ledger.checked")
