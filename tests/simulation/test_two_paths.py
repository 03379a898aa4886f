"""A backtest on the wire and one by the direct path say the same."""

from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from tests.support.two_paths import T0_NS, Case, Order, a_made_market, directly, on_the_wire
from trading.backtest.latency import (
    DEFAULT_LATENCY,
    ConstantLatency,
    FeedLatency,
    Measured,
    MeasuredLatency,
)

_LENGTH_S = 40
_END_MS = (_LENGTH_S - 1) * 1000
_SEEDS = (1, 2, 3)
_MS = 1_000_000


def _constant(entry_ms: int, answer_ms: int = 50) -> ConstantLatency:
    return ConstantLatency(entry_ms * _MS, answer_ms * _MS)


def _measured(*ways_ms: tuple[int, int]) -> MeasuredLatency:
    """Orders that took so long there and back, evenly over the market's time."""
    apart_ns = _LENGTH_S * 1000 * _MS // len(ways_ms)
    return MeasuredLatency(
        "4711",
        tuple(
            Measured(T0_NS + number * apart_ns, entry * _MS, answer * _MS)
            for number, (entry, answer) in enumerate(ways_ms)
        ),
    )


_CASES = (
    (Case(), 50),
    (Case(latency=_constant(10, 10)), 10),
    (Case(latency=_constant(300, 100)), 300),
    (Case(queue="power:2"), 50),
    (Case(queue="log"), 50),
    (Case(through="whole"), 50),
    (Case(queue="power:3", through="whole"), 50),
    (Case(queue="power:2", latency=_constant(20, 200)), 20),
    (Case(queue="log", latency=_constant(5, 7)), 5),
    (Case(latency=_constant(80)), 80),
    (Case(latency=_measured((10, 400), (250, 20), (60, 60), (5, 900), (120, 3))), 250),
    (Case(queue="log", latency=_measured((300, 5), (5, 300), (300, 5), (5, 300))), 300),
    (Case(latency=FeedLatency(1.0)), 40),
    (Case(queue="power:2", latency=FeedLatency(7.5)), 300),
)
"""One for each market, with the most milliseconds that an order takes."""


@pytest.mark.parametrize("number", range(len(_CASES)))
def test_both_paths_have_the_same_orders_and_fills(number: int, tmp_path: Path) -> None:
    case, most_ms = _CASES[number]
    lines = a_made_market(number + 1, _LENGTH_S)
    direct = directly(lines, case)
    assert len(direct.orders) > 10
    for seed in _SEEDS:
        wire = on_the_wire(lines, attrs.evolve(case, seed=seed), tmp_path)
        _same(wire.orders, direct.orders, within_ms=most_ms)
        _same(wire.fills, direct.fills, within_ms=0)


def test_a_latency_that_changes_is_another_than_the_usual_one(tmp_path: Path) -> None:
    lines = a_made_market(11, _LENGTH_S)
    usual, changing = (on_the_wire(lines, Case(latency=each), tmp_path) for each in _UNLIKE)
    assert usual.orders != changing.orders


_UNLIKE = (DEFAULT_LATENCY, _measured((10, 400), (250, 20), (60, 60)))


def _same(wire: Sequence[Order], direct: Sequence[Order], *, within_ms: int) -> None:
    """Compare up to the market's end, when the engine on the wire is still to be stopped."""
    both = min(len(wire), len(direct))
    assert all(order[0] >= _END_MS for order in (*wire[both:], *direct[both:]))
    for one, other in zip(wire[:both], direct[:both], strict=True):
        assert one[1:] == other[1:]
        assert abs(one[0] - other[0]) <= within_ms
