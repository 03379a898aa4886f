"""Every check can fail: a venue that differs in one thing is found out, by that check alone."""

from pathlib import Path

import pytest

from engine.conformance.bundle import write_bundle
from engine.conformance.checks.every import PROBES
from engine.conformance.running import Choice
from tests.support.conformance_mutations import MUTATIONS, Mutation, together
from tests.support.conformance_rig import Rig
from trading.venues.valr.conformance.check import Level, Verdict
from trading.venues.valr.conformance.knobs import knobs_of

EVERYTHING = Choice(level=Level.ORDERS, slow=True, fill=True)
GROUPS = together()


def test_no_check_is_without_a_difference_that_it_tells() -> None:
    told = frozenset[str]().union(*(mutation.told_by for mutation in MUTATIONS))
    assert told == {probe.check.id for probe in PROBES}


@pytest.mark.parametrize("group", GROUPS, ids=range(len(GROUPS)))
async def test_each_difference_is_told_by_its_checks_and_an_exchange_can_be_set_to_it(
    group: tuple[Mutation, ...], tmp_path: Path, autojump_clock: object
) -> None:
    rig = Rig(overrides=[one for mutation in group for one in mutation.settings], choice=EVERYTHING)
    seen = await rig.run()
    differing = {r.check.id for r in seen.report.results if r.verdict is Verdict.DIFFERS}
    assert differing == frozenset[str]().union(*(mutation.told_by for mutation in group))
    assert not seen.report.count(Verdict.BROKEN)
    assert seen.report.left == ""

    bundle = tmp_path / "seen.zip"
    write_bundle(bundle, seen.report, seen.evidence, seen.market, rig.settings())
    again = await Rig(overrides=[f"simulator.as={bundle}"], choice=EVERYTHING).run()
    assert knobs_of(again.report.answers) == knobs_of(seen.report.answers)
