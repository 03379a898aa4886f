"""Databento's files, decoded by its own library, which is an extra."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from engine.datasets.binary import BinaryFormat, ReadFile
from engine.datasets.extras import extra_module
from engine.datasets.sources import Advance, Source
from trading.datasets.importers.databento import MarketByOrder, Message
from trading.datasets.importers.notes import Asked, WrongPair, same_pair
from trading.datasets.standing import BareRecord

_MAGIC = b"DBN"
_MBO = "mbo"
_NS_PER_DAY = 86_400_000_000_000
_EPOCH = dt.date(1970, 1, 1)


def _library() -> Any:
    return extra_module("databento_dbn", "to read Databento's files")


def _moment(source: Source) -> int:
    head = _library().Metadata.decode(source.start)
    return int(head.start)


def _begin(asked: Asked) -> ReadFile:
    market = MarketByOrder(asked)

    def read(source: Source, advance: Advance) -> Iterator[BareRecord]:
        library = _library()
        records = _decoded(source, advance, library)
        whose = _Whose(asked, next(records))
        for row, record in enumerate(records, start=1):
            if not isinstance(record, library.MBOMsg):
                asked.notes.skip(f"records of {type(record).__name__}")
            elif whose.is_of(record.instrument_id, record.ts_recv):
                yield from _named(market, record, row)
        yield from market.end()
        whose.check()

    return read


def _decoded(source: Source, advance: Advance, library: Any) -> Iterator[Any]:
    """The head of a file, and then its records."""
    decoder = library.DBNDecoder()
    try:
        for chunk in source.chunks(advance):
            decoder.write(chunk)
            yield from decoder.decode()
    except library.DBNError as error:
        raise ValueError(str(error)) from error
    if decoder.buffer():
        raise ValueError("it is cut off: it ends in the middle of a record")


def _named(market: MarketByOrder, record: Any, row: int) -> Iterator[BareRecord]:
    message = Message(
        action=str(record.action),
        side=str(record.side),
        price=record.price,
        size=record.size,
        order_id=record.order_id,
        flags=int(record.flags),
        ts_event=record.ts_event,
        ts_recv=record.ts_recv,
    )
    try:
        yield from market.take(message)
    except ValueError as error:
        raise type(error)(f"row {row}: {error}") from error


@attrs.define
class _Whose:
    """Which instruments of a file are the pair: their numbers are only valid for some days."""

    asked: Asked
    head: Any
    found: bool = False
    symbols: list[str] = attrs.field(factory=list)
    spans: dict[int, list[tuple[int, int]]] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        if self.head.schema is not None and str(self.head.schema) != _MBO:
            raise ValueError(
                f"its schema is {self.head.schema}: take mbo, which has every order of the book"
            )
        mappings: Mapping[str, Any] = self.head.mappings
        for symbol, intervals in mappings.items():
            self.symbols.append(symbol)
            if same_pair(self.asked.pair, symbol):
                for each in intervals:
                    span = _ns(each["start_date"]), _ns(each["end_date"])
                    self.spans.setdefault(int(each["symbol"]), []).append(span)
        if mappings and not self.spans:
            raise WrongPair(self.asked.pair, ", ".join(self.symbols))
        if not mappings:
            self.asked.notes.guess(f"that it is of {self.asked.pair}: it names no instrument")

    def is_of(self, instrument: int, at_ns: int) -> bool:
        spans = self.spans.get(instrument, [])
        if not self.symbols:
            # Without names all records have to be of one instrument.
            self.spans.setdefault(-1, [(instrument, instrument)])
            if self.spans[-1] != [(instrument, instrument)]:
                raise ValueError("it has several instruments and does not name them")
            self.found = True
        elif any(begin <= at_ns < end for begin, end in spans):
            self.found = True
        else:
            self.asked.notes.skip("records of other instruments")
            return False
        return True

    def check(self) -> None:
        if not self.found:
            raise WrongPair(self.asked.pair, ", ".join(self.symbols))


def _ns(date: Any) -> int:
    day = date if isinstance(date, dt.date) else dt.date.fromisoformat(str(date))
    return (day - _EPOCH).days * _NS_PER_DAY


FORMAT = BinaryFormat(
    name="databento-mbo",
    title="a DBN file of Databento",
    content="orders",
    recognise=lambda source: source.start.startswith(_MAGIC),
    moment=_moment,
    begin=_begin,
)
