"""Where an error was raised, for a log: a few frames with file and line, on one bounded line."""

import sysconfig
import traceback
from pathlib import Path

from engine.supervision.events import first_failure
from engine.supervision.policy import leaves

_OURS = Path(__file__).resolve().parents[2]
_SUPERVISION = "engine/supervision/"
_ACTORS = "actors/"
_OUTER_FRAMES_MAX, _INNER_FRAMES_MAX = 4, 2
_ROOTS = tuple(
    f"{Path(root).resolve()}/"
    for root in (
        *(sysconfig.get_paths()[name] for name in ("purelib", "platlib", "stdlib")),
        str(_OURS),
    )
)
"""Prefixes to leave out of paths; the longest that fits is taken."""


def raised_at(error: BaseException | None) -> str:
    """
    The way from the actor to where an error was raised, the place of the raise last.

    Of several errors at once the first one's; empty where none was raised, as for a deadline.
    """
    if error is None:
        return ""
    _, failure = first_failure(next(leaves(error)), "")
    failure = next(leaves(failure))
    frames = _frames(failure)
    while not frames and failure.__cause__ is not None:
        failure = next(leaves(failure.__cause__))
        frames = _frames(failure)
    most = _OUTER_FRAMES_MAX + _INNER_FRAMES_MAX
    if len(frames) > most:
        # A strategy's own frames come first, those that it calls last: both ends are shown.
        frames = [*frames[:_OUTER_FRAMES_MAX], "...", *frames[-_INNER_FRAMES_MAX:]]
    return " > ".join(frames)


def _frames(error: BaseException) -> list[str]:
    """From the last frame of an actor's file to the innermost one; none of supervision's."""
    summary = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), lookup_lines=False
    )
    places = [(_short(frame.filename), frame) for frame in summary]
    acting = [i for i, (path, _) in enumerate(places) if path.startswith(_ACTORS)]
    if acting:
        places = places[acting[-1] :]
    return [
        f"{path}:{frame.lineno} in {frame.name}"
        for path, frame in places
        if not path.startswith(_SUPERVISION)
    ]


def _short(path: str) -> str:
    fitting = [root for root in _ROOTS if path.startswith(root)]
    return path[len(max(fitting, key=len)) :] if fitting else path
