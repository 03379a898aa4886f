"""What the user's configuration shuts is no failure of the engine's."""

from pathlib import Path

import attrs
import pytest

from engine.simulation.batch import Task
from engine.simulation.checks.own_gates import Known
from engine.simulation.text import outcome_text
from tests.simulation.markets import LIVELIER
from tests.simulation.test_seeds import QUIET, a_task
from tests.simulation.test_seeds import a_task as quiet_task
from trading.core.market import Side

BUY, SELL = Side.BUY, Side.SELL
THREE, CALM, PAIR = (
    Path(__file__).parent / name
    for name in ("three_strategies.toml", "calm.toml", "two_on_one_pair.toml")
)


@pytest.mark.parametrize(("config", "seed"), [(THREE, 22), (THREE, 26), (PAIR, 3)])
def test_strategies_of_many_features_and_two_on_one_pair_live_through_trouble(
    config: Path, seed: int
) -> None:
    task = Task(
        config=str(config),
        overrides=(),
        own_configuration=True,
        faults="swarm",
        length_s=240.0 if config is PAIR else 450.0,
    )
    outcome = task.run(seed)
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")
    assert outcome.orders > 100
    assert outcome.faults


@pytest.mark.parametrize(
    "settings",
    [
        ("strategies.doge.price_ceiling=0.01",),
        ("strategies.doge.price_floor=1",),
        ('strategies.doge.trading_hours="00:00-00:01"',),
        ("strategies.doge.limits.max_base_holding=20030",),
        ("strategies.doge.limits.min_quote_holding=99999",),
        ("strategies.doge.inventory_skew_enabled=true", "simulator.balances.DOGE=900000"),
    ],
)
def test_a_side_that_is_not_to_be_quoted_is_not_missed(settings: tuple[str, ...]) -> None:
    task = attrs.evolve(a_task(*LIVELIER, *settings), faults=str(CALM), length_s=120.0)
    outcome = task.run(1)
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")


def test_a_book_that_has_moved_away_from_its_last_trade_is_not_to_be_quoted() -> None:
    # In this seed one side of the book is emptied; until there is a trade the collar refuses all.
    outcome = quiet_task(*QUIET).run(110)
    assert outcome.violation is None, outcome_text(outcome, "engine simulate")


def filled(*fills: tuple[float, Side]) -> Known:
    known = Known()
    for at, side in fills:
        known.fill(side, at)
    return known


def test_ping_pong_forgets_what_was_answered() -> None:
    known = filled((1.0, BUY), (2.0, BUY), (3.0, SELL), (4.0, SELL))
    assert set(map(tuple, (counts.values() for counts in known.filled))) == {(0, 0)}


def test_fills_of_one_moment_may_be_seen_one_by_one_or_all_at_once() -> None:
    known = filled((1.0, SELL), (2.0, BUY), (2.0, BUY))
    seen = {(counts[BUY], counts[SELL]) for counts in known.filled}
    assert seen == {(1, 0), (2, 1)}


def test_fills_of_different_moments_are_seen_one_by_one() -> None:
    known = filled((1.0, SELL), (2.0, BUY), (3.0, BUY))
    assert {(counts[BUY], counts[SELL]) for counts in known.filled} == {(1, 0)}
