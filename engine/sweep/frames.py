"""Messages between a cell's process and whoever started it: a length, and so many bytes."""

import struct
from typing import IO

_LENGTH = struct.Struct("<I")
_LENGTH_MAX = 64 * 1024 * 1024
"""No request and no result is longer: a longer one is no message of ours."""


def write_frame(stream: IO[bytes], message: bytes) -> None:
    """
    Write one message.

    Raises:
        OSError: The other side is gone.
    """
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next message; ``None`` at the end, also where that is in the middle of one."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    [length] = _LENGTH.unpack(head)
    if length > _LENGTH_MAX:
        return None
    message = stream.read(length)
    return message if len(message) == length else None
