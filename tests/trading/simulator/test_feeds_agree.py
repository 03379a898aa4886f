"""One book for all: the feed of orders, the feed of levels, REST, and the engine's own."""

from decimal import Decimal
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.simulator.books import OrderBookOfOrders
from tests.trading.simulator.random_flow import Trader
from tests.trading.simulator.rig import DOGE, OTHER_ACCOUNT, Client, an_exchange
from tests.trading.simulator.test_books_and_balances import RebuiltBook
from tests.trading.simulator.test_recording import START, depth_line
from trading.core.market import Side
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.simulator.market.raw_rows import raw_rows
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings

_AT_ONCE = VenueRules(order_feed_batch_min_s=0.0, order_feed_batch_max_s=0.0)


def _settings(**changes: Any) -> ExchangeSettings:
    base = ExchangeSettings(
        pairs=DEFAULT_PAIRS[:1], accounts=(DEMO_ACCOUNT, OTHER_ACCOUNT), rules=_AT_ONCE
    )
    return attrs.evolve(base, **changes)


def _watch(client: Client, *events: str) -> list[Any]:
    client.open("/ws/trade")
    subscriptions = [{"event": event, "pairs": [DOGE]} for event in events]
    return client.say({"type": "SUBSCRIBE", "subscriptions": subscriptions})


