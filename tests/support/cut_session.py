"""Copies of a traded session that lack something at their ends."""

import shutil
from pathlib import Path

from tests.support.traded_session import traded_session


def a_copy(folder: Path) -> Path:
    """The whole session, with its ledger, in a state directory of its own."""
    session = traded_session()
    state = folder / "paper"
    target = state / "recordings" / session.name
    shutil.copytree(session, target)
    shutil.copy(session.parents[1] / "ledger.sqlite", state)
    return target


def cut_off(session: Path, *names: str) -> None:
    """Cut the ends of files off, as where the engine was killed."""
    for name in names:
        file = session / name
        file.write_bytes(file.read_bytes()[:-20])
