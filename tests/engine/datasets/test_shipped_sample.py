"""The sample of the documents is what its recording comes to."""

from pathlib import Path

from engine.datasets.reading import open_dataset
from tests.engine.datasets.importing import Importing
from trading.datasets.meta import QueueKind
from trading.datasets.record import Kind
from trading.datasets.standing import StandingBook

SAMPLES = Path(__file__).parents[3] / "docs" / "samples"


def test_the_recording_becomes_the_dataset(tmp_path: Path) -> None:
    doge = Importing(folder=tmp_path, pair="DOGEUSDT", tick="0.00001", lot="1")
    imported = doge.dataset(SAMPLES / "doge-usdt.zst")
    shipped = open_dataset(SAMPLES / "doge-usdt")
    assert imported.meta.digest == shipped.meta.digest
    assert list(shipped.records()) == list(imported.records())
    assert shipped.meta.queue is QueueKind.ORDERS
    assert shipped.meta.gaps == ()


def test_its_book_is_whole_at_the_end() -> None:
    shipped, book = open_dataset(SAMPLES / "doge-usdt"), StandingBook()
    for record in shipped.records():
        book.take(record)
    orders = [each for each in book.told(0) if each[5] == Kind.ADD]
    bids, asks = ([each[2] for each in orders if each[6] == side] for side in (1, 2))
    assert max(bids) < min(asks)
    assert min(each[3] for each in orders) > 0