class Watcher:
    """Rebuilds the book from both feeds, and compares after every frame."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.orders = OrderBookOfOrders()
        self.levels = RebuiltBook()
        self.take(_watch(client, "FULL_ORDERBOOK_UPDATE", "OB_L1_DIFF"))

    def look(self) -> None:
        # What waits for its batch is due by now.
        self.client.exchange.advance(self.client.exchange.now)
        self.take(self.client.frames())
        self._compare()

    def take(self, frames: list[Any]) -> None:
        for frame in frames:
            if frame["type"].startswith("FULL"):
                self.orders.apply(frame)
            elif frame["type"].startswith("OB_L1"):
                self.levels.apply(frame)

    def _compare(self) -> None:
        market = self.client.exchange.venue.listings[DOGE].market
        grid = self.client.exchange.venue.listings[DOGE].grid
        for side, full, level in ((Side.BUY, "Bids", "b"), (Side.SELL, "Asks", "a")):
            own = [grid.quantity_text(lots) for _, _, lots in market.orders(side)]
            assert [quantity for _, quantity in self.orders.orders(full)] == own
            ladder = market.bids if side is Side.BUY else market.asks
            totals = [(grid.price(price), grid.quantity(lots)) for price, lots in ladder.levels()]
            assert self.orders.levels(full) == totals
            texts = [(grid.price_text(p), grid.quantity_text(q)) for p, q in ladder.levels()]
            assert self.levels.best(level) == texts


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_both_feeds_and_the_engine_show_one_book_whatever_is_done(seed: int) -> None:
    random = Random(seed)
    exchange = an_exchange(seed=seed, settings=_settings())
    watcher = Watcher(Client(exchange))
    traders = [Trader(Client(exchange, a), random) for a in (DEMO_ACCOUNT, OTHER_ACCOUNT)]
    for _ in range(40):
        random.choice(traders).act()
        watcher.look()
        exchange.advance(exchange.now + random.choice([0.0, 0.0, 0.3]))
        watcher.look()


def test_rest_shows_the_same_orders_and_the_same_counter() -> None:
    client = Client(an_exchange(settings=_settings()))
    watcher = Watcher(client)
    client.exchange.advance(5.0)
    watcher.look()
    book = client.json("GET", f"/v1/marketdata/{DOGE}/orderbook/full")
    for side in ("Bids", "Asks"):
        shown = [(row["id"], row["quantity"]) for row in book[side]]
        assert shown == watcher.orders.orders(side)
        assert book[side][0]["positionAtPrice"] == 1
    assert book["SequenceNumber"] == watcher.orders.sequence


def test_changes_are_gathered_for_40_to_280_ms() -> None:
    client = Client(an_exchange(settings=_settings(rules=VenueRules())))
    _watch(client, "FULL_ORDERBOOK_UPDATE")
    client.exchange.advance(30.0)
    changes = [frame["data"]["LastChange"] for frame in client.frames()]
    entries = len(changes)
    assert 30 / 0.36 < entries < 30 / 0.04


def test_a_new_subscriber_begins_where_the_others_are() -> None:
    exchange = an_exchange(settings=_settings(rules=VenueRules()))
    first, second = Watcher(Client(exchange)), Client(exchange)
    exchange.advance(3.01)
    frames = _watch(second, "FULL_ORDERBOOK_UPDATE")
    assert frames[-1]["type"] == "FULL_ORDERBOOK_SNAPSHOT"
    first.take(first.client.frames())
    assert first.orders.sequence == frames[-1]["data"]["SequenceNumber"]
    other = OrderBookOfOrders()
    other.apply(frames[-1])
    assert other.sides == first.orders.sides


@pytest.mark.parametrize("depth", [1, 5, 10, 20, 40, 80])
def test_depth_snapshots_are_whole_each_time(depth: int) -> None:
    client = Client(an_exchange(settings=_settings()))
    event = f"OB_L1_D{depth}_SNAPSHOT"
    _, first = _watch(client, event)
    client.exchange.advance(3.0)
    later = client.frames()
    assert len(later) >= 3
    for frame in (first, *later):
        assert (frame["type"], set(frame["d"])) == (event, {"lc", "a", "b"})
        assert 1 <= len(frame["d"]["a"]) <= depth
        prices = [Decimal(price) for price, _ in frame["d"]["b"]]
        assert prices == sorted(prices, reverse=True)


@pytest.mark.parametrize("event", ["FULL_ORDERBOOK_UPDATE", "OB_L1_DIFF"])
def test_faults_of_books_can_be_noticed(event: str) -> None:
    exchange = an_exchange(settings=_settings())
    book = OrderBookOfOrders() if event.startswith("FULL") else RebuiltBook()
    client = Client(exchange)
    *_, snapshot = _watch(client, event)
    book.apply(snapshot)
    exchange.faults.arm(Fault.WRONG_CHECKSUM)
    exchange.advance(2.0)
    with pytest.raises(AssertionError):
        book.apply(client.frames()[0])
    exchange.faults.arm(Fault.SEQUENCE_GAP)
    exchange.advance(4.0)
    frames = client.frames()
    with pytest.raises(AssertionError):
        book.apply(frames[0])
    exchange.faults.arm(Fault.MISSING_SNAPSHOT)
    assert [frame["type"] for frame in _watch(Client(exchange), event)] == ["SUBSCRIBED"]
    assert exchange.faults.counts == {
        "wrong_checksum": 1,
        "sequence_gap": 1,
        "missing_snapshot": 1,
    }


def test_a_plan_without_faults_draws_nothing() -> None:
    exchange = an_exchange(settings=_settings(faults=FaultPlan()))
    state = exchange.faults.random.getstate()
    trader = Trader(Client(exchange), Random(1))
    for _ in range(30):
        trader.act()
    assert exchange.faults.random.getstate() == state
    assert exchange.faults.counts == {}


def test_a_recorded_market_has_a_feed_of_orders_too() -> None:
    lines = [START]
    random = Random(3)
    for step in range(60):
        sides = {
            side: [(f"{61837 + random.randint(-3, 4)}.{cents:02d}", f"0.{random.randint(0, 9)}")]
            for side, cents in (("b", 0), ("a", 50))
        }
        lines.append(depth_line(10.1 + step / 10, 101 + step, 101 + step, **sides))
    rows = raw_rows(lines, RecordedFlow())
    exchange = an_exchange(settings=_settings(), recordings={DOGE: rows})
    watcher, client = Watcher(Client(exchange)), Client(exchange)
    client.open()
    for step in range(60):
        if step % 4 == 0:
            client.place(price=f"61.8{random.randint(30, 39)}", quantity="5")
        exchange.advance(step / 10)
        watcher.look()
    assert watcher.orders.sequence > 0


def _half_a_minute(client: Client, step_s: float) -> tuple[list[Any], int]:
    """What is heard of one pair, and how often the exchange was told the time."""
    exchange = client.exchange
    _watch(client, "OB_L1_DIFF")
    heard: list[Any] = []
    tellings = 0
    while (at := exchange.next_event_at()) is not None and exchange.now < 30.0:
        exchange.advance(min(at, exchange.now + step_s, 30.0))
        heard += client.frames()
        tellings += 1
    return heard, tellings


def test_what_nobody_hears_of_happens_all_the_same_and_nobody_is_woken_for_it() -> None:
    punctual, woken = Client(an_exchange()), Client(an_exchange())
    heard, _ = _half_a_minute(punctual, step_s=0.01)
    heard_woken, wakings = _half_a_minute(woken, step_s=60.0)
    assert heard == heard_woken
    for pair in DEFAULT_PAIRS:
        mine, others = (
            client.exchange.venue.listings[pair.symbol].market for client in (punctual, woken)
        )
        for side in Side:
            assert list(mine.orders(side)) == list(others.orders(side))
    assert len(heard) < wakings < 1.5 * len(heard)


def test_an_order_in_a_pair_is_reason_enough_to_hear_of_it() -> None:
    client = Client(an_exchange())
    client.open()
    quiet = client.exchange.next_event_at()
    client.place(price="0.09")
    market = client.exchange.venue.listings[DOGE].market
    assert client.exchange.next_event_at() == market.next_event_at()
    assert quiet != market.next_event_at()
