"""Files of a known format become a dataset: recognised, put in order, read, corrected, written."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import attrs

from engine.datasets.binary import BinaryFormat
from engine.datasets.formats import Format, formats_of
from engine.datasets.lines import Lines, first_moment
from engine.datasets.session_sources import sources_of
from engine.datasets.sources import Advance, Source
from engine.datasets.spool import Spool
from engine.datasets.unfit import UnfitAsked, overlapping, unfit
from engine.datasets.writing import check_place, write_dataset
from engine.storage.places import where_it_leads
from trading.core.decimals import decimal_text
from trading.core.identifiers import Pair
from trading.datasets.clock import ClockCorrection, TimesTold
from trading.datasets.importers.notes import UNREADABLE, UNTOLD_NS, Asked, Notes
from trading.datasets.importers.scale import Scale, WrongLot
from trading.datasets.meta import DatasetMeta
from trading.datasets.standing import BareRecord

_TOLD_EVERY = 50_000


@attrs.frozen(kw_only=True)
class Import:
    """
    What is to be imported.

    Args:
        files: Files, and folders of sessions.
        format_name: Of the files; ``None`` to recognise it.
        tick: Price of one tick, in quote currency.
        lot: Quantity of one lot, in base currency.
        latency_min_ns: What news takes at least, where clocks were corrected or times are not told.
        replace: Whether a dataset that is there already makes way.
    """

    files: Sequence[Path]
    format_name: str | None
    pair: Pair
    tick: Decimal
    lot: Decimal
    out: Path
    latency_min_ns: int = 1_000_000
    replace: bool = False


@attrs.frozen
class Progress:
    """
    Told how far an import is.

    Args:
        read: So many more bytes of the files were read.
        written: Of so many records so many are written.
    """

    read: Advance = lambda _: None
    written: Callable[[int, int], None] = lambda _done, _all: None


NOBODY = Progress()
"""Nobody is told."""


def import_files(request: Import, progress: Progress = NOBODY) -> DatasetMeta:
    """
    Make a dataset of files.

    Raises:
        NoSource: A file is missing, or not readable to its end.
        UnknownFormat: They are of no format, of several, or of one that cannot be imported.
        UnfitSource: A row is none of its format.
        UnfitAsked: A row does not fit pair, tick or lot.
        FileExistsError: The dataset is there already.
        PlaceTaken: What is to be replaced is not a dataset and nothing else.
        OSError: The disk does not take it.
    """
    out = where_it_leads(request.out)
    check_place(out, replace=request.replace)
    sources = sources_of(request.files)
    notes = Notes()
    asked = Asked(request.pair, Scale(request.tick, request.lot), notes)
    found = formats_of(sources, request.format_name)
    told = TimesTold()
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        spool = Spool(Path(folder))
        ordered: list[Source] = []
        for format_, files in found.items():
            in_order = _in_order(format_, files)
            ordered += in_order
            for records in _read(format_, in_order, asked, progress.read):
                spool.add(_noted(records, told, notes, request.latency_min_ns))
        for source in ordered:
            for name in source.missing:
                notes.guess(
                    f"that nothing follows on {name}, which was cut off: the engine was killed, or"
                    " goes on"
                )
        _check_lots(asked, request)
        correction = ClockCorrection(told, request.latency_min_ns)
        name = next(iter(found)).name

        def meta() -> DatasetMeta:
            return DatasetMeta(
                pair=request.pair,
                tick=decimal_text(request.tick),
                lot=decimal_text(request.lot),
                importer=name,
                sources=tuple(told for source in ordered for told in source.told()),
                guessed=tuple(notes.guessed),
                skipped=dict(sorted(notes.skipped.items())),
                clock=correction.clock(),
            )

        records = _counted(correction.corrected(spool.records()), spool.count, progress)
        return write_dataset(out, meta, records, replace=request.replace)


def _check_lots(asked: Asked, request: Import) -> None:
    lots = asked.scale.quantities
    try:
        lots.check()
    except WrongLot as error:
        raise UnfitAsked(str(error)) from error
    if lots.finer:
        asked.notes.guess(
            f"{lots.finer} of {lots.met} different quantities are finer than a lot of"
            f" {decimal_text(request.lot)}, and were rounded down"
        )


def _noted(
    records: Iterator[BareRecord], told: TimesTold, notes: Notes, latency_ns: int
) -> Iterator[BareRecord]:
    """Note the times that are told; a receive time that is not follows from the exchange's."""
    take = told.take
    for record in records:
        if record[1] == UNTOLD_NS:
            notes.guess(f"receive times: {latency_ns / 1e6:g} ms after the exchange's")
            yield (record[0], record[0] + latency_ns, *record[2:])
        else:
            take(record[0], record[1])
            yield record


def _counted(records: Iterator[BareRecord], count: int, progress: Progress) -> Iterator[BareRecord]:
    for done, record in enumerate(records):
        if done % _TOLD_EVERY == 0:
            progress.written(done, count)
        yield record


def _in_order(format_: Format, files: list[Source]) -> list[Source]:
    """Files by the first time that each tells; those that tell none stay as they were named."""
    moments = [_first_moment(format_, source) for source in files]
    if None in moments:
        return files
    order = sorted(range(len(files)), key=lambda index: (moments[index], index))
    return [files[index] for index in order]


def _first_moment(format_: Format, source: Source) -> int | None:
    if isinstance(format_, BinaryFormat):
        try:
            return format_.moment(source)
        except UNREADABLE as error:
            raise unfit(error, str(source.path), f"{source.path}: ", "") from error
    return first_moment(format_, source)


def _read(
    format_: Format, files: list[Source], asked: Asked, advance: Advance
) -> Iterator[Iterator[BareRecord]]:
    """The records of each file, or of all where they are one stream."""
    if isinstance(format_, BinaryFormat):
        yield _binary(format_, files, asked, advance)
        return
    lines = Lines(format_, advance)
    asked.scale.quantities.place = lines.place
    if format_.stream:
        yield lines.records(lines.of(files), asked)
        return
    for source in files:
        yield lines.records(lines.of([source]), attrs.evolve(asked, file_name=source.name))


def _binary(
    format_: BinaryFormat, files: list[Source], asked: Asked, advance: Advance
) -> Iterator[BareRecord]:
    read, newest_ns, before = format_.begin(asked), 0, files[0]
    for source in files:
        place = f"{source.path}: "
        asked.scale.quantities.place = lambda place=place: place  # type: ignore[misc]
        try:
            if newest_ns > format_.moment(source):
                raise overlapping(before, source)
            for record in read(source, advance):
                newest_ns = max(newest_ns, record[0], record[1])
                yield record
        except UNREADABLE as error:
            raise unfit(error, str(source.path), place, "") from error
        before = source
