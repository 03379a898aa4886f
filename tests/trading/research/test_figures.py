"""Uptime, orders, inventory, drawdown, Sharpe, gates, hours: each by a small example."""

import math
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.runs import D, S, a_path, a_run, a_run_fill, a_run_order, mids, some_runs
from trading.core.market import Side
from trading.research.drawdown import drawdown, drawdown_of
from trading.research.figures import figures, mid_path
from trading.research.gates import gate_shares, spans_of
from trading.research.hours import fills_by_hour
from trading.research.inventory import half_life_s, inventory
from trading.research.mid_path import MidPath
from trading.research.order_lives import order_lives, queue_figures
from trading.research.quantiles import held_quantile, quantile
from trading.research.result import GateSpan, Holdings, Run, RunOrder
from trading.research.sharpe import Sharpe, daily_profits, sharpe, sharpe_of
from trading.research.stated import NotStated, stated
from trading.research.thinning import thinned
from trading.research.uptime import Shares, quotes, uptime

DAY = 86_400


def between(number: int, side: Side, price: str, begin: int, end: int | None) -> RunOrder:
    ended = None if end is None else end * S
    return a_run_order(number, side, price, placed_ns=begin * S, ended_ns=ended)


@settings(max_examples=50)
@given(some_runs())
def test_every_number_is_a_value_or_a_reason_of_any_run(run: Run) -> None:
    found = figures(run, mid_path(run))
    assert found.fills == len(run.fills)
    assert msgspec.json.encode(found)


def test_uptime_is_the_share_of_time_with_an_order_on_a_side_and_on_both() -> None:
    run = a_run(orders=(between(1, Side.BUY, "99", 0, 60), between(2, Side.SELL, "101", 40, None)))
    found = stated(uptime(run, None))
    assert found.quoted == Shares(buy=0.6, sell=0.6, both=0.2)
    assert found.spread == pytest.approx(2)
    assert isinstance(found.within, NotStated)
    assert isinstance(found.spread_bps, NotStated)


def test_an_order_is_within_a_distance_as_long_as_the_mid_price_is_near_it() -> None:
    run = a_run(orders=(between(1, Side.BUY, "99.95", 0, None),))
    found = stated(uptime(run, a_path((0, "100"), (50, "100.20"), (75, None), until=100)))
    within = stated(found.within)
    assert within[5].buy == pytest.approx(2 / 3)
    assert within[25] == Shares(buy=1.0, sell=0.0, both=0.0)


def test_size_is_what_remains_of_orders_after_fills_over_the_time_quoted() -> None:
    order = between(1, Side.BUY, "99", 0, 50)
    run = a_run(a_run_fill(25, Side.BUY, "99", "4"), orders=(order,))
    sizes = stated(uptime(run, None)).size
    assert sizes[Side.BUY] == pytest.approx(8)
    assert isinstance(sizes[Side.SELL], NotStated)


def test_an_order_that_is_filled_whole_is_gone_before_that_is_heard() -> None:
    order = between(1, Side.BUY, "99", 0, 50)
    run = a_run(a_run_fill(25, Side.BUY, "99", "10"), orders=(order,))
    assert stated(uptime(run, None)).quoted.buy == pytest.approx(0.25)


@settings(max_examples=50)
@given(some_runs())
def test_quotes_cover_the_run_without_holes(run: Run) -> None:
    pieces = list(quotes(run, mid_path(run)))
    assert sum(piece.length_ns for piece in pieces) == run.to_ns - run.from_ns
    assert all(one.to_ns == later.from_ns for one, later in pairwise(pieces))


def test_orders_are_told_by_side_and_by_level() -> None:
    run = a_run(
        orders=(
            a_run_order(1, Side.BUY, "99", level=0, filled=D(10), ended_ns=2 * S),
            a_run_order(2, Side.BUY, "98", level=1, filled=D(5), ended_ns=4 * S),
            a_run_order(3, Side.SELL, "101", level=0, ended_ns=8 * S),
            a_run_order(4, Side.SELL, "101", level=0, placed_ns=None),
        )
    )
    found = order_lives(run)
    assert (found.never_there, found.by_level) == (1, True)
    assert list(found.groups) == ["all", "buy", "sell", "level 1", "level 2"]
    assert found.groups["all"].fill_ratio == pytest.approx(0.5)
    assert found.groups["all"].lifetimes_s == (2.0, 4.0, 8.0)
    assert found.groups["all"].filled_s == (2.0, 2.0, 2.0)
    assert (found.groups["buy"].whole, found.groups["buy"].touched) == (1, 2)
    assert isinstance(found.groups["sell"].filled_s, NotStated)


