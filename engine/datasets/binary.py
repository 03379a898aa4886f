"""What is known of a format that is not read line by line."""

from collections.abc import Callable, Iterator

import attrs

from engine.datasets.sources import Advance, Source
from trading.datasets.importers.notes import Asked
from trading.datasets.standing import BareRecord

ReadFile = Callable[[Source, Advance], Iterator[BareRecord]]
"""Reads files one after the other; raises ``UNREADABLE`` with the row in words."""


@attrs.frozen(kw_only=True)
class BinaryFormat:
    """
    Such a format.

    Args:
        name: As ``--format`` says it.
        title: As people say it.
        content: What its files hold; files of one format and another content go together.
        recognise: Whether a file is of it; exact.
        moment: A time that a file begins with, by which files are put in order.
        begin: What reads the files of one import.
        refused: Why such files cannot become a dataset; empty where they can.
    """

    name: str
    title: str
    content: str
    recognise: Callable[[Source], bool]
    moment: Callable[[Source], int]
    begin: Callable[[Asked], ReadFile]
    refused: str = ""
