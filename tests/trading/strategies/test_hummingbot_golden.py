"""
Compat mode against recorded scenarios of the original, tick by tick.

``pytest tests/trading/strategies/test_hummingbot_golden.py --golden FILE...`` replays other files.
"""

import pytest

from tests.trading.strategies.golden import DEFAULT_FILES, Scenario, replay, scenarios


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scenario" not in metafunc.fixturenames:
        return
    given = metafunc.config.getoption("--golden")
    files = given or [path for path in DEFAULT_FILES if path.exists()]
    cases = [scenario for path in files for scenario in scenarios(path)]
    if not cases:
        absent = pytest.mark.skip(reason=f"no recorded scenarios at {DEFAULT_FILES[0].parent}")
        metafunc.parametrize("scenario", [pytest.param(None, id="absent", marks=absent)])
        return
    metafunc.parametrize("scenario", cases, ids=[case.name for case in cases])


def test_every_tick_is_the_originals(scenario: Scenario) -> None:
    ticks = 0
    for second, recorded, ours in replay(scenario):
        assert ours == recorded, f"{scenario.name}, second {second}"
        ticks += 1
    assert ticks == len(scenario.recorded["ticks"]) > 0
