"""Avellaneda-Stoikov: the formulas' figures, the estimators, and quoting over time."""

import math
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.market import Side, Trade
from trading.strategies.avellaneda_stoikov import AvellanedaStoikov, Parameters
from trading.strategies.avellaneda_stoikov.formula import Market, hummingbot, textbook
from trading.strategies.avellaneda_stoikov.intensity import Intensity, fit_exponential
from trading.strategies.avellaneda_stoikov.propose import optimum, target_quotes
from trading.strategies.avellaneda_stoikov.session import seconds_left, share_left
from trading.strategies.avellaneda_stoikov.state import Estimates, State
from trading.strategies.avellaneda_stoikov.volatility import Volatility
from trading.strategies.interface import SeenTrades, Strategy, View
from trading.strategies.pure_market_making.features import TradingWindow
from trading.strategies.pure_market_making.parameters import Compat
from trading.testing import PAIR, FakeVenue, a_top, a_view, balances

D = Decimal


def parameters(**changes: Any) -> Parameters:
    usual = Parameters(
        risk_factor=D(100), order_amount=D(1), order_refresh_time=30.0, estimator_minimum_samples=3
    )
    return attrs.evolve(usual, **changes)


def a_trade(price: str, quantity: str = "1") -> Trade:
    return Trade(
        pair=PAIR,
        price=D(price),
        quantity=D(quantity),
        taker_side=Side.BUY,
        trade_id=None,
        traded_at_ms=0,
    )


def test_the_published_form_gives_the_papers_figures() -> None:
    # The paper's own example: s = 100, T = 1, sigma = 2, gamma = 0.1, k = 1.5.
    market = Market(mid=100.0, sigma=2.0, kappa=1.5)
    flat = textbook(market, gamma=0.1, inventory=0.0, time_left=1.0)
    assert flat.reservation == 100.0
    assert flat.spread == pytest.approx(0.4 + 20 * math.log(1 + 0.1 / 1.5))
    assert flat.spread == pytest.approx(1.6908, abs=1e-4)
    long = textbook(market, gamma=0.1, inventory=3.0, time_left=0.5)
    assert long.reservation == pytest.approx(100 - 3 * 0.1 * 4 * 0.5)
    assert long.spread == pytest.approx(0.2 + 1.29077, abs=1e-4)


def test_hummingbots_form_takes_volatility_where_the_paper_takes_variance() -> None:
    market = Market(mid=100.0, sigma=2.0, kappa=1.5)
    found = hummingbot(market, gamma=0.1, inventory=0.5, time_left=0.25)
    assert found.reservation == pytest.approx(100 - 0.5 * 0.1 * 2 * 0.25)
    assert found.spread == pytest.approx(0.1 * 2 * 0.25 + 20 * math.log(1 + 0.1 / 1.5))


@given(
    mid=st.floats(0.001, 1e7),
    sigma=st.floats(0, 1e3),
    kappa=st.floats(1e-6, 1e6),
    gamma=st.floats(1e-3, 1e3),
    inventory=st.floats(-100, 100),
)
def test_more_inventory_lowers_the_reservation_price_and_never_the_spread(
    mid: float, sigma: float, kappa: float, gamma: float, inventory: float
) -> None:
    for form in (textbook, hummingbot):
        market = Market(mid=mid, sigma=sigma, kappa=kappa)
        less = form(market, gamma=gamma, inventory=inventory, time_left=1.0)
        more = form(market, gamma=gamma, inventory=inventory + 1, time_left=1.0)
        assert more.reservation <= less.reservation
        assert more.spread == less.spread > 0


def test_volatility_is_that_of_the_moves_whatever_their_spacing() -> None:
    even = Volatility(size=10, interval=1.0)
    for second, price in enumerate([100.0, 101.0, 100.0, 101.0, 100.0]):
        even = even.after(price, float(second))
    assert even.per_second == pytest.approx(1.0)
    assert even.per_sample == pytest.approx(math.sqrt(4 / 5)), "five samples, four moves"
    late = Volatility(size=10, interval=1.0).after(100.0, 0.0).after(102.0, 4.0)
    assert late.per_second == pytest.approx(1.0), "two in four seconds is one a root second"


