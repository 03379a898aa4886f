"""The synthetic market looks like one, and repeats itself exactly."""

from random import Random

from trading.core.market import Side
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.simulator.market.synthetic import SyntheticMarket
from trading.simulator.matching.matching import Incoming

_ACTIVE = [pair for pair in DEFAULT_PAIRS if pair.active]
_QUARTER_HOUR_S = 900


def _market(seed: int = 3, pair: int = 0) -> SyntheticMarket:
    return SyntheticMarket(_ACTIVE[pair], SyntheticFlow(), Random(seed))


def test_every_pair_is_always_two_sided_deep_and_never_crossed() -> None:
    for index in range(len(_ACTIVE)):
        market = _market(pair=index)
        while (market.next_event_at() or 0) < 120:
            market.step()
            bid, ask = market.bids.best(), market.asks.best()
            assert bid is not None
            assert ask is not None
            assert bid < ask
            assert min(len(market.bids), len(market.asks)) >= 20


def test_the_same_seed_is_the_same_market_and_another_is_not() -> None:
    def run(seed: int) -> list[object]:
        market = _market(seed)
        return [(market.next_event_at(), tuple(market.step())) for _ in range(2000)]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_market_orders_reach_a_thousandth_from_the_mid_a_few_times_a_minute() -> None:
    market, reached, spreads = _market(), 0, list[float]()
    window_ends, sides, mid = 0.0, set[Side](), 0.0
    while (at := market.next_event_at() or 0.0) < _QUARTER_HOUR_S:
        bid, ask = market.bids.best() or 0, market.asks.best() or 0
        spreads.append((ask - bid) / ask)
        if at >= window_ends:
            window_ends, sides, mid = at + 15, set(), (bid + ask) / 2
        for execution in market.step():
            away = execution.price / mid - 1
            if abs(away) >= 0.001 and execution.taker_side not in sides:
                sides.add(execution.taker_side)
                reached += 1
    per_half_minute = reached / (_QUARTER_HOUR_S / 30)
    assert 0.5 < per_half_minute < 4
    assert 0.0001 < sorted(spreads)[len(spreads) // 2] < 0.002


def test_an_order_that_takes_everything_leaves_a_book_all_the_same() -> None:
    market = _market()
    everything = sum(quantity for _, quantity in market.asks.levels())
    incoming = Incoming(number=1, owner="ann", side=Side.BUY, price=None, quantity=everything)
    assert sum(e.quantity for e in market.place(incoming).executions) == everything
    assert len(market.asks) >= 20
    assert (market.asks.best() or 0) > (market.bids.best() or 0)
