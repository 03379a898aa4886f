"""Arrays of hftbacktest, read without numpy; made with it where it is installed."""

import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.datasets.sources import NoSource
from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import MS, T0_NS, Importing, shown, told
from tests.support.extras import extra
from trading.datasets.record import Kind

COLUMNS = [
    ("ev", "<u8"), ("exch_ts", "<i8"), ("local_ts", "<i8"), ("px", "<f8"), ("qty", "<f8"),
    ("order_id", "<u8"), ("ival", "<i8"), ("fval", "<f8"),
]  # fmt: skip
EXCH, LOCAL, BUY, SELL = 1 << 31, 1 << 30, 1 << 29, 1 << 28
BOTH = EXCH | LOCAL
DEPTH, TRADE, CLEAR, SNAPSHOT = 1, 2, 3, 4

Row = tuple[int, int, float, float]


def array(rows: Sequence[Row], columns: Any = COLUMNS) -> bytes:
    """What ``numpy.save`` writes of rows of event, milliseconds, price and quantity."""
    head = repr({"descr": columns, "fortran_order": False, "shape": (len(rows),)}).encode()
    head += b" " * (-(len(head) + 11) % 64) + b"\n"
    packed = [
        struct.pack(
            "<QqqddQqd", event, T0_NS + ms * MS, T0_NS + (ms + 2) * MS, price, lots, 0, 0, 0
        )
        for event, ms, price, lots in rows
    ]
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"".join(packed)


def archive(path: Path, data: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.npy", data)
    return path


ROWS: list[Row] = [
    (CLEAR | BUY | BOTH, 1, 9.9, 0),
    (SNAPSHOT | BUY | BOTH, 1, 10.0, 1.0),
    (SNAPSHOT | BUY | BOTH, 1, 9.9, 2.0),
    (CLEAR | SELL | BOTH, 1, 11.0, 0),
    (SNAPSHOT | SELL | BOTH, 1, 11.0, 0.3),
    (DEPTH | SELL | EXCH, 2, 11.0, 0.2),
    (TRADE | BUY | BOTH, 2, 11.0, 0.1),
    (DEPTH | SELL | LOCAL, 3, 11.0, 0.2),
    (100 | BOTH, 4, 1.0, 1.0),
]


def test_rows_that_are_for_the_receiver_become_records(importing: Importing) -> None:
    dataset = importing.dataset(archive(importing.folder / "a.npz", array(ROWS)))
    assert shown(dataset) == [
        ("CLEAR", 0, 0, 0),
        ("SNAPSHOT_LEVEL", 1, 100, 1000),
        ("SNAPSHOT_LEVEL", 1, 99, 2000),
        ("SNAPSHOT_LEVEL", 2, 110, 300),
        ("TRADE", 1, 110, 100),
        ("LEVEL", 2, 110, 200),
    ]
    assert dataset.meta.skipped == {
        "rows that are for the exchange's side alone": 1,
        "rows of other events": 1,
    }
    assert told(dataset)[-1].recv_ns == T0_NS + 5 * MS


def test_a_side_is_cleared_from_its_best_up_to_a_price(importing: Importing) -> None:
    rows: list[Row] = [
        *ROWS[:3],
        (DEPTH | BUY | BOTH, 1, 9.8, 4.0),
        (CLEAR | BUY | BOTH, 5, 9.9, 0),
        (CLEAR | BUY | BOTH, 6, float("nan"), 0),
    ]
    dataset = importing.dataset(archive(importing.folder / "a.npz", array(rows)))
    gone = [each.price for each in told(dataset, Kind.LEVEL) if not each.quantity]
    assert gone == [99, 100, 98]


def test_a_bare_array_is_read_as_well(importing: Importing) -> None:
    path = importing.folder / "a.npy"
    path.write_bytes(array(ROWS))
    assert importing.dataset(path).meta.records == 6


def test_a_price_that_fits_no_tick_names_its_row(importing: Importing) -> None:
    rows: list[Row] = [*ROWS, (DEPTH | BUY | BOTH, 6, 9.95, 1.0)]
    with pytest.raises(UnfitAsked, match=r"row 10: the price 9\.95"):
        importing.dataset(archive(importing.folder / "a.npz", array(rows)))


def test_events_of_single_orders_are_refused(importing: Importing) -> None:
    with pytest.raises(UnfitSource, match="row 1: events of single orders"):
        importing.dataset(archive(importing.folder / "a.npz", array([(10 | BOTH, 1, 1.0, 1.0)])))


@pytest.mark.parametrize(
    "data",
    [
        array([], columns=COLUMNS[:6]),
        b"\x93NUMPY\x01\x00\x05\x00hello",
        b"hello, world",
        array(ROWS)[:-3],
        array([(DEPTH | BUY | BOTH, 1, float("inf"), 1.0)]),
    ],
)
def test_other_arrays_are_refused(importing: Importing, data: bytes) -> None:
    with pytest.raises(UnfitSource, match=r"a\.npz"):
        importing.dataset(archive(importing.folder / "a.npz", data))


def test_a_damaged_archive_is_told(importing: Importing) -> None:
    path = archive(importing.folder / "a.npz", array(ROWS * 50))
    whole = bytearray(path.read_bytes())
    whole[60:90] = bytes(30)
    path.write_bytes(whole)
    with pytest.raises((NoSource, UnfitSource), match=r"a\.npz"):
        importing.dataset(path)


def test_what_numpy_writes_is_what_is_read(importing: Importing) -> None:
    numpy = extra("numpy")
    dtype = numpy.dtype([(name, kind[1:]) for name, kind in COLUMNS], align=True)
    rows = numpy.frombuffer(array(ROWS)[-64 * len(ROWS) :], dtype=dtype)
    written = io.BytesIO()
    numpy.savez_compressed(written, data=rows)
    path = importing.folder / "a.npz"
    path.write_bytes(written.getvalue())
    assert importing.dataset(path).meta.records == 6
