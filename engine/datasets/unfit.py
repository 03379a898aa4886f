"""What is wrong with files that are imported, in words that name the file and the row."""

from engine.datasets.sources import Source
from trading.datasets.importers.notes import WrongPair
from trading.datasets.importers.scale import NoStep, WrongLot


class UnfitSource(Exception):
    """A row is none of its format; the message names file and row."""


class UnfitAsked(UnfitSource):
    """A file does not fit the pair, tick or lot that was asked for."""


def overlapping(before: Source, source: Source) -> UnfitSource:
    """Two files of one market that tell of the same time."""
    return UnfitSource(
        f"{before.path} and {source.path} overlap: the second begins before the first ends"
    )


def unfit(error: Exception, path: str, place: str, excerpt: str) -> UnfitSource:
    """
    An importer's error, with where it was.

    Args:
        path: Of the file.
        place: The file and perhaps the row, as they stand before what is wrong.
        excerpt: Of the row, as it stands after it; may be empty.
    """
    match error:
        case WrongLot():
            return UnfitAsked(str(error))
        case WrongPair():
            return UnfitAsked(f"{path}: {error}")
        case NoStep():
            return UnfitAsked(f"{place}{error}{excerpt}")
        case _:
            return UnfitSource(f"{place}{error}{excerpt}")