def test_without_levels_orders_are_told_by_their_distance() -> None:
    run = a_run(
        orders=(
            a_run_order(1, Side.BUY, "99.99", mid_price=D(100)),
            a_run_order(2, Side.BUY, "99.85", mid_price=D(100)),
            a_run_order(3, Side.BUY, "90", mid_price=D(100)),
            a_run_order(4, Side.BUY, "90"),
        )
    )
    found = order_lives(run)
    assert not found.by_level
    assert list(found.groups)[3:] == [
        "up to 5 bps",
        "up to 20 bps",
        "beyond 50 bps",
        "distance not known",
    ]


def test_a_cancel_that_an_order_was_filled_in_spite_of_has_lost_the_race() -> None:
    asked = {"cancel_sent_ns": S, "filled_at_cancel": D(2), "ended_ns": 2 * S}
    run = a_run(
        orders=(
            a_run_order(1, Side.BUY, "99", filled=D(10), **asked),
            a_run_order(2, Side.BUY, "99", filled=D(2), **asked),
        )
    )
    found = stated(order_lives(run).cancels)
    assert (found.asked, found.lost_race, found.lost_quantity) == (2, 1, D(8))
    untold = msgspec.structs.replace(run, tells_cancels=False)
    assert isinstance(order_lives(untold).cancels, NotStated)


def test_the_queue_is_told_with_how_it_is_known() -> None:
    ahead = {"queue_ahead": D(100), "queue_best": D(0)}
    run = a_run(orders=(a_run_order(1, Side.BUY, "99", **ahead),), queue="power:3")
    found = stated(queue_figures(run))
    assert (found.known, found.at_placing, found.reached_front) == ("power:3", (100.0,) * 3, 1)
    assert isinstance(queue_figures(a_run()), NotStated)
    only = a_run(orders=(a_run_order(1, Side.BUY, "99", queue_ahead=D(5)),), queue="log")
    assert isinstance(stated(queue_figures(only)).best, NotStated)


def test_inventory_is_weighted_by_time() -> None:
    run = a_run(a_run_fill(50, Side.BUY, "1", "10"), a_run_fill(75, Side.SELL, "1", "30"))
    found = stated(inventory(run))
    assert found.mean == pytest.approx(10 * 0.25 - 20 * 0.25)
    assert (found.end, found.lowest, found.highest) == (D(-20), D(-20), D(10))
    assert found.p95 == pytest.approx(20)
    assert found.half_life_s == NotStated("the position changed 2 times, below 30")


def test_a_position_that_halves_each_ten_seconds_has_a_half_life_of_ten_seconds() -> None:
    slope = 0.5 ** (1 / 10)
    path = [(second * S, D(repr(1000 * slope**second))) for second in range(100)]
    assert stated(half_life_s(path, 99 * S)) == pytest.approx(10, rel=1e-6)


def test_a_position_that_only_grows_has_no_half_life() -> None:
    path = [(second * S, D(2) ** second) for second in range(60)]
    assert isinstance(half_life_s(path, 60 * S), NotStated)


def test_a_drawdown_reaches_from_the_best_to_the_deepest() -> None:
    worth = [(1, D(5)), (2, D(9)), (3, D(4)), (4, D(6)), (5, D(9)), (6, D(8))]
    found = stated(drawdown_of(worth, 20))
    assert (found.depth, found.peak_ns, found.trough_ns) == (D(5), 2, 3)
    assert found.longest_ns == 15


@given(st.lists(st.integers(-50, 50), min_size=1))
def test_no_fall_from_a_moment_to_a_later_one_is_deeper_than_the_drawdown(worth: list[int]) -> None:
    series = [(place, D(value)) for place, value in enumerate(worth)]
    found = stated(drawdown_of(series, len(worth)))
    falls = [worth[i] - worth[j] for i in range(len(worth)) for j in range(i, len(worth))]
    assert found.depth == max(falls)
    assert worth[found.peak_ns] - worth[found.trough_ns] == found.depth


def test_worth_is_looked_at_each_second_so_a_flash_within_one_is_no_drawdown() -> None:
    path = MidPath(
        msgspec.structs.replace(
            mids((0, "100"), (1, "100"), (2, "100"), until=100),
            at_ns=(0, 100, 200),
            prices=(D(100), D(50), D(100)),
        )
    )
    run = a_run(start=Holdings(D(1), D(0)))
    found = stated(drawdown(run, path))
    assert (found.depth, found.longest_ns) == (D(0), 0)


