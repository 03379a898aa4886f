"""What is known of a format that is not read line by line."""

from collections.abc import Callable, Iterator

import attrs

from engine.datasets.sources import Advance, Source
from trading.datasets.importers.notes import Asked
from trading.datasets.standing import BareRecord


@attrs.frozen(kw_only=True)
class BinaryFormat:
    """
    Such a format.

    Args:
        name: As ``--format`` says it.
        title: As people say it.
        recognise: Whether a file is of it; exact.
        read: Its records; raises ``UNREADABLE`` with the row in words.
        refused: Why such files cannot become a dataset; empty where they can.
    """

    name: str
    title: str
    recognise: Callable[[Source], bool]
    read: Callable[[Source, Asked, Advance], Iterator[BareRecord]]
    refused: str = ""
