"""Queue models by their names, and their formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.simulator.matching.places import queue_model


@pytest.mark.parametrize("name", ["risk_averse", "power:2", "power:0.5", "log", "l3"])
def test_a_model_is_called_what_it_is_read_from(name: str) -> None:
    assert queue_model(name).name == name


@pytest.mark.parametrize("name", ["", "power", "power:0", "power:x", "power:nan", "log:2", "prob"])
def test_no_other_name_is_a_model(name: str) -> None:
    with pytest.raises(ValueError, match=r"no queue model|above zero"):
        queue_model(name)


def test_the_power_model_is_hftbacktest_s() -> None:
    """PowerProbQueueFunc with n = 3, front 20, level from 100 to 70: computed by its formula."""
    place = queue_model("power:3").joined(20, {})
    place.level_changed(100, 70)
    share_behind = 80**3 / (80**3 + 20**3)
    assert place.ahead == -int(-(20 - (1 - share_behind) * 30) // 1)


@given(
    model=st.sampled_from(["risk_averse", "power:1", "power:3", "log"]),
    level=st.integers(0, 1000),
    changes=st.lists(st.tuples(st.booleans(), st.integers(0, 1500)), max_size=20),
)
def test_no_more_is_ahead_than_rests_and_never_less_than_nothing(
    model: str, level: int, changes: list[tuple[bool, int]]
) -> None:
    place = queue_model(model).joined(level, {})
    at = level
    for trade, lots in changes:
        before = place.ahead
        if trade:
            place.traded(min(lots, before), lots)
        else:
            place.level_changed(at, lots)
            at = lots
            assert place.ahead <= at
        assert 0 <= place.ahead <= before
