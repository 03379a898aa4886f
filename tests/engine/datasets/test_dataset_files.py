"""A dataset on disk comes back as it was written, or not at all."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets.reading import DamagedDataset, open_dataset
from engine.datasets.writing import WrongOrder, write_dataset
from engine.storage.places import PlaceTaken
from trading.core.identifiers import Pair
from trading.datasets.meta import DatasetMeta, QueueKind, decode_meta, encode_meta
from trading.datasets.record import Kind, Record, RecordSide
from trading.datasets.standing import BareRecord, StandingBook

META = DatasetMeta(pair=Pair("BTCUSDT"), tick="0.01", lot="0.00001", importer="by hand")

_i64 = st.integers(-(2**63), 2**63 - 1)


@st.composite
def records(draw: st.DrawFn) -> list[BareRecord]:
    times = sorted(draw(st.lists(st.integers(0, 1000), max_size=40)))
    return [
        (
            at_ns - draw(st.integers(0, 20)),
            at_ns,
            draw(_i64 if draw(st.booleans()) else st.integers(1, 3)),
            draw(st.integers(0, 5)),
            draw(st.integers(0, 4)),
            draw(st.sampled_from(Kind)),
            draw(st.integers(0, 2)),
            draw(st.integers(0, 7)),
        )
        for at_ns in times
    ]


def a_record(seen_ns: int, kind: Kind, price: int = 0, quantity: int = 0) -> BareRecord:
    return Record(seen_ns - 5, seen_ns, price, quantity, 0, kind, RecordSide.BUY, 1)


SMALL = [
    a_record(10, Kind.CLEAR),
    a_record(10, Kind.SNAPSHOT_LEVEL, 100, 7),
    a_record(20, Kind.TRADE, 100, 2),
    a_record(20, Kind.LEVEL, 100, 5),
    a_record(30, Kind.LEVEL, 99, 1),
    a_record(40, Kind.GAP),
]


@settings(max_examples=40)  # each writes files
@given(records(), st.integers(1, 9))
def test_what_is_read_is_what_was_written_in_however_many_parts(
    written: list[BareRecord], part: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "d"
        meta = write_dataset(path, META, written, part_records_max=part)
        dataset = open_dataset(path)
        assert dataset.meta == meta
        assert list(dataset.records()) == written
        assert meta.records == len(written) == sum(meta.counts.values())
        by_exchange = sorted(written, key=lambda record: record[0])
        assert list(dataset.records_by_exchange()) == by_exchange


@settings(max_examples=40)
@given(records(), st.integers(1, 9), st.integers(-1, 1001), st.integers(-1, 1001))
def test_a_span_has_its_records_after_the_book_that_those_before_come_to(
    written: list[BareRecord], part: int, begin: int, end: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "d"
        write_dataset(path, META, written, part_records_max=part)
        span = list(open_dataset(path).records(begin, end))
    book = _told([each for each in written if each[1] < begin], begin) if begin < end else []
    assert span == book + [each for each in written if begin <= each[1] < end]


def _told(written: Sequence[BareRecord], at_ns: int) -> list[BareRecord]:
    book = StandingBook()
    for each in written:
        book.take(each)
    return list(book.told(at_ns))


def test_the_meta_tells_of_kinds_times_gaps_and_what_can_be_driven(tmp_path: Path) -> None:
    meta = write_dataset(tmp_path / "d", META, SMALL)
    assert meta.counts == {"CLEAR": 1, "SNAPSHOT_LEVEL": 1, "LEVEL": 2, "TRADE": 1, "GAP": 1}
    assert (meta.first_ns, meta.last_ns, meta.gaps) == (10, 40, (40,))
    assert meta.clock.latency_max_ns == 5
    assert meta.queue is QueueKind.LEVELS
    assert decode_meta(encode_meta(meta)) == meta


def test_datasets_of_the_same_records_have_the_same_digest_however_they_are_divided(
    tmp_path: Path,
) -> None:
    first = write_dataset(tmp_path / "a", META, SMALL)
    second = write_dataset(tmp_path / "b", META, SMALL, part_records_max=2)
    other = write_dataset(tmp_path / "c", META, SMALL[:-1])
    assert first.digest == second.digest != other.digest


def test_a_span_begins_with_the_book_as_it_stands(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d", META, SMALL)
    clear, level, *rest = open_dataset(tmp_path / "d").records(from_ns=25)
    assert (clear[:2], clear[5]) == ((15, 25), Kind.CLEAR)
    assert (level[2:4], level[5]) == ((100, 5), Kind.SNAPSHOT_LEVEL)
    assert rest == SMALL[4:]


def test_nothing_of_a_span_goes_before_the_book_that_it_begins_with(tmp_path: Path) -> None:
    """A change that is seen just after the beginning happened before it, but after the book."""
    late = Record(18, 30, 100, 3, 0, Kind.LEVEL, RecordSide.BUY, 1)
    write_dataset(tmp_path / "d", META, [*SMALL[:4], late])
    span = list(open_dataset(tmp_path / "d").records_by_exchange(from_ns=25))
    assert [each[5] for each in span] == [Kind.CLEAR, Kind.SNAPSHOT_LEVEL, Kind.LEVEL]
    assert span[-1] == late


def test_records_out_of_order_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(WrongOrder):
        write_dataset(tmp_path / "d", META, [SMALL[3], SMALL[0]])
    with pytest.raises(WrongOrder):
        write_dataset(tmp_path / "d", META, [(11, 10, *SMALL[0][2:])])
    assert list(tmp_path.iterdir()) == []


def test_a_dataset_that_is_there_is_replaced_only_when_asked_and_by_a_whole_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "d"
    write_dataset(path, META, SMALL)
    with pytest.raises(FileExistsError):
        write_dataset(path, META, SMALL[:1])
    with pytest.raises(WrongOrder):
        write_dataset(path, META, SMALL[::-1], replace=True)
    assert list(open_dataset(path).records()) == SMALL
    write_dataset(path, META, SMALL[:1], replace=True)
    assert list(open_dataset(path).records()) == SMALL[:1]
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_no_dataset_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(PlaceTaken):
        write_dataset(tmp_path / "d", META, SMALL, replace=True)


@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_part_is_told_before_a_record_of_it(tmp_path: Path, damage: str) -> None:
    write_dataset(tmp_path / "d", META, SMALL)
    part = tmp_path / "d" / "part-0001.zst"
    whole = part.read_bytes()
    match damage:
        case "cut":
            part.write_bytes(whole[:-3])
        case "changed":
            part.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        case _:
            part.unlink()
    with pytest.raises(DamagedDataset, match=r"part-0001\.zst"):
        next(open_dataset(tmp_path / "d").records())


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", encode_meta(META).replace(b'"form": 1', b'"form": 2')]
)
def test_a_wrong_meta_is_refused_in_words(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "meta.json").write_bytes(text)
    with pytest.raises(DamagedDataset, match=r"meta\.json"):
        open_dataset(tmp_path)


def test_no_dataset_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DamagedDataset, match="is no dataset"):
        open_dataset(tmp_path / "nowhere")
