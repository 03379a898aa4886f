"""
Parquet files of NautilusTrader's catalogue.

The schema is that of its crates/serialization/src/arrow: prices of 8 or of 16 bytes, precision and
instrument in the metadata alone. pyarrow is an extra; what rows mean is tested without it.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.datasets.formats import UnknownFormat
from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import MS, T0_NS, Importing, shown, told
from tests.support.extras import extra
from trading.core.identifiers import Pair
from trading.datasets.importers.nautilus import F_LAST, F_MBP, Deltas, Trades, number
from trading.datasets.importers.notes import UNTOLD_NS, Asked, Notes
from trading.datasets.importers.scale import Scale
from trading.datasets.meta import QueueKind
from trading.datasets.record import Kind

ADD, UPDATE, DELETE, CLEAR = 1, 2, 3, 4
BUY, SELL = 1, 2
Row = tuple[int, int, str, str, int, int, int, int]
"""Action, side, price, size, order, flags, milliseconds of event and of receipt."""

ORDERS: list[Row] = [
    (CLEAR, 0, "0", "0", 0, 0, 1, 2),
    (ADD, BUY, "10.0", "1", 5, 0, 1, 2),
    (ADD, SELL, "10.1", "2", 6, F_LAST, 1, 2),
    (UPDATE, BUY, "10.0", "0.5", 5, F_LAST, 2, 3),
    (DELETE, SELL, "10.1", "0", 6, F_LAST, 3, 4),
    (DELETE, SELL, "10.1", "0", 6, F_LAST, 3, 4),
]
LEVELS: list[Row] = [
    (CLEAR, 0, "0", "0", 0, 0, 1, 2),
    (ADD, BUY, "10.0", "1", 0, F_LAST, 1, 2),
    (UPDATE, BUY, "10.0", "2", 77, F_LAST | F_MBP, 2, 3),
    (DELETE, BUY, "10.0", "2", 0, F_LAST, 3, 4),
]


def raw(text: str, width: int) -> bytes:
    return int(Decimal(text).scaleb(9 if width == 8 else 16)).to_bytes(width, "little", signed=True)


def asked() -> Asked:
    return Asked(Pair("BTCUSDT"), Scale(Decimal("0.1"), Decimal("0.001")), Notes())


@pytest.mark.parametrize("width", [8, 16])
def test_prices_have_8_or_16_bytes(width: int) -> None:
    assert number(raw("61837.63", width), signed=True) == Decimal("61837.63")
    assert number(raw("-0.25", width), signed=True) == Decimal("-0.25")
    with pytest.raises(ValueError, match="neither 8 nor 16"):
        number(bytes(12), signed=True)


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        (ORDERS, [Kind.CLEAR, Kind.ADD, Kind.ADD, Kind.MODIFY, Kind.CANCEL]),
        (LEVELS, [Kind.CLEAR, Kind.LEVEL, Kind.LEVEL, Kind.LEVEL]),
    ],
)
def test_rows_with_an_order_are_orders_and_others_are_levels(
    rows: Sequence[Row], kinds: Sequence[Kind]
) -> None:
    deltas = Deltas(asked())
    found = [each for row in rows for each in deltas.take(*_values(row, 16))]
    assert [each[5] for each in found] == list(kinds)


@pytest.mark.parametrize("row", [(9, BUY, "1", "1", 0, 0, 1, 2), (ADD, 0, "1", "1", 0, 0, 1, 2)])
def test_a_row_that_is_none_is_refused(row: Row) -> None:
    with pytest.raises(ValueError, match="no change of a book"):
        list(Deltas(asked()).take(*_values(row, 8)))
    with pytest.raises(ValueError, match="no side"):
        Trades(asked()).take(raw("1", 8), raw("1", 8), 3, 1, 1)


def test_a_receipt_at_the_moment_of_the_event_is_none() -> None:
    assert Trades(asked()).take(raw("1", 8), raw("1", 8), 2, T0_NS, T0_NS)[1] == UNTOLD_NS


def _values(row: Row, width: int) -> tuple[int, int, bytes, bytes, int, int, int, int]:
    action, side, price, size, order, flags, event, init = row
    times = T0_NS + event * MS, T0_NS + init * MS
    return (action, side, raw(price, width), raw(size, width), order, flags, *times)


# Files.


@pytest.fixture
def arrow() -> Any:
    return extra("pyarrow", "research")


def as_file(
    arrow: Any, path: Path, columns: dict[str, Any], instrument: str = "BTCUSDT.BINANCE"
) -> Path:
    from pyarrow import parquet  # noqa: PLC0415  # an extra

    table = arrow.table(columns).replace_schema_metadata(
        {"instrument_id": instrument, "price_precision": "1", "size_precision": "3"}
    )
    parquet.write_table(table, path)
    return path


def deltas(arrow: Any, rows: Sequence[Row], width: int = 16) -> dict[str, Any]:
    columns = list(zip(*(_values(row, width) for row in rows), strict=True))
    fixed, u8, u64 = arrow.binary(width), arrow.uint8(), arrow.uint64()
    types = (u8, u8, fixed, fixed, u64, u8, u64, u64)
    names = ("action", "side", "price", "size", "order_id", "flags", "ts_event", "ts_init")
    found = {
        name: arrow.array(values, kind)
        for name, values, kind in zip(names, columns, types, strict=True)
    }
    return {**found, "sequence": arrow.array([0] * len(rows), u64)}


def trades(arrow: Any, width: int = 16) -> dict[str, Any]:
    fixed, u64 = arrow.binary(width), arrow.uint64()
    return {
        "price": arrow.array([raw("10.0", width)], fixed),
        "size": arrow.array([raw("0.5", width)], fixed),
        "aggressor_side": arrow.array([SELL], arrow.uint8()),
        "trade_id": arrow.array(["t1"]),
        "ts_event": arrow.array([T0_NS + 2 * MS], u64),
        "ts_init": arrow.array([T0_NS + 3 * MS], u64),
    }


@pytest.mark.parametrize("width", [8, 16])
def test_changes_and_trades_go_together_trades_first(
    arrow: Any, importing: Importing, width: int
) -> None:
    book = as_file(arrow, importing.folder / "d.parquet", deltas(arrow, ORDERS, width))
    tape = as_file(arrow, importing.folder / "t.parquet", trades(arrow, width))
    dataset = importing.dataset(book, tape)
    assert shown(dataset)[1:] == [
        ("ADD", BUY, 100, 1000),
        ("ADD", SELL, 101, 2000),
        ("TRADE", SELL, 100, 500),
        ("MODIFY", BUY, 100, 500),
        ("CANCEL", SELL, 101, 2000),
    ]
    assert told(dataset)[1].recv_ns == T0_NS + 2 * MS
    assert dataset.meta.queue is QueueKind.ORDERS


def test_another_instrument_is_refused(arrow: Any, importing: Importing) -> None:
    path = importing.folder / "d.parquet"
    as_file(arrow, path, deltas(arrow, LEVELS), instrument="ETHUSDT.BINANCE")
    with pytest.raises(UnfitAsked, match=r"it is of ETHUSDT\.BINANCE"):
        importing.dataset(path)


def test_other_parquet_files_are_not_recognised(arrow: Any, importing: Importing) -> None:
    path = as_file(arrow, importing.folder / "d.parquet", {"close": arrow.array([1.0])})
    with pytest.raises(UnknownFormat, match="no format that is known"):
        importing.dataset(path)


def test_a_file_that_was_cut_is_not_recognised(arrow: Any, importing: Importing) -> None:
    path = as_file(arrow, importing.folder / "d.parquet", deltas(arrow, LEVELS))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises((UnknownFormat, UnfitSource)):
        importing.dataset(path)


def test_a_price_that_fits_no_tick_names_its_row(arrow: Any, importing: Importing) -> None:
    path = importing.folder / "d.parquet"
    as_file(arrow, path, deltas(arrow, [*LEVELS, (ADD, BUY, "9.95", "1", 0, 0, 5, 6)]))
    with pytest.raises(UnfitAsked, match=r"row 5: the price 9\.95"):
        importing.dataset(path)
