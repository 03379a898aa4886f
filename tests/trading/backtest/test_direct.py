"""The direct path: orders of a strategy on a recording, from the decision to the fill."""

from decimal import Decimal

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.backtest_rig import (
    BALANCES,
    LOOSE,
    Once,
    Whenever,
    a_bid,
    an_ask,
    run,
    run_all,
)
from tests.support.builders import BTC, DOGE
from tests.support.recorded_market import S, ask, bid, book, row, sold
from trading.backtest.direct import Subject
from trading.backtest.latency import ConstantLatency
from trading.backtest.outcome import Outcome
from trading.core.identifiers import Currency, StrategyName
from trading.core.market import Side
from trading.datasets.record import Kind
from trading.decisions.decision import Decision, Quote
from trading.simulator.core.flows import RecordedFlow, Through
from trading.simulator.market.two_clocks import Row
from trading.strategies.config import StrategyConfig
from trading.strategies.interface import View

_T = 1000
"""When the recordings begin, in seconds."""
_BOOK = book(_T, bids={10_000: 100, 9_990: 50}, asks={10_010: 80})
_END = bid(_T + 60, 9_000, 1)


def _bid(lots: int = 40) -> Once:
    return Once((a_bid(10_000, lots),))


def test_an_order_waits_for_its_turn_and_is_filled() -> None:
    outcome = run([*_BOOK, sold(_T + 10, 10_000, 120), _END], _bid())
    (fill,), (order,) = outcome.fills, outcome.orders
    assert (fill.at_ns, fill.quantity, fill.maker) == ((_T + 10) * S, Decimal(20), True)
    assert fill.client_order_id == order.client_order_id
    assert (order.ahead, order.filled_quantity) == (Decimal(100), Decimal(20))
    assert (order.end, order.ended_ns) == ("partially filled", None)
    assert order.level == 0
    assert (order.best_ahead, order.mid_price) == (Decimal(0), Decimal("0.10005"))
    assert order.cancel_sent_ns is None
    assert outcome.performance[order.strategy].bought == Decimal(20)
    assert outcome.decisions[order.strategy] >= 1
    assert outcome.instructions == {order.strategy: 1}


def test_an_order_is_at_the_exchange_only_after_its_latency() -> None:
    latency = ConstantLatency(300_000_000, 200_000_000)
    outcome = run([*_BOOK, _END], _bid(), latency=latency)
    (order,) = outcome.orders
    # The gateway has compared the venue's lists with its own before, which takes two answers.
    assert order.placed_ns == _T * S + 2 * 500_000_000
    assert order.arrived_ns == order.placed_ns + 300_000_000
    assert outcome.latency == "constant:300ms,200ms"


def test_a_trade_while_an_order_is_on_the_way_is_missed() -> None:
    rows = [*_BOOK, sold(_T + 0.24, 9_990, 500), sold(_T + 0.26, 9_990, 5), _END]
    outcome = run(rows, _bid())
    assert [fill.quantity for fill in outcome.fills] == [Decimal(5)]


def test_a_post_only_order_that_meets_a_book_that_moved_on_the_way_is_refused() -> None:
    rows = [*_BOOK, ask(_T + 0.22, 10_010, 0), ask(_T + 0.22, 10_000, 5), _END]
    (order,) = run(rows, _bid()).orders
    assert order.end == "rejected"
    assert "Post only" in order.reason
    assert order.ahead is None


def test_an_order_that_may_take_takes_what_is_there_then() -> None:
    strategy = Once((a_bid(10_010, 100, post_only=False),))
    outcome = run([*_BOOK, _END], strategy)
    assert [(fill.quantity, fill.maker) for fill in outcome.fills] == [(Decimal(80), False)]
    assert outcome.fills[0].fee > 0


def test_what_is_seen_late_is_decided_on_late() -> None:
    seen: list[tuple[float, Decimal]] = []

    def note(view: View) -> Decision:
        seen.append((view.now, view.top.best_bid))
        return Decision()

    run([*_BOOK, bid(_T + 1, 10_000, 0, seen_s=_T + 1.5), _END], Whenever(note))
    assert (1.5, Decimal("0.0999")) in seen
    assert all(price == Decimal("0.1") for now, price in seen if now < 1.5)


def test_limits_keep_orders_from_leaving() -> None:
    limits = attrs.evolve(LOOSE, max_order_notional=Decimal(3))
    assert run([*_BOOK, _END], _bid(), limits=limits).orders == ()


def test_a_gap_ends_quoting_until_the_next_snapshot() -> None:
    def quote(view: View) -> Decision:
        return Decision() if view.orders else Decision(places=(a_bid(10_000, 40),))

    rows = [
        *_BOOK,
        row(Kind.GAP, _T + 10),
        *book(_T + 20, bids={10_000: 100}, asks={10_010: 80}),
        _END,
    ]
    outcome = run(rows, Whenever(quote))
    first, second = outcome.orders
    assert (first.end, second.end) == ("cancelled", "open")
    assert first.ended_ns == (_T + 10) * S + 50_000_000
    assert (first.cancel_sent_ns, first.filled_at_cancel) == ((_T + 10) * S, Decimal(0))
    assert first.best_ahead == Decimal(100)
    shut = [gate for gate in outcome.gates[first.strategy] if gate.code == "not_ready"]
    assert [(gate.from_ns, gate.to_ns) for gate in shut] == [((_T + 10) * S, (_T + 20) * S)]
    assert second.placed_ns >= (_T + 20) * S


