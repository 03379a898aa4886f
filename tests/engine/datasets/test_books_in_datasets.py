"""The book that a dataset comes to is the one that was recorded, by level and by order."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets.sources import source_of
from tests.engine.datasets.importing import Importing
from tests.engine.datasets.test_binance_raw import change, snapshot
from trading.books.queues import QueueBook
from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.datasets.importers.frames import order_number
from trading.datasets.record import Kind
from trading.datasets.standing import StandingBook
from trading.messages.market import QueueDiff, QueueSnapshot
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.market import decode_market

SAMPLES = Path(__file__).parents[3] / "docs" / "samples"

_changes = st.lists(
    st.lists(
        st.tuples(st.integers(90, 99), st.integers(0, 5)), max_size=4, unique_by=lambda row: row[0]
    ),
    max_size=12,
)


@settings(max_examples=25)  # each writes files
@given(_changes)
def test_levels_are_those_of_the_changes(changes: list[list[tuple[int, int]]]) -> None:
    book, lines = {"10": 1}, [snapshot(1, 100)]
    for number, rows in enumerate(changes):
        bids = [(f"{price / 10}", f"{lots}") for price, lots in rows]
        lines.append(change(2 + number, 101 + number, 101 + number, bids))
        book |= {price: int(lots) for price, lots in bids}
    lines.append(change(90, 101 + len(changes), 101 + len(changes), [("8", "1")]))
    with TemporaryDirectory() as folder:
        importing = Importing(folder=Path(folder))
        dataset = importing.dataset(importing.file("raw.zst", lines))
        found = StandingBook()
        for record in dataset.records():
            found.take(record)
    told = {each[2]: each[3] // 1000 for each in found.told(0) if each[6] == 1}
    wanted = {int(Decimal(price) * 10): lots for price, lots in book.items() if lots}
    assert told == wanted | {80: 1}


def test_the_queue_at_each_price_is_the_venues_own_at_every_moment(tmp_path: Path) -> None:
    doge = Importing(folder=tmp_path, pair="DOGEUSDT", tick="0.00001", lot="1")
    recording = SAMPLES / "doge-usdt.zst"
    records = doge.dataset(recording).records()
    found, looks = StandingBook(), 0
    record = next(records, None)
    for seen_ns, book in _books(recording):
        while record is not None and record[1] <= seen_ns:
            found.take(record)
            record = next(records, None)
        if looks % 60 == 0:
            assert _queues(found) == _venues(book)
        looks += 1
    assert looks > 500


def _books(recording: Path) -> Iterator[tuple[int, QueueBook]]:
    book = QueueBook(Pair("DOGEUSDT"), RULES)
    for line in source_of(recording).lines(lambda _: None):
        stamp, _, frame = line.decode().partition(" ")
        for event in decode_market(frame, 0.0):
            if isinstance(event, QueueSnapshot | QueueDiff):
                book.apply(event)
                yield int(stamp), book


def _queues(book: StandingBook) -> dict[tuple[int, int], list[tuple[int, int]]]:
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for _, _, price, lots, order, kind, side, _ in book.told(0):
        if kind == Kind.ADD:
            found.setdefault((side, price), []).append((order, lots))
    return found


def _venues(book: QueueBook) -> dict[tuple[int, int], list[tuple[int, int]]]:
    found = {}
    top = book.top(1000)
    assert top is not None
    for side, number, levels in ((Side.BUY, 1, top.bids), (Side.SELL, 2, top.asks)):
        for level in levels:
            queue = book.queue(side, level.price)
            key = number, int(level.price / Decimal("0.00001"))
            found[key] = [(order_number(order), int(lots)) for order, lots in queue]
    return found
