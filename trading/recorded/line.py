"""
A recording of a venue's frames: one a line, in the venue's own text.

A line is a frame; or the local receive time in nanoseconds since the epoch, a space, and the frame.
In the place of a frame stands ``gap`` and a number where so many frames could not be written.
"""

import attrs

_NS_DIGITS_MAX = 19
_LINE_BREAKS = str.maketrans("\r\n", "  ")
_GAP = "gap "


@attrs.frozen
class RecordedFrame:
    """
    What a line holds.

    Args:
        received_ns: Wall clock, nanoseconds since the epoch; ``None`` where it was not written.
        text: The frame.
    """

    received_ns: int | None
    text: str


def line_of(frame: str, received_ns: int) -> str:
    """
    The line of a frame, with its end.

    JSON has line breaks between its tokens only, where a space means the same.
    """
    return f"{received_ns} {on_one_line(frame)}\n"


def on_one_line(text: str) -> str:
    """A text with spaces in the place of its line breaks."""
    return text.translate(_LINE_BREAKS)


def gap_line(at_ns: int, lost: int) -> str:
    """The line, with its end, that stands for frames that could not be written."""
    return f"{at_ns} {_GAP}{lost}\n"


def lost_in(text: str) -> int | None:
    """How many frames a line without its time stands for; ``None`` for a frame."""
    word, count = text[: len(_GAP)], text[len(_GAP) :]
    return int(count) if word == _GAP and count.isascii() and count.isdecimal() else None


def read_line(line: bytes) -> RecordedFrame:
    """
    A line's frame.

    Raises:
        ValueError: The line is not UTF-8, or there is nothing in it.
    """
    try:
        text = line.decode().strip()
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: {error.reason} at byte {error.start + 1}") from error
    if not text:
        raise ValueError("an empty line")
    stamp, _, frame = text.partition(" ")
    if stamp.isascii() and stamp.isdecimal() and len(stamp) <= _NS_DIGITS_MAX:
        return RecordedFrame(int(stamp), frame)
    return RecordedFrame(None, text)
