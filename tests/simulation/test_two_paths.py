"""A backtest on the wire and one by the direct path say the same."""

from pathlib import Path

import attrs
import pytest

from tests.support.two_paths import Case, a_made_market, directly, on_the_wire

_LENGTH_S = 40
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
        assert [order[1:] for order in wire.orders] == [order[1:] for order in direct.orders]
        for one, other in zip(wire.orders, direct.orders, strict=True):
            assert abs(one[0] - other[0]) <= case.entry_ms
        assert wire.fills == direct.fills
