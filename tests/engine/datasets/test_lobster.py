"""LOBSTER's message files become orders (columns: lobsterdata.com/info/DataStructure.php)."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from engine.datasets.formats import UnknownFormat
from engine.datasets.unfit import UnfitAsked, UnfitSource
from tests.engine.datasets.importing import Importing, shown, told
from trading.datasets.meta import QueueKind
from trading.datasets.record import Flags, Kind

NAME = "AAPL_2012-06-21_34200000_57600000_message_10.csv"
BUY, SELL = 1, 2
ROWS = [
    "34200.004241176,1,16113575,18,5853300,1",
    "34200.025551909,1,16113584,18,5853200,-1",
    "34200.201743060,4,16113575,5,5853300,1",
    "34200.201743061,4,16113575,13,5853300,1",
    "34200.3,2,16113584,8,5853200,-1",
    "34200.4,3,16113584,10,5853200,-1",
    "34200.5,5,0,7,5853250,-1",
    "34200.6,3,99,10,5853200,-1",
    "34200.7,6,0,100,5853200,1",
    "34200.8,7,0,0,-1,-1",
]


@pytest.fixture
def apple(importing: Importing) -> Importing:
    return Importing(folder=importing.folder, pair="AAPL", tick="0.01", lot="1")


def test_orders_join_are_filled_and_leave(apple: Importing) -> None:
    rows = [row for row in ROWS if not row.endswith("5853250,-1")]
    dataset = apple.dataset(apple.file(NAME, rows))
    assert shown(dataset) == [
        ("CLEAR", 0, 0, 0),
        ("ADD", BUY, 58533, 18),
        ("ADD", SELL, 58532, 18),
        # The bid was hit: the taker sold.
        ("TRADE", SELL, 58533, 5),
        ("FILL", BUY, 58533, 5),
        ("TRADE", SELL, 58533, 13),
        ("FILL", BUY, 58533, 13),
        ("CANCEL", SELL, 58532, 8),
        ("CANCEL", SELL, 58532, 10),
        ("TRADE", 0, 58532, 100),
    ]
    assert dataset.meta.queue is QueueKind.ORDERS
    assert dataset.meta.skipped == {
        "changes of orders that were not told: older, or further away": 1,
        "halts and their ends": 1,
    }
    trade, fill = told(dataset, Kind.TRADE, Kind.FILL)[:2]
    assert (trade.order_id, fill.order_id) == (0, 16113575)
    assert (trade.flags, fill.flags) == (Flags.LAST, Flags.LAST)


def test_a_hidden_order_trades_without_being_in_the_book(apple: Importing) -> None:
    exact = Importing(folder=apple.folder, pair="AAPL", tick="0.005", lot="1")
    dataset = exact.dataset(exact.file(NAME, ROWS[6:7]))
    assert shown(dataset)[1:] == [("TRADE", BUY, 117065, 7)]


def test_times_are_those_of_the_exchange_on_the_day_in_the_name(apple: Importing) -> None:
    dataset = apple.dataset(apple.file(NAME, ROWS[:1]))
    day = dt.datetime(2012, 6, 21, tzinfo=ZoneInfo("America/New_York"))
    assert told(dataset)[1].exch_ns == int(day.timestamp()) * 10**9 + 34_200_004_241_176
    assert "America/New_York" in str(dataset.meta.guessed)
    assert "best 10 levels" in str(dataset.meta.guessed)


def test_a_name_without_a_date_is_refused(apple: Importing) -> None:
    with pytest.raises(UnfitSource, match="give it the name back"):
        apple.dataset(apple.file("messages.csv", ROWS))


def test_another_ticker_is_refused(apple: Importing) -> None:
    with pytest.raises(UnfitAsked, match="it is of MSFT"):
        apple.dataset(apple.file(NAME.replace("AAPL", "MSFT"), ROWS))


def test_a_price_that_fits_no_tick_is_named(apple: Importing) -> None:
    with pytest.raises(UnfitAsked, match=r"row 7: the price 585\.325"):
        apple.dataset(apple.file(NAME, ROWS))


def test_a_row_that_is_none_is_named(apple: Importing) -> None:
    with pytest.raises(UnfitSource, match="row 2: not a row of a message file"):
        apple.dataset(apple.file(NAME, [ROWS[0], "34200.1,9,1,1,1,1"]))


def test_the_file_of_the_book_is_refused_with_what_to_take(apple: Importing) -> None:
    book = ["5859400,200,5853300,18,5859800,200,5853000,150", "9999999999,0,-9999999999,0"]
    with pytest.raises(UnknownFormat, match="take the message file"):
        apple.dataset(apple.file(NAME.replace("message", "orderbook"), book))