def test_below_twenty_days_a_sharpe_ratio_is_how_many_days_there_are() -> None:
    assert sharpe(a_run(until=34_560), None) == NotStated("0.4 days")


def test_the_sharpe_ratio_is_that_of_daily_profit_with_its_interval() -> None:
    profits = [1.0, 3.0] * 20
    found = sharpe_of(profits)
    assert isinstance(found, Sharpe)
    deviation = math.sqrt(40 / 39)
    assert found.ratio == pytest.approx(2 / deviation * math.sqrt(365))
    daily = 2 / deviation
    assert found.interval == pytest.approx(
        1.96 * math.sqrt((1 + daily**2 / 2) / 40) * math.sqrt(365)
    )
    assert isinstance(sharpe_of([1.0] * 30), NotStated)


def test_profit_is_told_of_whole_days_with_a_mid_price_at_both_ends() -> None:
    begin = DAY // 2
    run = a_run(a_run_fill(begin + 1, Side.BUY, "100", "1"), until=4 * DAY, from_ns=begin * S)
    steps = ((begin, "100"), (DAY, "101"), (DAY + 5, "102"), (3 * DAY - 5, "105"))
    found = daily_profits(run, a_path(*steps, until=4 * DAY))
    assert found == [1.0, 3.0, 0.0]


def test_time_that_gates_were_shut_is_counted_once_for_each_code() -> None:
    def gate(code: str, side: Side | None, begin: int, end: int) -> GateSpan:
        return GateSpan(code=code, side=side, from_ns=begin * S, to_ns=end * S)

    run = a_run(
        gates=(
            gate("not_ready", None, 0, 10),
            gate("not_ready", Side.BUY, 5, 20),
            gate("fill_delay", Side.BUY, 0, 50),
        )
    )
    found = stated(gate_shares(run))
    assert found[Side.BUY] == {"fill_delay": 0.5, "not_ready": 0.2}
    assert found[Side.SELL] == {"not_ready": 0.1}
    assert isinstance(gate_shares(a_run()), NotStated)


def test_a_gate_is_shut_from_the_look_that_names_it_to_the_first_that_does_not() -> None:
    delay, halt = ("fill_delay", Side.BUY), ("halted", None)
    found = spans_of([(1, [delay]), (2, [delay, halt]), (5, [halt]), (7, [delay])], 9)
    assert [(gate.code, gate.from_ns, gate.to_ns) for gate in found] == [
        ("fill_delay", 1, 5),
        ("halted", 2, 7),
        ("fill_delay", 7, 9),
    ]


_gates = st.sampled_from(["fill_delay", "halted"]), st.none() | st.sampled_from(Side)


@given(st.lists(st.sets(st.tuples(*_gates), max_size=3), max_size=12))
def test_at_every_look_the_spans_say_what_it_found(
    looks: list[set[tuple[str, Side | None]]],
) -> None:
    found = spans_of(enumerate(looks), len(looks))
    for at_ns, named in enumerate(looks):
        shut_then = {(gate.code, gate.side) for gate in found if gate.from_ns <= at_ns < gate.to_ns}
        assert shut_then == named


def test_fills_are_counted_by_the_hour_of_the_day() -> None:
    fills = [a_run_fill(3600 * 25, Side.BUY, "1", "2"), a_run_fill(3601, Side.SELL, "1", "3")]
    hour = fills_by_hour(fills)[1]
    assert (hour.fills, hour.bought, hour.sold) == (2, D(2), D(3))


def test_a_quantile_is_one_of_the_samples() -> None:
    assert [quantile([1, 2, 3, 4], share) for share in (0, 0.25, 0.5, 0.9, 1)] == [1, 1, 2, 4, 4]
    assert held_quantile([(5.0, 1), (1.0, 99)], 0.95) == 1.0


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.none() | st.floats(-1e9, 1e9)),
        max_size=400,
        unique_by=lambda point: point[0],
    ),
    st.integers(8, 60),
)
def test_what_is_thinned_keeps_ends_and_extremes_and_is_short(
    points: list[tuple[int, float | None]], points_max: int
) -> None:
    points.sort(key=lambda point: point[0])
    found = thinned(points, points_max)
    assert len(found) <= points_max
    assert set(found) <= set(points)
    assert found == sorted(found, key=lambda point: point[0])
    known = [value for _, value in points if value is not None]
    if known:
        kept = [value for _, value in found if value is not None]
        assert (min(kept), max(kept)) == (min(known), max(known))
    assert (found[:1], found[-1:]) == (points[:1], points[-1:])
