"""Parquet files of NautilusTrader's catalogue, opened by pyarrow, which is an extra."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.datasets.binary import BinaryFormat, ReadFile
from engine.datasets.extras import extra_module
from engine.datasets.sources import Advance, Source
from trading.datasets.importers import nautilus
from trading.datasets.importers.notes import Asked, WrongPair, same_pair
from trading.datasets.standing import BareRecord

_MAGIC = b"PAR1"
_DELTAS = ("action", "side", "price", "size", "order_id", "flags", "ts_event", "ts_init")
_TRADES = ("price", "size", "aggressor_side", "ts_event", "ts_init")
_MORE = {"sequence", "trade_id"}
_ROWS = 8192


def _opened(source: Source) -> Any:
    parquet = extra_module("pyarrow.parquet", "to read Parquet files")
    arrow = extra_module("pyarrow", "to read Parquet files")
    try:
        return parquet.ParquetFile(source.path)
    except (arrow.ArrowInvalid, OSError) as error:
        raise ValueError(f"it is no whole Parquet file: {error}") from error


def _has(source: Source, columns: Sequence[str]) -> bool:
    if not source.first.startswith(_MAGIC):
        return False
    try:
        names = set(_opened(source).schema_arrow.names)
    except ValueError:
        return False
    return names - _MORE == set(columns)


def _moment(source: Source) -> int:
    for batch in _opened(source).iter_batches(batch_size=1, columns=["ts_init"]):
        return int(batch.column(0)[0].as_py())
    return 0


def _rows(source: Source, columns: Sequence[str], asked: Asked, advance: Advance) -> Iterator[Any]:
    """Rows with their numbers, of a file that is of the pair."""
    file = _opened(source)
    instrument = (file.schema_arrow.metadata or {}).get(b"instrument_id", b"").decode()
    if not instrument:
        asked.notes.guess(f"that {source.name} is of {asked.pair}: it names no instrument")
    elif not same_pair(asked.pair, instrument.rpartition(".")[0] or instrument):
        raise WrongPair(asked.pair, instrument)
    row, whole = 0, max(file.metadata.num_rows, 1)
    for batch in file.iter_batches(batch_size=_ROWS, columns=list(columns)):
        by_name = dict(zip(batch.schema.names, batch.columns, strict=True))
        for values in zip(*(by_name[name].to_pylist() for name in columns), strict=True):
            row += 1
            yield row, values
        advance(round(source.size * batch.num_rows / whole))


def _deltas(asked: Asked) -> ReadFile:
    deltas = nautilus.Deltas(asked)

    def read(source: Source, advance: Advance) -> Iterator[BareRecord]:
        for row, values in _rows(source, _DELTAS, asked, advance):
            try:
                yield from deltas.take(*values)
            except ValueError as error:
                raise type(error)(f"row {row}: {error}") from error

    return read


def _trades(asked: Asked) -> ReadFile:
    trades = nautilus.Trades(asked)

    def read(source: Source, advance: Advance) -> Iterator[BareRecord]:
        for row, values in _rows(source, _TRADES, asked, advance):
            try:
                yield trades.take(*values)
            except ValueError as error:
                raise type(error)(f"row {row}: {error}") from error

    return read


TRADES = BinaryFormat(
    name="nautilus",
    title="NautilusTrader's trades",
    content="trades",
    recognise=lambda source: _has(source, _TRADES),
    moment=_moment,
    begin=_trades,
)
DELTAS = BinaryFormat(
    name="nautilus",
    title="NautilusTrader's changes of a book",
    content="book",
    recognise=lambda source: _has(source, _DELTAS),
    moment=_moment,
    begin=_deltas,
)
