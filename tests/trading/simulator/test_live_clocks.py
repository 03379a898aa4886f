"""A market that is told while it happens, with an order of ours in it."""

from collections.abc import Iterable

from trading.core.market import Side
from trading.datasets.record import Flags, Kind, RecordSide
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.beginning import Recording
from trading.simulator.market.live_clocks import LiveClocks
from trading.simulator.market.replay import RecordedMarket
from trading.simulator.market.two_clocks import Row
from trading.simulator.matching.matching import Execution, Incoming

BUY, SELL, LAST = int(RecordSide.BUY), int(RecordSide.SELL), int(Flags.LAST)
BOOK = [
    (0, 0, 0, 0, 0, int(Kind.CLEAR), 0, 0),
    (0, 0, 99, 10, 0, int(Kind.SNAPSHOT_LEVEL), BUY, 0),
    (0, 0, 101, 10, 0, int(Kind.SNAPSHOT_LEVEL), SELL, LAST),
]
GAP: Row = (0, 0, 0, 0, 0, int(Kind.GAP), 0, LAST)


def sold(price: int, lots: int) -> Row:
    return (0, 0, price, lots, 0, int(Kind.TRADE), SELL, LAST)


class Live:
    """A market, and what was told to it second by second."""

    def __init__(self) -> None:
        self.clocks = LiveClocks()
        self.market = RecordedMarket(Recording(0, iter(())), RecordedFlow(), 0, self.clocks)
        self._now_s = 0

    def told(self, *rows: Row) -> list[Execution]:
        self._now_s += 1
        self.clocks.push(rows, self._now_s * 1_000_000_000)
        executions: list[Execution] = []
        while self.market.next_event_at() is not None:
            executions += self.market.step()
        return executions

    def bid(self, number: int, lots: int) -> None:
        self.market.place(
            Incoming(number=number, owner="us", side=Side.BUY, price=99, quantity=lots)
        )


def ours(executions: Iterable[Execution]) -> list[tuple[int, int]]:
    return [(each.maker, each.quantity) for each in executions if each.maker_owner == "us"]


def test_nothing_is_shown_before_the_first_whole_book_and_it_never_ends() -> None:
    live = Live()
    assert live.market.best(Side.BUY) is None
    assert live.market.next_event_at() is None
    assert not live.market.ended
    live.told(*BOOK)
    assert (live.market.best(Side.BUY), live.market.best(Side.SELL)) == (99, 101)


def test_an_order_of_ours_waits_behind_what_is_shown() -> None:
    live = Live()
    live.told(*BOOK)
    live.bid(7, 5)
    assert live.market.bids.quantity(99) == 15
    assert ours(live.told(sold(99, 8))) == []
    assert ours(live.told(sold(99, 5))) == [(7, 3)]


def test_a_lost_connection_hides_the_book_until_there_is_another() -> None:
    live = Live()
    live.told(*BOOK)
    seen = []
    for rows in ([GAP], BOOK):
        live.told(*rows)
        seen.append((live.market.gap, live.market.bids.best()))
    assert seen == [(True, None), (False, 99)]
