"""The end of a session's recording: whether it has one, and which of its files are cut off."""

from collections import deque
from collections.abc import Sequence

import attrs

from engine.storage.session_files import SUFFIX
from engine.storage.session_folder import SessionFolder
from trading.recorded.noted import Ended, Part
from trading.recorded.replay import DamagedSession
from trading.recorded.session_lines import read_decisions_line


@attrs.frozen(kw_only=True)
class SessionEnd:
    """
    How a recording ends.

    Args:
        ended: Whether the recorder has written that it ends here.
        cut: Names of the files that end too early; none where it has its end.
        missing: Names of the first files of parts that have none.
    """

    ended: bool
    cut: Sequence[str]
    missing: Sequence[str] = ()


def session_end(session: SessionFolder) -> SessionEnd:
    """
    Look at the last file of each part, and at no other.

    Raises:
        DamagedSession: One is damaged, or was cut off after it had been recorded whole.
        OSError: One cannot be read.
    """
    decided: deque[bytes] = deque(maxlen=1)
    for part in Part:
        newest = deque(session.last_lines(part), maxlen=1)
        if part is Part.DECISIONS:
            decided.extend(line.text for line in newest)
    return end_of(session, ended=any(map(_is_end, decided)))


def end_of(session: SessionFolder, *, ended: bool) -> SessionEnd:
    """
    The end of a session whose last files were read.

    Raises:
        DamagedSession: A file was cut off after it had been recorded whole.
    """
    if ended and session.cut:
        cut = session.cut[0]
        how = (
            "was cut off after it had been recorded whole"
            if cut.stat().st_size
            else "is empty, and was recorded whole"
        )
        raise DamagedSession(f"{cut.name} {how}: copy it again from where it was recorded")
    return SessionEnd(
        ended=ended,
        cut=[path.name for path in session.cut],
        missing=[f"{part.value}-0001{SUFFIX}" for part in Part if not session.files[part]],
    )


def _is_end(line: bytes) -> bool:
    try:
        return isinstance(read_decisions_line(line), Ended)
    except ValueError:
        return False