def test_volatility_takes_no_sample_before_its_time_and_keeps_a_bounded_number() -> None:
    volatility = Volatility(size=3, interval=1.0)
    for tenth in range(100):
        volatility = volatility.after(float(tenth), tenth / 10)
    assert [at for at, _ in volatility.samples] == [7.0, 8.0, 9.0]


@given(
    alpha=st.floats(0.1, 1e4),
    kappa=st.floats(0.01, 50),
    ticks=st.lists(st.integers(1, 40), min_size=2, max_size=12, unique=True),
)
def test_the_fit_finds_the_curve_that_the_points_lie_on(
    alpha: float, kappa: float, ticks: list[int]
) -> None:
    distances = [tick * 0.02 for tick in sorted(ticks)]
    curve = fit_exponential(distances, [alpha * math.exp(-kappa * x) for x in distances])
    assert curve is not None
    assert curve.kappa == pytest.approx(kappa, rel=1e-4, abs=1e-4)
    assert curve.alpha == pytest.approx(alpha, rel=1e-3)


@given(
    st.dictionaries(
        st.integers(1, 1000).map(lambda tick: tick / 100),
        st.floats(0.001, 1e4),
        min_size=2,
        max_size=10,
    )
)
def test_no_neighbouring_curve_fits_better(points: dict[float, float]) -> None:
    distances = sorted(points)
    amounts = [points[x] for x in distances]
    curve = fit_exponential(distances, amounts)
    assert curve is not None
    assert curve.alpha >= 0
    assert curve.kappa >= 0

    def left(kappa: float) -> float:
        falls = [math.exp(-kappa * (x - distances[0])) for x in distances]
        level = sum(y * f for y, f in zip(amounts, falls, strict=True)) / sum(f * f for f in falls)
        return sum((y - level * f) ** 2 for y, f in zip(amounts, falls, strict=True))

    best = left(curve.kappa)
    for factor in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0):
        assert best <= left(curve.kappa * factor) * (1 + 1e-6) + 1e-9


def test_one_distance_shows_no_slope() -> None:
    assert fit_exponential([0.1], [5.0]) is None


def test_the_likeliest_curve_is_one_over_the_mean_distance() -> None:
    intensity = Intensity(size=10, since=0.0)
    intensity = intensity.after([a_trade("100.1"), a_trade("99.7")], D(100), 5.0)
    curve = intensity.likeliest(10.0)
    assert curve is not None
    assert curve.kappa == pytest.approx(2 / 0.4)
    assert curve.alpha == pytest.approx(0.2), "two trades in ten seconds"
    assert Intensity(size=1, since=0.0).after([a_trade("100")], D(100), 1.0).likeliest(2.0) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 500)), max_size=60))
def test_intensity_keeps_a_bounded_number_of_seconds(trades: list[tuple[int, int]]) -> None:
    intensity = Intensity(size=5, since=0.0)
    for second, tick in sorted(trades):
        intensity = intensity.after([a_trade(str(D(100) + D(tick) / 100))], D(100), float(second))
    distinct = {second for second, _ in trades}
    assert len(intensity.seconds) == min(5, len(distinct))
    kept = sorted(distinct)[-5:]
    assert intensity.trades == sum(second in kept for second, _ in trades)


def test_one_wild_second_does_not_grow_without_bound() -> None:
    intensity = Intensity(size=5, since=0.0)
    for tick in range(1000):
        intensity = intensity.after([a_trade(str(D(100) + D(tick) / 100))], D(100), 1.0)
    assert len(intensity.seconds[0].distances) == 100
    assert intensity.trades == 1000


def known(view: View, wanted: Parameters) -> Estimates:
    """Estimates that are ready: a mid that moves by 0.1 a second, trades 0.05 and 0.15 away."""
    estimates = Estimates.none(wanted, 0.0)
    for second in range(1, 11):
        move = D("0.1") if second % 2 else D(0)
        top = a_top(D("99.99") + move, D("100.01") + move)
        trades = (a_trade(str(top.mid_price + D("0.05"))), a_trade(str(top.mid_price - D("0.15"))))
        seen = attrs.evolve(view, now=float(second), top=top, trades=SeenTrades(2 * second, trades))
        estimates = estimates.after(attrs.evolve(seen, top=top), wanted)
    return estimates


