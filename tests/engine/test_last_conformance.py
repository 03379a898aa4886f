"""When a venue was last looked at is kept beside the ledger, and told where it matters."""

from pathlib import Path

import attrs
import pytest
import trio
from structlog.testing import capture_logs

from engine.doctor.findings import Verdict
from engine.storage.last_conformance import (
    LastConformance,
    last_conformance,
    remember_conformance,
    tell_what_is_assumed,
)
from tests.support.doctor_rig import Visit
from tests.support.simulated_venue import serve_exchange

VENUE = "VALR https://api.valr.com"
LAST = LastConformance(at_ns=1_790_133_597 * 10**9, venue=VENUE, level="account")


def test_a_run_is_remembered_for_its_venue_alone(tmp_path: Path) -> None:
    assert last_conformance(tmp_path, VENUE) is None
    remember_conformance(tmp_path, LAST)
    assert last_conformance(tmp_path, VENUE) == LAST
    assert last_conformance(tmp_path, "VALR https://other.example") is None
    assert LAST.day == "2026-09-23"


def test_a_live_run_warns_once_with_the_command_where_there_was_none(tmp_path: Path) -> None:
    with capture_logs() as logs:
        tell_what_is_assumed(tmp_path, VENUE, "live.toml")
        remember_conformance(tmp_path, LAST)
        tell_what_is_assumed(tmp_path, VENUE, "live.toml")
    assert [(entry["event"], entry["cure"]) for entry in logs] == [
        ("venue_never_examined", "engine conformance live.toml")
    ]


@pytest.mark.parametrize(
    ("differing", "verdict", "word"),
    [
        (None, Verdict.OK, "never looked at"),
        ((), Verdict.OK, "level account: as expected"),
        (("public.time",), Verdict.WARNING, "public.time differs"),
    ],
)
async def test_the_doctor_says_when_it_was_and_what_differed(
    differing: tuple[str, ...] | None,
    verdict: Verdict,
    word: str,
    tmp_path: Path,
    nursery: trio.Nursery,
) -> None:
    venue = await serve_exchange(nursery)
    visit = Visit(venue=venue, folder=tmp_path, began_at=trio.current_time())
    settings = visit.settings()
    if differing is not None:
        identity = f"VALR {settings.venue.rest_url}"
        last = attrs.evolve(LAST, venue=identity, differing=differing)
        remember_conformance(tmp_path / settings.engine.name, last)
    finding = (await visit.findings())["conformance"]
    assert finding.verdict is verdict
    assert word in finding.evidence


def test_what_differed_at_the_last_look_is_told_at_each_start(tmp_path: Path) -> None:
    remember_conformance(tmp_path, attrs.evolve(LAST, differing=("public.time",)))
    with capture_logs() as logs:
        tell_what_is_assumed(tmp_path, VENUE, "live.toml")
    [entry] = logs
    assert (entry["event"], entry["differing"]) == ("conformance_difference", ["public.time"])
    assert entry["cure"] == "engine conformance live.toml"
