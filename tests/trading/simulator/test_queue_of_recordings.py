"""Which recorded trades and levels fill an order of ours, whatever order they are told in."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recorded_market import (
    ask,
    bid,
    book,
    buy,
    filled,
    market_of,
    play,
    row,
    sold,
)
from trading.core.market import Side
from trading.datasets.record import Flags, Kind
from trading.simulator.core.flows import RecordedFlow, Through
from trading.simulator.market.recording import MalformedRecording
from trading.simulator.market.two_clocks import Row
from trading.simulator.matching.matching import Refusal

_BOOK = book(bids={100: 100, 99: 50}, asks={101: 50})
_MODELS = ("risk_averse", "power:2", "log")


@pytest.mark.parametrize("model", _MODELS)
@pytest.mark.parametrize("depth_first", [True, False])
def test_a_trade_and_the_level_that_it_left_are_counted_once(
    model: str,
    depth_first: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    told = [bid(1, 100, 40, seen_s=1.1), sold(1, 100, 60, seen_s=1.1)]
    market = market_of(
        [*_BOOK, *(told if depth_first else reversed(told))], RecordedFlow(queue=model)
    )
    market.place(buy(100, 10))
    assert filled(market) == []
    assert market.ahead(1) == 40


@st.composite
def _moment(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Trades and levels of one moment of the exchange, told in any order."""
    trades = [
        sold(1, price, lots, seen_s=1.1)
        for price, lots in draw(
            st.lists(st.tuples(st.integers(98, 101), st.integers(1, 90)), max_size=5)
        )
    ]
    levels = [
        bid(1, price, lots, seen_s=1.1)
        for price, lots in draw(
            st.lists(st.tuples(st.integers(98, 100), st.integers(0, 120)), max_size=5)
        )
    ]
    order = draw(st.permutations([True] * len(trades) + [False] * len(levels)))
    ours, others = iter(trades), iter(levels)
    return [next(ours) if trade else next(others) for trade in order], [*trades, *levels]


@given(
    moments=_moment(),
    model=st.sampled_from(_MODELS),
    orders=st.lists(st.tuples(st.integers(98, 100), st.integers(1, 60)), max_size=4),
)
def test_fills_do_not_depend_on_the_order_in_which_a_moment_is_told(
    moments: tuple[list[Row], list[Row]], model: str, orders: Sequence[tuple[int, int]]
) -> None:
    results = []
    for told in moments:
        market = market_of([*_BOOK, *told], RecordedFlow(queue=model))
        for number, (price, lots) in enumerate(orders, start=1):
            market.place(buy(price, lots, number))
        results.append((filled(market), [market.ahead(number + 1) for number in range(4)]))
    assert results[0] == results[1]


@given(
    trades=st.lists(st.tuples(st.integers(98, 101), st.integers(1, 90)), max_size=8),
    orders=st.lists(st.tuples(st.integers(98, 100), st.integers(1, 60)), min_size=1, max_size=4),
    model=st.sampled_from(_MODELS),
)
def test_orders_of_ours_share_what_was_traded(
    trades: list[tuple[int, int]], orders: list[tuple[int, int]], model: str
) -> None:
    told = [sold(at + 1, price, lots) for at, (price, lots) in enumerate(trades)]
    market = market_of([*_BOOK, *told], RecordedFlow(queue=model))
    for number, (price, lots) in enumerate(orders, start=1):
        market.place(buy(price, lots, number))
    executions = play(market)
    # The crowd has the rest of each trade.
    assert sum(e.quantity for e in executions) == sum(lots for _, lots in trades)


def test_levels_of_a_throttled_feed_wait_for_trades_that_are_dated_later() -> None:
    rows = [*_BOOK, bid(1, 100, 40, seen_s=1.2), sold(1.05, 100, 60, seen_s=1.3)]
    market = market_of(rows, RecordedFlow(level_wait_ns=100_000_000))
    market.place(buy(100, 10))
    assert filled(market) == []
    assert market.ahead(1) == 40


def test_a_cancel_advances_an_order_only_where_the_model_says_so() -> None:
    ahead = {}
    for model in _MODELS:
        market = market_of([*_BOOK, bid(1, 100, 200), bid(2, 100, 150)], RecordedFlow(queue=model))
        market.place(buy(100, 10))
        play(market)
        ahead[model] = market.ahead(1)
    # Of 50 cancels half are behind, for as much is behind the order as before it.
    assert ahead == {"risk_averse": 100, "power:2": 75, "log": 75}