def test_at_the_target_both_sides_are_equally_far_away() -> None:
    wanted = parameters()
    view = a_view()
    best = optimum(view, known(view, wanted), wanted)
    assert best is not None
    quotes = target_quotes(best, view, wanted).quotes
    assert [quote.side for quote in quotes] == [Side.BUY, Side.SELL]
    assert D(100) - quotes[0].price == pytest.approx(quotes[1].price - D(100))
    assert best.reservation == pytest.approx(100.0)


@given(base=st.integers(0, 200), risk=st.integers(1, 100_000))
def test_no_quote_is_nearer_than_the_minimum_spread_nor_beyond_the_mid(
    base: int, risk: int
) -> None:
    wanted = parameters(
        risk_factor=D(risk), min_spread=D("0.002"), order_levels=2, level_distances=D(50)
    )
    view = attrs.evolve(a_view(), balances=balances(base=str(base)))
    best = optimum(view, known(view, wanted), wanted)
    assert best is not None
    for quote in target_quotes(best, view, wanted).quotes:
        distance = D(100) - quote.price if quote.side is Side.BUY else quote.price - D(100)
        assert distance >= D("0.1")


def test_too_much_base_lowers_both_quotes_and_shrinks_the_bid() -> None:
    wanted = parameters(order_amount_shape_factor=D(1), risk_factor=D(10))
    level, heavy = a_view(), attrs.evolve(a_view(), balances=balances(base="200"))
    estimates = known(level, wanted)
    at_target, beyond = (optimum(view, estimates, wanted) for view in (level, heavy))
    assert at_target is not None
    assert beyond is not None
    assert beyond.reservation < at_target.reservation
    assert beyond.spread == at_target.spread
    bid, ask = target_quotes(beyond, heavy, wanted).quotes
    share = 20_000 / 30_000 - 0.5
    assert float(bid.quantity) == pytest.approx(math.exp(-share))
    assert ask.quantity == D(1)


def test_levels_are_a_part_of_the_half_spread_apart() -> None:
    wanted = parameters(order_levels=3, level_distances=D(40))
    view = a_view()
    best = optimum(view, known(view, wanted), wanted)
    assert best is not None
    asks = [quote.price for quote in target_quotes(best, view, wanted).sells]
    assert float(asks[1] - asks[0]) == pytest.approx(best.spread / 2 * 0.4)
    assert asks[2] - asks[1] == asks[1] - asks[0]


def test_it_is_a_strategy() -> None:
    strategy: Strategy[State] = AvellanedaStoikov(parameters())
    assert strategy.begin(5.0).orders.create_at == 5.0


def quoting(wanted: Parameters, seconds: int) -> FakeVenue:
    """A venue on which somebody trades each second, nearer and further away."""
    venue = FakeVenue.running(AvellanedaStoikov(wanted))
    trades: tuple[Trade, ...] = ()
    for second in range(1, seconds + 1):
        move = D("0.05") * (second % 3)
        trades = (*trades, a_trade(str(D("100.05") + move)), a_trade("99.80"))
        venue.view = attrs.evolve(
            venue.view,
            top=a_top(D("99.99") + move, D("100.01") + move),
            trades=SeenTrades(2 * second, trades[-100:]),
        )
        venue.run_until(second)
    return venue


def test_nothing_is_quoted_before_both_estimators_know_enough_and_they_say_so() -> None:
    venue = FakeVenue.running(AvellanedaStoikov(parameters()))
    decision = venue.look()
    assert [gate.code for gate in decision.gates] == ["volatility_not_ready", "intensity_not_ready"]
    assert decision.gates[0].sentence == ("volatility is not known: 1 of 3 price samples so far")
    assert decision.gates[1].sentence == "trading intensity is not known: 0 of 3 trades so far"
    assert decision.look_again_at == 1.0, "for the next sample"
    venue.run_until(30)
    assert venue.log == [], "nobody trades"


def test_it_quotes_as_soon_as_it_knows_enough_and_its_sets_stand_for_the_refresh_time() -> None:
    venue = quoting(parameters(), 20)
    assert venue.log == [(3.0, "place", "buy"), (3.0, "place", "sell")]
    bid, ask = (order.price for order in venue.view.orders)
    assert bid < D("99.99") < D("100.01") < ask


