"""The recorded markets of a backtest: opened, and held against what is traded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import attrs

from config.load.checks import simulated_instruments
from config.settings import Settings
from engine.backtest.refusal import NoBacktest, NoDataset
from engine.backtest.task import DataSpan
from engine.datasets.keeping import data_folder, data_folder_source
from engine.datasets.reading import META_NAME, DamagedDataset, Dataset, open_dataset
from engine.environment.simulated_venue import Tape, built_in_rules
from engine.process.exit_codes import ExitCode
from engine.reports.words import moment
from trading.core.identifiers import Pair
from trading.core.instrument import Instrument
from trading.datasets.meta import QueueKind
from trading.datasets.record import Flags, Kind
from trading.research.dataset_mids import mids_of
from trading.research.result import MidSeries
from trading.simulator.market.two_clocks import Row

_OWN_TRADE = int(Flags.OWN_TRADE)
_BEGINS = (int(Kind.CLEAR), int(Kind.SNAPSHOT_LEVEL))
_TOLD_EVERY = 4096
"""Records between two looks at how far it is."""

Advance = Callable[[int], None]
"""Told how many more records were read."""


@attrs.frozen(kw_only=True)
class Recorded:
    """
    One pair's recorded market, or a span of it.

    Args:
        began_ns: When its first whole book is seen.
        ended_ns: When the last of it is seen.
    """

    dataset: Dataset
    span: DataSpan
    began_ns: int
    ended_ns: int

    @property
    def pair(self) -> Pair:
        return self.dataset.meta.pair

    @property
    def name(self) -> str:
        """What it is called in results."""
        return self.span.name or str(self.dataset.path)

    def rows(self, advance: Advance) -> Iterator[Row]:
        """
        Its records as they were seen.

        Raises:
            NoBacktest: A part is damaged.
        """
        count = 0
        try:
            for row in self.dataset.records(self.span.from_ns, self.span.to_ns):
                count += 1
                if count == _TOLD_EVERY:
                    advance(count)
                    count = 0
                yield row
        except DamagedDataset as error:
            raise NoBacktest(str(error), ExitCode.NO_INPUT) from error
        advance(count)

    def mids(self) -> MidSeries:
        """
        Its mid price by exchange time.

        Raises:
            NoBacktest: A part is damaged.
        """
        dataset, span = self.dataset, self.span
        try:
            return _mids(dataset.path, dataset.meta.digest, span.from_ns, span.to_ns)
        except DamagedDataset as error:
            raise NoBacktest(str(error), ExitCode.NO_INPUT) from error

    @property
    def gaps(self) -> Sequence[int]:
        """When something was missing, of those within the span that are listed."""
        return [ns for ns in self.dataset.meta.gaps if self.began_ns <= ns <= self.ended_ns]


@lru_cache(maxsize=4)
def _mids(path: Path, _digest: str, from_ns: int | None, to_ns: int | None) -> MidSeries:
    """The mid price of a market; of the last few, for a sweep asks for the same one often."""
    dataset = open_dataset(path)
    return mids_of(dataset.records(from_ns, to_ns), dataset.meta.tick_size)


def find(span: DataSpan) -> Dataset:
    """
    A dataset by its path, or by its digest in this machine's folder of them.

    Raises:
        NoDataset: It is not there, damaged, or another one.
    """
    # Without a digest any other one in that folder would do.
    elsewhere = data_folder() if span.digest else None
    places = [Path(span.path)]
    if elsewhere is not None:
        sent = elsewhere / span.digest
        others = sorted(each.parent for each in elsewhere.glob(f"*/{META_NAME}"))
        places += [sent, *(each for each in others if each != sent)]
    trouble = ""
    for place in places:
        try:
            dataset = open_dataset(place)
        except DamagedDataset as error:
            trouble = trouble or str(error)
            continue
        if not span.digest or dataset.meta.digest == span.digest:
            return dataset
        trouble = trouble or f"{place} is another dataset than the one that is meant"
    where = "" if elsewhere is None else f"; nor is it in {elsewhere} ({data_folder_source()})"
    raise NoDataset(f"{trouble}{where}", ExitCode.NO_INPUT)


def markets_of(spans: Sequence[DataSpan], settings: Settings) -> Mapping[Pair, Recorded]:
    """
    The markets by their pairs, one for each pair that is traded.

    Raises:
        NoBacktest: One cannot be traded on as it is.
    """
    listed = simulated_instruments(built_in_rules(), settings.simulator)
    traded = {strategy.pair: name for name, strategy in settings.strategies.items()}
    found: dict[Pair, Recorded] = {}
    for span in spans:
        dataset = find(span)
        pair = dataset.meta.pair
        if pair not in traded:
            pairs = ", ".join(sorted(traded))
            raise NoBacktest(
                f"{dataset.path} is a market of {pair}, and the strategies trade {pairs}",
                ExitCode.USAGE,
            )
        if pair in found:
            raise NoBacktest(
                f"{dataset.path} and {found[pair].dataset.path} are both of {pair}: name one",
                ExitCode.USAGE,
            )
        _require_fit(dataset, listed[pair], settings.simulator.queue)
        found[pair] = _recorded(dataset, span)
    for pair, name in traded.items():
        if pair not in found:
            raise NoBacktest(
                f"strategy {name} trades {pair}, and no dataset of that is given: name it with"
                " --data",
                ExitCode.USAGE,
            )
    return found


def tape_of(
    markets: Mapping[Pair, Recorded], advance: Advance, *, with_own_trades: bool = False
) -> Tape:
    """
    The markets as an exchange replays them.

    Args:
        with_own_trades: Whether trades with our own orders are everybody's: where the same orders
            are there again, whoever took comes again.
    """
    rows = {pair: market.rows(advance) for pair, market in markets.items()}
    return Tape(
        rows={pair: map(_not_our_trade, each) for pair, each in rows.items()}
        if with_own_trades
        else rows,
        lot_sizes={pair: market.dataset.meta.lot_size for pair, market in markets.items()},
    )


def _not_our_trade(row: Row) -> Row:
    return (*row[:7], row[7] & ~_OWN_TRADE) if row[7] & _OWN_TRADE else row


def _require_fit(dataset: Dataset, listed: Instrument, queue: str) -> None:
    meta = dataset.meta
    if meta.queue is QueueKind.NONE:
        raise NoBacktest(
            f"{dataset.path} cannot fill orders: it lacks books or trades (it has"
            f" {', '.join(sorted(meta.counts)) or 'nothing'})",
            ExitCode.NO_INPUT,
        )
    if queue == "l3" and meta.queue is not QueueKind.ORDERS:
        raise NoBacktest(
            f"{dataset.path} tells levels alone, and the queue model l3 needs orders one by one:"
            " choose risk_averse, power:n or log",
            ExitCode.USAGE,
        )
    for what, told, wanted in (
        ("tick", meta.tick_size, listed.tick_size),
        ("lot", meta.lot_size, listed.lot_size),
    ):
        if told != wanted:
            raise NoBacktest(
                f"{dataset.path} has a {what} of {told:f}, and {meta.pair} is listed with"
                f" {wanted:f}: {_cure(meta.pair, listed, meta.tick_size, meta.lot_size)}",
                ExitCode.CONFIGURATION,
            )


def _cure(pair: Pair, listed: Instrument, tick: Decimal, lot: Decimal) -> str:
    places = lot.normalize().as_tuple().exponent
    assert isinstance(places, int)
    return (
        f"list it as it was recorded, [simulator.pairs.{pair}] with tick_size = {tick:f},"
        f" base_decimal_places = {max(0, -places)}, base = {listed.base}, quote = {listed.quote}"
        " and the venue's smallest and largest orders"
    )


def _recorded(dataset: Dataset, span: DataSpan) -> Recorded:
    meta = dataset.meta
    first, last = meta.first_ns, meta.last_ns
    if first is None or last is None:
        raise NoBacktest(f"{dataset.path} is empty", ExitCode.NO_INPUT)
    has = f"{dataset.path} has {moment(first)} to {moment(last)}"
    if span.from_ns is not None and span.to_ns is not None and span.from_ns >= span.to_ns:
        raise NoBacktest(f"{dataset.path}: the span ends before it begins", ExitCode.USAGE)
    began = _first_book(dataset, span)
    if began is None:
        raise NoBacktest(f"there is no book in this span; {has}", ExitCode.USAGE)
    ended = last if span.to_ns is None else min(last, span.to_ns - 1)
    if ended <= began:
        raise NoBacktest(f"nothing happens in this span; {has}", ExitCode.USAGE)
    return Recorded(dataset=dataset, span=span, began_ns=began, ended_ns=ended)


def _first_book(dataset: Dataset, span: DataSpan) -> int | None:
    try:
        for row in dataset.records(span.from_ns, span.to_ns):
            if row[5] in _BEGINS:
                return row[1]
    except DamagedDataset as error:
        raise NoBacktest(str(error), ExitCode.NO_INPUT) from error
    return None
