"""What is known of a format of text files: how it is recognised, put in order and read."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from trading.datasets.importers.notes import Asked
from trading.datasets.standing import BareRecord


@attrs.frozen(kw_only=True)
class TextFormat:
    """
    A format whose rows are lines.

    Args:
        name: As ``--format`` says it.
        title: As people say it.
        content: What its files hold; files of one format and another content go together.
        recognise: Whether the first lines of a file are of it; exact, for what is recognised
            wrongly is read wrongly.
        moment: A time that a line tells, in whatever unit, by which files are put in order;
            ``None`` where it tells none.
        read: The records of lines; called once for all files where they are one stream, or else for
            each. Raises ``UNREADABLE`` of the line that it was given last.
        stream: Whether the files are one stream, in which nothing may be out of order.
        refused: Why such files cannot become a dataset; empty where they can.
    """

    name: str
    title: str
    content: str
    recognise: Callable[[Sequence[bytes]], bool]
    moment: Callable[[bytes], int | None] = lambda _: None
    read: Callable[[Iterable[bytes], Asked], Iterator[BareRecord]] = lambda _lines, _asked: iter(())
    stream: bool = False
    refused: str = ""
