"""A backtest on the wire and one by the direct path say the same."""

from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from tests.support.two_paths import Case, Order, a_made_market, directly, on_the_wire

_LENGTH_S = 40
_END_MS = (_LENGTH_S - 1) * 1000
_SEEDS = (1, 2, 3)
_CASES = (
    Case(),
    Case(entry_ms=10, answer_ms=10),
    Case(entry_ms=300, answer_ms=100),
    Case(queue="power:2"),
    Case(queue="log"),
    Case(through="whole"),
    Case(queue="power:3", through="whole"),
    Case(queue="power:2", entry_ms=20, answer_ms=200),
    Case(queue="log", entry_ms=5, answer_ms=7),
    Case(entry_ms=80),
)
"""One for each of ten markets."""


@pytest.mark.parametrize("number", range(len(_CASES)))
def test_both_paths_have_the_same_orders_and_fills(number: int, tmp_path: Path) -> None:
    case = _CASES[number]
    lines = a_made_market(number + 1, _LENGTH_S)
    direct = directly(lines, case)
    assert len(direct.orders) > 10
    for seed in _SEEDS:
        wire = on_the_wire(lines, attrs.evolve(case, seed=seed), tmp_path)
        _same(wire.orders, direct.orders, within_ms=case.entry_ms)
        _same(wire.fills, direct.fills, within_ms=0)


def _same(wire: Sequence[Order], direct: Sequence[Order], *, within_ms: int) -> None:
    """Compare up to the market's end, when the engine on the wire is still to be stopped."""
    both = min(len(wire), len(direct))
    assert all(order[0] >= _END_MS for order in (*wire[both:], *direct[both:]))
    for one, other in zip(wire[:both], direct[:both], strict=True):
        assert one[1:] == other[1:]
        assert abs(one[0] - other[0]) <= within_ms
