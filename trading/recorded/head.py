"""The head of a session's recording: what was recorded, by which code, under which settings."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec


class SessionHead(msgspec.Struct, frozen=True, kw_only=True):
    """
    What ``head.json`` says.

    Args:
        format: Of the lines; another one is not read.
        code: The digest of the engine's code.
        version: Of the engine, for people.
        python: Its version.
        engine: The engine's name.
        session: The run's number in its ledger.
        venue: As the ledger names it.
        kind: Of the venue, as the configuration names it.
        feed: Where its books come from, by the venue's name.
        simulated: Whether the venue was the simulated exchange of this engine.
        book_depth: Levels of each side that a strategy is shown.
        seed: Of everything that is random.
        wall_ns: Our wall clock at the beginning, nanoseconds since the epoch.
        mono: Monotonic seconds at the same moment.
        configuration: As it was read, with overrides, without keys.
    """

    format: int
    code: str
    version: str
    python: str
    engine: str
    session: int
    venue: str
    kind: str
    feed: str
    simulated: bool
    book_depth: int
    seed: int
    wall_ns: int
    mono: float
    configuration: Mapping[str, object]


FORMAT = 1

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(SessionHead, float_hook=Decimal)


def head_json(head: SessionHead) -> bytes:
    """The file's content; numbers of the configuration stay as exact as they were written."""
    return msgspec.json.format(_ENCODER.encode(head), indent=1) + b"\n"


def read_head(data: bytes) -> SessionHead:
    """
    What a file says.

    Raises:
        ValueError: It is no such file, or of a format that is not read here.
    """
    try:
        head = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    if head.format != FORMAT:
        raise ValueError(f"it is of format {head.format}, and only format {FORMAT} is read")
    return head