def test_a_decrease_counts_as_a_cancel_only_beyond_what_was_traded() -> None:
    rows = [*_BOOK, bid(1, 100, 200), sold(2, 100, 60), bid(3, 100, 140)]
    market = market_of(rows, RecordedFlow(queue="power:2"))
    market.place(buy(100, 10))
    play(market)
    assert market.ahead(1) == 40


@pytest.mark.parametrize(
    ("through", "fills"), [(Through.QUANTITY, [(100, 1)]), (Through.WHOLE, [(100, 1000)])]
)
def test_a_trade_through_our_price_fills_what_was_traded_or_all(
    through: Through, fills: list[tuple[int, int]]
) -> None:
    market = market_of([*_BOOK, sold(1, 99, 1)], RecordedFlow(through=through))
    market.place(buy(100, 1000))
    assert filled(market) == fills


@pytest.mark.parametrize("price", [99, 100])
def test_the_other_side_at_or_through_our_price_fills_all_of_an_order(price: int) -> None:
    market = market_of([*_BOOK, bid(1, 100, 0), ask(1, price, 1)])
    market.place(buy(100, 1000))
    assert filled(market) == [(100, 1000)]


def test_a_level_of_ours_that_went_and_came_back_has_us_first() -> None:
    market = market_of([*_BOOK, bid(1, 100, 0), bid(2, 100, 70), sold(3, 100, 5)])
    market.place(buy(100, 10))
    assert filled(market) == [(100, 5)]


def test_a_taker_uses_up_a_level_until_it_is_told_again() -> None:
    market = market_of([*_BOOK, ask(1, 101, 50)])
    assert [e.quantity for e in market.place(buy(101, 30, 1)).executions] == [30]
    assert [e.quantity for e in market.place(buy(101, 30, 2)).executions] == [20]
    market.cancel(2)
    market.step()
    assert [e.quantity for e in market.place(buy(101, 30, 3)).executions] == [30]


def test_post_only_is_refused_by_the_exchange_s_book_not_by_what_is_seen() -> None:
    rows = [*_BOOK, ask(1, 101, 0, seen_s=9), ask(1, 103, 5, seen_s=9), bid(5, 99, 51)]
    market = market_of(rows)
    assert market.place(buy(101, 1, 1, post_only=True)).refusal is Refusal.POST_ONLY
    market.step()
    assert market.asks.best() == 101  # seen only later
    assert market.place(buy(101, 1, 2, post_only=True)).rests
    # What would have traded with our order is gone there, and so it is not shown either.
    assert (market.bids.best(), market.asks.best()) == (101, None)


def test_what_happens_is_seen_later_and_fills_at_once() -> None:
    market = market_of([*_BOOK, bid(1, 100, 0, seen_s=1.5), sold(2, 99, 5, seen_s=2.5)])
    market.place(buy(100, 10))
    seen = []
    while (at := market.next_event_at()) is not None:
        trades = [(e.maker_owner, e.quantity) for e in market.step()]
        seen.append((at, market.bids.quantity(100), trades))
    assert seen == [
        (1.0, 110, []),
        (1.5, 10, []),
        (2.0, 5, [("ann", 5)]),
        (2.5, 5, []),
    ]


def test_our_own_trades_and_orders_of_the_recording_are_left_out() -> None:
    own = row(Kind.TRADE, 1, Side.SELL, 100, 500, flags=int(Flags.LAST | Flags.OWN_TRADE))
    market = market_of([*_BOOK, own])
    market.place(buy(100, 10))
    assert play(market) == []


def test_a_gap_lasts_until_the_next_snapshot() -> None:
    market = market_of([*_BOOK, row(Kind.GAP, 1), *book(2, bids={100: 7}, asks={101: 5})])
    market.place(buy(100, 10))
    shown = [(market.gap, market.bids.best(), market.asks.best())]
    while market.next_event_at() is not None:
        market.step()
        shown.append((market.gap, market.bids.best(), market.asks.best()))
    # In the gap the feeds show nothing, our orders included: nobody could quote by that.
    assert shown == [(False, 100, 101), (True, None, None), (False, 100, 101)]
    assert market.bids.quantity(100) == 17


# Order by order.

_ORDERS = [
    row(Kind.CLEAR, 0, flags=0),
    row(Kind.ADD, 0, Side.BUY, 100, 60, order=1, flags=0),
    row(Kind.ADD, 0, Side.BUY, 100, 40, order=2, flags=0),
    row(Kind.ADD, 0, Side.SELL, 101, 50, order=3),
]
_L3 = RecordedFlow(queue="l3")


def _order(kind: Kind, at_s: float, order: int, lots: int = 0, price: int = 100) -> Row:
    return row(kind, at_s, Side.BUY, price, lots, order=order)


