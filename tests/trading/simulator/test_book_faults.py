"""What can go wrong with books and trades on the trade socket."""

from decimal import Decimal, InvalidOperation
from typing import Any

import pytest

from tests.trading.simulator.books import OrderBookOfOrders
from tests.trading.simulator.rig import DOGE, Client, an_exchange, doge_settings, watch
from tests.trading.simulator.test_books_and_balances import RebuiltBook
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.wire.shapes import number_texts

_BOOKS = ["FULL_ORDERBOOK_UPDATE", "OB_L1_DIFF"]


def _watching(event: str, *faults: Fault) -> tuple[Client, list[Any]]:
    client = Client(an_exchange(settings=doge_settings()))
    for fault in faults:
        client.exchange.faults.arm(fault)
    return client, watch(client, event)


def _next(client: Client) -> list[Any]:
    """The frames until there are some."""
    for _ in range(100):
        client.exchange.advance(client.exchange.now + 0.05)
        frames = client.frames()
        if frames:
            return frames
    raise AssertionError("nothing came")


def _book(event: str) -> RebuiltBook | OrderBookOfOrders:
    return OrderBookOfOrders() if event.startswith("FULL") else RebuiltBook()


def _best(book: RebuiltBook | OrderBookOfOrders) -> tuple[Decimal, Decimal]:
    if isinstance(book, OrderBookOfOrders):
        return book.levels("Bids")[0][0], book.levels("Asks")[0][0]
    return Decimal(book.best("b")[0][0]), Decimal(book.best("a")[0][0])


@pytest.mark.parametrize("event", _BOOKS)
def test_a_crossed_book_fits_its_checksum_and_passes(event: str) -> None:
    client, (_, snapshot) = _watching(event)
    book = _book(event)
    book.apply(snapshot)
    for times in range(1, 4):
        client.exchange.faults.arm(Fault.CROSSED_BOOK)
        first, *others = _next(client)
        book.apply(first)  # which looks at the sequence and the checksum
        bid, ask = _best(book)
        assert bid >= ask
        for frame in others or _next(client):
            book.apply(frame)
        bid, ask = _best(book)
        assert bid < ask
        assert client.exchange.faults.counts == {"crossed_book": times}


@pytest.mark.parametrize("event", _BOOKS)
def test_who_comes_to_a_crossed_book_gets_the_true_one(event: str) -> None:
    client, _ = _watching(event)
    client.exchange.faults.arm(Fault.CROSSED_BOOK)
    _next(client)
    other = Client(client.exchange)
    _, snapshot = watch(other, event)
    book = _book(event)
    book.apply(snapshot)
    for frame in _next(other):
        book.apply(frame)
    bid, ask = _best(book)
    assert bid < ask


@pytest.mark.parametrize("event", _BOOKS)
def test_a_change_may_come_twice(event: str) -> None:
    client, _ = _watching(event)
    client.exchange.faults.arm(Fault.BOOK_TWICE)
    first, second, *_ = _next(client)
    assert first == second
    assert client.exchange.faults.counts == {"book_twice": 1}


@pytest.mark.parametrize("event", _BOOKS)
def test_a_snapshot_may_come_after_changes(event: str) -> None:
    client, told = _watching(event, Fault.LATE_SNAPSHOT)
    assert [frame["type"] for frame in told] == ["SUBSCRIBED"]
    client.exchange.advance(2.5)
    frames = client.frames()
    snapshots = [at for at, frame in enumerate(frames) if frame["type"].endswith("SNAPSHOT")]
    assert len(snapshots) == 1
    assert snapshots[0] > 0
    book = _book(event)
    for frame in frames[snapshots[0] :]:
        book.apply(frame)
    assert client.exchange.faults.counts == {"late_snapshot": 1}


@pytest.mark.parametrize("event", [*_BOOKS, "AGGREGATED_ORDERBOOK_UPDATE", "OB_L1_D5_SNAPSHOT"])
def test_a_number_of_a_book_may_be_impossible(event: str) -> None:
    seen: set[str] = set()
    for seed in range(12):
        client, _ = _watching(event)
        client.exchange.faults.random.seed(seed)
        client.exchange.faults.arm(Fault.IMPOSSIBLE_NUMBER)
        frame = _next(client)[0]
        assert client.exchange.faults.counts == {"impossible_number": 1}
        seen.update(_odd_texts(frame))
    assert seen >= {"NaN", "1e400", "-1"}


def _odd_texts(value: object) -> set[str]:
    """Texts that are numbers, but not as the venue writes them."""
    plain = {holder[key] for holder, key in number_texts(value)}
    return {text for text in _texts(value) - plain if _is_number(text)}


def _texts(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_texts, value.values()))
    if isinstance(value, list):
        return set().union(*map(_texts, value))
    return {value} if isinstance(value, str) else set()


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True


def test_a_trade_may_be_told_that_never_was() -> None:
    client, _ = _watching("NEW_TRADE", Fault.FAR_TRADE)
    client.exchange.faults.arm(Fault.FAR_TRADE)
    told: list[Any] = []
    while not told:
        told = [frame["data"] for frame in _next(client)]
    far, true = told[:2]
    assert not Decimal("0.5") < Decimal(far["price"]) / Decimal(true["price"]) < 2
    rows = client.json("GET", f"/v1/public/{DOGE}/trades")
    assert true["id"] in [row["id"] for row in rows]
    assert far["id"] not in [row["id"] for row in rows]


def test_frames_of_the_trade_socket_may_be_written_oddly_too() -> None:
    client, _ = _watching("OB_L1_DIFF", Fault.MISSING_FIELD, Fault.UNKNOWN_MESSAGE)
    assert client.exchange.faults.counts == {"missing_field": 1, "unknown_message": 1}
