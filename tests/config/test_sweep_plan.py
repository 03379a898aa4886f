"""A sweep's plan: what it may say, and how it is told what it may not."""

from pathlib import Path

import pytest

from config.source.problems import ConfigurationProblems
from config.sweep.plan import SearchKind, read_plan
from config.sweep.space import Dimension

PLAN = """\
config = "live.toml"
data = ["d1", ["d2", "d3"]]
seeds = "1..3"
set = ["simulator.queue=log"]
[search]
kind = "random"
trials = 7
[space]
"strategies.doge.bid_spread" = {values = ["0.1 %", "0.2 %"]}
"strategies.doge.order_levels" = {from = 1, to = 3, step = 1}
[objective]
maximise = "net_after_60s"
limits = {inventory_p95 = 2000, uptime_min = 0.8}
[test]
data = "d4"
"""


def refusals(folder: Path, text: str) -> str:
    file = folder / "plan.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationProblems) as refused:
        read_plan(str(file))
    return str(refused.value)


def test_a_plan_is_read_with_its_paths_placed_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(PLAN)
    plan, _ = read_plan(str(file))
    here = str(tmp_path)
    assert plan.config == f"{here}/live.toml"
    assert plan.data == ((f"{here}/d1",), (f"{here}/d2", f"{here}/d3"))
    assert plan.test is not None
    assert plan.test.data == ((f"{here}/d4",),)
    assert plan.seeds == (1, 2, 3)
    assert plan.set_ == ("simulator.queue=log",)
    assert (plan.search.kind, plan.search.trials) == (SearchKind.RANDOM, 7)
    texts = {key: dimension.texts() for key, dimension in plan.space.items()}
    assert texts == {
        "strategies.doge.bid_spread": ['"0.1 %"', '"0.2 %"'],
        "strategies.doge.order_levels": ["1", "2", "3"],
    }


def test_a_range_of_percentages_stays_one() -> None:
    from decimal import Decimal  # noqa: PLC0415

    span = Dimension(
        from_=(Decimal("0.05"), True), to=(Decimal("0.16"), True), step=(Decimal("0.05"), True)
    )
    assert span.texts() == ['"0.05 %"', '"0.1 %"', '"0.15 %"']


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("seeds =", "seed =", "plan.toml:3:1: seed: is not a known key"),
        ('"1..3"', '"3..1"', 'plan.toml:3:1: seeds: "3..1" is empty'),
        ("trials = 7", "trails = 7", "search.trails: is not a known key"),
        ("step = 1", 'step = "1 %"', "mixes numbers and percentages"),
        ("from = 1", "from = 5", "is an empty range"),
        ('{values = ["0.1 %", "0.2 %"]}', "{}", "is neither listed nor a range"),
        ('"net_after_60s"', '"profit"', 'objective.maximise: "profit" is not known'),
        ('"net_after_60s"', '"money"', "cure: known here: captured, drawdown, fees,"),
        ('["0.1 %", "0.2 %"]', "[]", ".values: names no value"),
        ("uptime_min", "uptim_min", "uptim_min"),
        ('data = "d4"', 'data = "d1"', "is among data too"),
        ('kind = "random"', 'kind = "all"', "search.kind"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    was: str, becomes: str, told: str, tmp_path: Path
) -> None:
    assert told in refusals(tmp_path, PLAN.replace(was, becomes))