def test_orders_that_were_ahead_leave_and_those_behind_do_not_matter() -> None:
    behind = _order(Kind.ADD, 1, 4, 500)
    market = market_of([*_ORDERS, behind, _order(Kind.CANCEL, 2, 4, 100)], _L3)
    market.place(buy(100, 10))
    play(market)
    assert market.ahead(1) == 100
    market = market_of([*_ORDERS, behind, _order(Kind.CANCEL, 2, 1, 60)], _L3)
    market.place(buy(100, 10))
    play(market)
    assert market.ahead(1) == 40


def test_an_order_ahead_that_grows_or_moves_goes_to_the_back() -> None:
    for change in (_order(Kind.MODIFY, 1, 1, 70), _order(Kind.MODIFY, 1, 1, 60, 99)):
        market = market_of([*_ORDERS, change], _L3)
        market.place(buy(100, 10))
        play(market)
        assert market.ahead(1) == 40
    market = market_of([*_ORDERS, _order(Kind.MODIFY, 1, 1, 10)], _L3)
    market.place(buy(100, 10))
    play(market)
    assert market.ahead(1) == 50


def test_a_fill_of_an_order_behind_ours_is_ours() -> None:
    rows = [*_ORDERS, _order(Kind.ADD, 1, 4, 30), _order(Kind.FILL, 2, 4, 7)]
    market = market_of(rows, _L3)
    market.place(buy(100, 10))
    assert filled(market) == [(100, 7)]
    market = market_of([*_ORDERS, _order(Kind.FILL, 1, 1, 60)], _L3)
    market.place(buy(100, 10))
    assert filled(market) == []
    assert market.ahead(1) == 40


@pytest.mark.parametrize("model", [*_MODELS, "l3"])
def test_a_trade_that_is_told_with_its_fills_is_counted_once(model: str) -> None:
    rows = [*_ORDERS, sold(1, 100, 60), _order(Kind.FILL, 1, 1, 60)]
    market = market_of(rows, RecordedFlow(queue=model))
    market.place(buy(100, 10))
    assert filled(market) == []
    assert market.ahead(1) == 40


def test_a_trade_told_together_with_what_it_did_changes_the_book_too() -> None:
    told = [
        row(Kind.TRADE, 1, Side.SELL, 100, 60, flags=0),
        (*_order(Kind.FILL, 1, 1, 60)[:7], 0),
        _order(Kind.ADD, 1, 5, 30),
    ]
    market = market_of([*_ORDERS, *told], _L3)
    market.place(buy(100, 10))
    assert filled(market) == []
    assert (market.ahead(1), market.bids.quantity(100)) == (40, 80)


def test_orders_that_leave_after_the_trade_that_took_them_are_counted_once() -> None:
    rows = [
        *_ORDERS,
        sold(1, 100, 70),
        _order(Kind.CANCEL, 1, 1, 60),
        _order(Kind.MODIFY, 1, 2, 30),
    ]
    market = market_of(rows, _L3)
    market.place(buy(100, 10))
    assert filled(market) == []
    assert market.ahead(1) == 30


def test_a_snapshot_keeps_the_places_of_orders_that_are_still_in_it() -> None:
    again = [
        row(Kind.CLEAR, 1, flags=0),
        row(Kind.ADD, 1, Side.BUY, 100, 25, order=2, flags=0),
        row(Kind.ADD, 1, Side.SELL, 101, 50, order=3),
    ]
    market = market_of([*_ORDERS, *again], _L3)
    market.place(buy(100, 10))
    play(market)
    assert market.ahead(1) == 25
    assert market.bids.quantity(100) == 35


def test_the_exact_model_needs_orders() -> None:
    market = market_of(_BOOK, _L3)
    with pytest.raises(MalformedRecording, match="needs orders"):
        market.place(buy(100, 10))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Kind.ADD, Kind.MODIFY, Kind.CANCEL, Kind.FILL]),
            st.integers(1, 6),
            st.integers(0, 80),
            st.integers(98, 100),
        ),
        max_size=30,
    )
)
def test_a_book_of_orders_has_the_totals_of_its_orders(
    changes: list[tuple[Kind, int, int, int]],
) -> None:
    rows = [_order(kind, at + 1, o, lots, p) for at, (kind, o, lots, p) in enumerate(changes)]
    market = market_of([*_ORDERS, *rows], _L3)
    play(market)
    recorded = market.exchange_book
    for price in (98, 99, 100):
        orders = recorded.orders_at(Side.BUY, price)
        assert recorded.bids.quantity(price) == sum(orders.values())
        assert all(orders.values())