def test_a_limit_that_breaks_halts_for_the_rest() -> None:
    limits = attrs.evolve(LOOSE, max_drawdown=Decimal("0.01"))
    rows = [
        *_BOOK,
        sold(_T + 10, 9_990, 500),
        *book(_T + 20, bids={5_000: 100}, asks={5_010: 80}),
        _END,
    ]
    outcome = run(rows, _bid(), limits=limits)
    assert "drawdown" in outcome.halted or "profit" in outcome.halted


def test_it_can_be_left_before_its_end() -> None:
    outcome = run([*_BOOK, sold(_T + 10, 10_000, 120), _END], _bid(), until_s=5)
    assert outcome.fills == ()
    assert outcome.ended_ns == (_T + 5) * S


def test_nothing_is_decided_before_the_start() -> None:
    (order,) = run([*_BOOK, _END], _bid(), start_s=3.5).orders
    assert order.placed_ns == (_T + 3.5) * S


def test_several_pairs_have_one_clock() -> None:
    btc = [
        *book(_T + 5, bids={6_000_000: 10}, asks={6_000_010: 10}),
        row(Kind.TRADE, _T + 8, Side.SELL, 5_999_990, 7),
        bid(_T + 60, 5_000_000, 1),
    ]
    of_btc = Once(
        (Quote(side=Side.BUY, price=Decimal(60_000), quantity=Decimal("0.00010"), level=0),)
    )
    outcome = run_all(
        {DOGE: [*_BOOK, sold(_T + 10, 9_990, 3), _END], BTC: btc},
        {
            StrategyName("doge"): Subject(
                pair=DOGE, config=StrategyConfig(strategy=_bid(), limits=LOOSE)
            ),
            StrategyName("btc"): Subject(
                pair=BTC, config=StrategyConfig(strategy=of_btc, limits=LOOSE)
            ),
        },
    )
    assert [(fill.pair, fill.at_ns) for fill in outcome.fills] == [
        (BTC, (_T + 8) * S),
        (DOGE, (_T + 10) * S),
    ]
    assert outcome.began_ns == _T * S


def _both(view: View) -> Decision:
    """Quotes both sides of the mid price, and takes everything back when it has moved."""
    mid = view.top.mid_price
    stale = tuple(o.client_order_id for o in view.orders if abs(o.price - mid) > Decimal("0.0003"))
    if stale or view.orders:
        return Decision(cancels=stale)
    tick = Decimal("0.00001")
    ticks = int(mid / tick)
    return Decision(
        places=(a_bid(ticks - 6, 50), an_ask(ticks + 6, 50)), look_again_at=view.now + 1
    )


@st.composite
def a_recording(draw: st.DrawFn) -> list[Row]:
    """A few seconds of a market around 0.1, told late and in bursts."""
    rows = list(_BOOK)
    at = float(_T)
    for _ in range(draw(st.integers(5, 40))):
        at += draw(st.sampled_from([0.0, 0.05, 0.3, 1.0]))
        late = draw(st.sampled_from([0.0, 0.02, 0.2]))
        price = draw(st.integers(9_980, 10_004))
        lots = draw(st.integers(1, 400))
        kind = draw(st.sampled_from(["bid", "ask", "sold", "bought"]))
        if kind == "bid":
            rows.append(bid(at, price, draw(st.sampled_from([0, lots])), seen_s=at + late))
        elif kind == "ask":
            rows.append(ask(at, price + 6, lots, seen_s=at + late))
        elif kind == "sold":
            rows.append(sold(at, price, lots, seen_s=at + late))
        else:
            rows.append(row(Kind.TRADE, at, Side.BUY, price + 12, lots, seen_s=at + late))
    rows.sort(key=lambda each: each[1])
    return [*rows, bid(at + 5, 9_000, 1)]


def _run(rows: list[Row], model: str, through: Through) -> Outcome:
    return run(rows, Whenever(_both), flow=RecordedFlow(queue=model, through=through))


@settings(max_examples=25, deadline=None)
@given(
    rows=a_recording(),
    model=st.sampled_from(["risk_averse", "power:2", "log"]),
    through=st.sampled_from(Through),
)
def test_money_is_conserved_and_a_backtest_repeats(
    rows: list[Row], model: str, through: Through
) -> None:
    outcome = _run(rows, model, through)
    assert _run(rows, model, through) == outcome
    totals = dict(BALANCES)
    for fill in outcome.fills:
        sign = 1 if fill.side is Side.BUY else -1
        totals[Currency("DOGE")] += sign * fill.quantity
        totals[Currency("USDT")] -= sign * fill.quantity * fill.price
        totals[Currency(fill.fee_currency)] -= fill.fee
    at_the_end = {each.currency: each.available + each.reserved for each in outcome.balances}
    assert at_the_end == pytest.approx(totals)
    filled = {order.client_order_id: Decimal(0) for order in outcome.orders}
    for fill in outcome.fills:
        filled[fill.client_order_id] += fill.quantity
    for order in outcome.orders:
        assert filled[order.client_order_id] <= order.quantity
        if order.arrived_ns is not None:
            assert order.arrived_ns == order.placed_ns + 50_000_000


def test_an_outcome_is_written_and_read_as_the_same() -> None:
    outcome = run([*_BOOK, sold(_T + 10, 10_000, 120), _END], _bid())
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=Outcome) == outcome