def test_a_new_life_does_not_count_the_trades_of_the_former_one() -> None:
    strategy = AvellanedaStoikov(parameters())
    view = attrs.evolve(a_view(), trades=SeenTrades(50, (a_trade("101"),) * 50))
    _, state = strategy.decide(view, strategy.begin(0.0))
    assert state.estimates.intensity.trades == 0
    assert state.estimates.trades_seen == 50


def test_outside_the_session_nothing_stands() -> None:
    window = TradingWindow(ends_at=1000.0)
    venue = quoting(parameters(), 5)
    strategy = AvellanedaStoikov(parameters(trading_window=window))
    view = attrs.evolve(venue.view, now=6.0, unix_s=2000.0)
    decision, _ = strategy.decide(view, venue.state)
    assert len(decision.cancels) == 2
    assert [gate.code for gate in decision.gates] == ["outside_trading_window"]


def test_a_session_counts_down_and_the_one_that_ends_first_counts() -> None:
    view = attrs.evolve(a_view(), unix_s=86_400.0 * 3 + 3600 * 10)
    hours = TradingWindow(daily_from=3600 * 8, daily_until=3600 * 12)
    assert seconds_left(view, hours) == 7200
    assert share_left(view, hours) == 0.5
    at_night = TradingWindow(daily_from=3600 * 22, daily_until=3600 * 12)
    assert share_left(view, at_night) == pytest.approx(2 / 14)
    both = attrs.evolve(hours, ends_at=view.unix_s and view.unix_s + 60)
    assert seconds_left(view, both) == 60
    assert (seconds_left(view, None), share_left(view, None)) == (None, 1.0)


def test_compat_waits_for_full_buffers_and_takes_hummingbots_form() -> None:
    wanted = parameters(
        compat=Compat.HUMMINGBOT,
        risk_factor=D(1),
        volatility_buffer_size=5,
        trading_intensity_buffer_size=8,
    )
    venue = quoting(wanted, 8)
    assert venue.log == [], "the last trades came with the look that has no price before them"
    decision, state = AvellanedaStoikov(wanted).decide(venue.view, venue.state)
    assert decision.gates[0].sentence == (
        "trading intensity is not known: 7 of 8 seconds with a trade so far"
    )
    venue = quoting(wanted, 9)
    assert [entry[0] for entry in venue.log] == [9.0, 9.0]
    state = venue.state
    estimates, curve = state.estimates, state.estimates.curve
    assert curve is not None
    expected = hummingbot(
        Market(
            mid=float(venue.view.top.mid_price),
            sigma=estimates.volatility.per_sample,
            kappa=curve.kappa,
        ),
        gamma=1.0,
        inventory=float(100 * venue.view.top.mid_price / (100 * venue.view.top.mid_price + 10_000))
        - 0.5,
        time_left=1.0,
    )
    assert state.optimum == expected


def test_compat_keeps_the_last_answer_while_nothing_moves() -> None:
    wanted = parameters(
        compat=Compat.HUMMINGBOT,
        risk_factor=D(1),
        volatility_buffer_size=3,
        trading_intensity_buffer_size=3,
    )
    venue = quoting(wanted, 6)
    before = venue.state.optimum
    assert before is not None
    for second in range(7, 12):
        venue.run_until(second)
    assert venue.state.estimates.volatility.per_sample == 0
    kept = venue.state.optimum
    venue.run_until(20)
    assert venue.state.optimum == kept


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"risk_factor": D(0)}, "risk_factor must be above 0, not 0"),
        (
            {"order_amount_shape_factor": D(2)},
            "order_amount_shape_factor must be a share from 0 to 1, not 2",
        ),
        ({"volatility_buffer_size": 1}, "volatility_buffer_size must be 2 or more, not 1"),
        (
            {"estimator_minimum_samples": 300},
            "estimator_minimum_samples must be volatility_buffer_size or fewer",
        ),
        ({"order_levels": 2}, "level_distances must be above 0 where there are more order_levels"),
        (
            {"compat": Compat.HUMMINGBOT, "trading_window": TradingWindow(ends_at=5.0)},
            "begins_at must be given with ends_at: the session's length counts",
        ),
    ],
)
def test_a_parameter_out_of_range_is_named(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        parameters(**changes)
