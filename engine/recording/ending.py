"""What is said of how a session's recording ends: nothing, where it ends in good order."""

from collections.abc import Iterator

from engine.environment.state_folder import running_engine
from engine.storage.session_end import SessionEnd
from engine.storage.session_files import part_number
from engine.storage.session_folder import SessionFolder
from trading.recorded.noted import Part


def writer_of(session: SessionFolder) -> str | None:
    """The engine that is recording a session now; of a state directory only the newest may be."""
    path = session.path.resolve()
    newest = max(
        (each.name for each in path.parent.iterdir() if each.name.isdecimal()),
        key=int,
        default="",
    )
    if path.name != newest:
        return None
    return running_engine(path.parent.parent)


def end_notes(end: SessionEnd, writer: str | None) -> Iterator[str]:
    """
    For people.

    Args:
        writer: The engine that is still recording the session; ``None`` for none.
    """
    if end.ended:
        return
    if writer is not None:
        yield f"it is still being written, by {writer}: this is what is on the disk so far"
    else:
        cut = f"; cut off: {', '.join(end.cut)}" if end.cut else ""
        yield f"it has no end: the engine was killed, or could not record any more{cut}"


def account_notes(end: SessionEnd) -> Iterator[str]:
    """For people, of a market that is read without our own orders in it."""
    for name in end.missing:
        if part_number(name, Part.ACCOUNT):
            yield f"{name} is missing: our own orders and trades count as everybody's"


def end_as_json(end: SessionEnd, writer: str | None) -> dict[str, object]:
    """For machines; arguments as of ``end_notes``."""
    return {
        "ended": end.ended,
        "still_written_by": writer,
        "cut_files": list(end.cut),
        "missing_files": list(end.missing),
    }
