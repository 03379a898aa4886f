"""Binance's public dumps of trades become datasets that say what they cannot drive."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.datasets.formats import UnknownFormat
from engine.datasets.sources import NoSource
from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import MS, T0_MS, T0_NS, Importing, told
from trading.datasets.meta import QueueKind
from trading.datasets.record import Kind

FUTURES_HEAD = "id,price,qty,quote_qty,time,is_buyer_maker"
FUTURES_AGGREGATES_HEAD = (
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"
)
DAY_MS = 86_400_000
MIDNIGHT_MS = T0_MS - T0_MS % DAY_MS


def spot(number: int, at: int, price: str = "10.0", maker: str = "True") -> str:
    return f"{number},{price},0.50000000,5.00000000,{at},{maker},True"


def aggregate(number: int, at: int, maker: str = "false") -> str:
    return f"{number},10.1,0.25,{number * 2},{number * 2 + 1},{at},{maker}"


NAME = "BTCUSDT-trades-2023-11.csv"


@pytest.mark.parametrize("unit", [1, 1000], ids=["ms", "us"])
def test_spot_trades_have_no_head_and_times_of_either_unit(importing: Importing, unit: int) -> None:
    rows = [spot(7, T0_MS * unit), spot(8, (T0_MS + 3) * unit, maker="False")]
    dataset = importing.dataset(importing.file(NAME, rows))
    sold, bought = told(dataset, Kind.TRADE)
    # The buyer was the maker: the taker sold.
    assert (sold.side, bought.side) == (2, 1)
    assert (sold.price, sold.quantity) == (100, 500)
    assert (sold.exch_ns, bought.exch_ns) == (T0_NS, T0_NS + 3 * MS)
    assert sold.recv_ns == T0_NS + MS
    assert dataset.meta.clock.difference_min_ns is None
    assert dataset.meta.guessed == ("receive times: 1 ms after the exchange's",)
    assert dataset.meta.queue is QueueKind.NONE


@pytest.mark.parametrize("head", [[], [FUTURES_HEAD]])
def test_trades_of_futures_may_have_a_head(importing: Importing, head: Sequence[str]) -> None:
    rows = [*head, f"7,10.0,0.5,5,{T0_MS},true", f"8,10.0,0.5,5,{T0_MS},false"]
    assert importing.dataset(importing.file(NAME, rows)).meta.counts == {"TRADE": 2}


@pytest.mark.parametrize("head", [[], [FUTURES_AGGREGATES_HEAD]])
def test_aggregated_trades_of_futures_may_be_out_of_order(
    importing: Importing, head: Sequence[str]
) -> None:
    rows = [*head, aggregate(5, T0_MS + 5), aggregate(3, T0_MS + 3), aggregate(4, T0_MS + 4)]
    rows[len(head) :] = [aggregate(2, T0_MS + 2), *rows[len(head) :]]
    dataset = importing.dataset(importing.file("BTCUSDT-aggTrades-2023-11.csv", rows))
    assert [each.exch_ns for each in told(dataset)] == [T0_NS + ms * MS for ms in (2, 3, 4, 5)]
    assert dataset.meta.gaps == ()
    assert dataset.meta.skipped["rows that were not in the order of their ids, and were put there"]


def test_aggregated_trades_of_spot_have_one_column_more(importing: Importing) -> None:
    rows = [aggregate(2, T0_MS) + ",True"]
    assert importing.dataset(importing.file("aggs", rows)).meta.counts == {"TRADE": 1}


def test_holes_in_the_ids_are_gaps(importing: Importing) -> None:
    rows = [spot(1, T0_MS), spot(2, T0_MS + 1), spot(9, T0_MS + 5), spot(5, T0_MS + 6)]
    dataset = importing.dataset(importing.file(NAME, rows))
    assert dataset.meta.counts == {"TRADE": 4, "GAP": 2}
    assert dataset.meta.gaps == (T0_NS + 6 * MS, T0_NS + 6 * MS)


def test_an_id_that_comes_twice_is_refused(importing: Importing) -> None:
    with pytest.raises(UnfitSource, match="row 2: the id 1 came before"):
        importing.dataset(importing.file(NAME, [spot(1, T0_MS), spot(1, T0_MS)]))


def test_a_day_that_ends_early_is_told(importing: Importing) -> None:
    rows = [spot(1 + minute, MIDNIGHT_MS + minute * 60_000) for minute in range(60)]
    meta = importing.dataset(importing.file("BTCUSDT-trades-2023-11-14.csv", rows)).meta
    assert "23.0 h before the day's end" in str(meta.guessed)


def test_a_zip_archive_of_one_file_is_unpacked(importing: Importing) -> None:
    path = importing.folder / "BTCUSDT-trades-2023-11.zip"
    _zip(path, {NAME: f"{spot(1, T0_MS)}\n"})
    assert importing.dataset(path).meta.counts == {"TRADE": 1}
    _zip(path, {"a": "1", "b": "2"})
    with pytest.raises((UnknownFormat, NoSource)):
        importing.dataset(path)


def _zip(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def test_the_name_that_binance_gave_a_file_says_whose_it_is(importing: Importing) -> None:
    other = importing.file("ETHUSDT-trades-2023-11.csv", [spot(1, T0_MS)])
    with pytest.raises(UnfitAsked, match="it is of ETHUSDT"):
        importing.dataset(other)
    unnamed = importing.dataset(importing.file("trades.csv", [spot(1, T0_MS)]))
    assert "neither name nor rows say so" in str(unnamed.meta.guessed)


@pytest.mark.parametrize(
    "head",
    [
        "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time",
        "timestamp,percentage,depth,notional",
    ],
)
def test_files_without_levels_are_refused_as_such(importing: Importing, head: str) -> None:
    with pytest.raises(UnknownFormat, match="cannot drive a queue"):
        importing.dataset(importing.file("ticker.csv", [head, "1,2,3,4"]))


def test_times_of_two_units_in_a_file_are_refused(importing: Importing) -> None:
    rows = [spot(1, T0_MS), spot(2, (T0_MS + 1) * 1000)]
    with pytest.raises(UnfitSource, match=r"row 2: .* is no time of 13 digits"):
        importing.dataset(importing.file(NAME, rows))


@pytest.mark.parametrize("row", ["x,10.0,1,1,1", f"2,10.0,1,1,{T0_MS},perhaps,True"])
def test_a_row_that_is_none_is_named(importing: Importing, row: str) -> None:
    with pytest.raises(UnfitSource, match="row 2"):
        importing.dataset(importing.file(NAME, [spot(1, T0_MS), row]))


def test_days_that_overlap_are_refused(importing: Importing) -> None:
    first = importing.file("BTCUSDT-trades-2023-11-14.csv", [spot(1, T0_MS), spot(2, T0_MS + 9)])
    second = importing.file("BTCUSDT-trades-2023-11-15.csv", [spot(2, T0_MS + 8)])
    with pytest.raises(UnfitSource, match="overlap"):
        importing.dataset(second, first)
