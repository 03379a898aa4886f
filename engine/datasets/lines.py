"""Lines of files that are imported one after the other, and which of them is read."""

from collections.abc import Iterator, Sequence

import attrs

from engine.datasets.sources import Advance, Source
from engine.datasets.unfit import overlapping, unfit
from trading.datasets.importers.form import TextFormat
from trading.datasets.importers.notes import UNREADABLE, Asked
from trading.datasets.importers.order import never_backwards
from trading.datasets.standing import BareRecord

_EXCERPT_LENGTH_MAX = 120


def first_moment(format_: TextFormat, source: Source) -> int | None:
    """The first time that a file tells, in the unit of its format."""
    return next((told for line in source.head if (told := format_.moment(line)) is not None), None)


@attrs.define
class Lines:
    """Lines of files one after the other; knows which it handed out last."""

    format_: TextFormat
    advance: Advance
    source: Source | None = None
    line: bytes = b""
    newest: int | None = None

    def of(self, files: Sequence[Source]) -> Iterator[bytes]:
        """
        All lines.

        Raises:
            UnfitSource: A file begins before the one before it ended.
        """
        for source in files:
            before, last = self.source, self.newest
            self.source = source
            self._check_overlap(before, last)
            for line in source.lines(self.advance):
                self.line = line
                yield line
            self.newest = self.format_.moment(self.line)

    def records(self, lines: Iterator[bytes], asked: Asked) -> Iterator[BareRecord]:
        """
        What the lines tell.

        Raises:
            UnfitSource: A line is none of the format, or does not fit; it is named.
        """
        records = self.format_.read(lines, asked)
        try:
            if self.format_.stream:
                records = never_backwards(records, asked.notes)
            yield from records
        except UNREADABLE as error:
            text = self.line[:_EXCERPT_LENGTH_MAX].decode("utf-8", "replace")
            raise unfit(error, self._path, self.place(), f", in {text!r}") from error

    def place(self) -> str:
        """Which row is read, in words."""
        row = 0 if self.source is None else self.source.row
        return f"{self._path}: row {row}: "

    @property
    def _path(self) -> str:
        return "" if self.source is None else str(self.source.path)

    def _check_overlap(self, before: Source | None, last: int | None) -> None:
        assert self.source is not None
        first = first_moment(self.format_, self.source)
        if before is None or last is None or first is None or first >= last:
            return
        raise overlapping(before, self.source)
