"""When a venue was last looked at is kept beside the ledger, and told where it matters."""

import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
import trio
from structlog.testing import capture_logs

from engine.doctor.findings import Verdict
from engine.storage.last_conformance import (
    LastConformance,
    Looked,
    last_conformance,
    remember_conformance,
    tell_what_is_assumed,
)
from tests.support.doctor_rig import Visit
from tests.support.simulated_venue import serve_exchange

VENUE = "VALR https://api.valr.com"
DAY_NS = 86_400 * 10**9
AT_NS = 1_790_133_597 * 10**9
KNOWN = {"public.time", "public.pairs", "public.status"}


def seen(
    day: int = 0, *, expected: Sequence[str] = (), differing: Sequence[str] = ()
) -> LastConformance:
    """A run, so many days later."""
    at_ns = AT_NS + day * DAY_NS
    verdicts = dict.fromkeys(expected, False) | dict.fromkeys(differing, True)
    checks = {
        name: Looked(differs=differs, at_ns=at_ns, since_ns=at_ns)
        for name, differs in verdicts.items()
    }
    return LastConformance(at_ns=at_ns, venue=VENUE, level="account", checks=checks, known=3)


LAST = seen(expected=["public.pairs"])


def test_a_run_is_remembered_for_its_venue_alone(tmp_path: Path) -> None:
    assert last_conformance(tmp_path, VENUE) is None
    remember_conformance(tmp_path, LAST, KNOWN)
    assert last_conformance(tmp_path, VENUE) == LAST
    other = "VALR https://other.example"
    assert last_conformance(tmp_path, other) is None
    remember_conformance(tmp_path, attrs.evolve(LAST, venue=other), KNOWN)
    assert last_conformance(tmp_path, VENUE) == LAST
    assert LAST.day == "2026-09-23"


def test_a_difference_stands_until_its_check_was_seen_as_expected(tmp_path: Path) -> None:
    for run in (
        seen(differing=["public.time"]),
        seen(1, expected=["public.pairs"]),
        seen(2, differing=["public.time"]),
        seen(3, expected=["public.pairs"]),
    ):
        remember_conformance(tmp_path, run, KNOWN)
    last = last_conformance(tmp_path, VENUE)
    assert last is not None
    assert (last.day, last.differing) == ("2026-09-26", ["public.time"])
    assert last.checks["public.time"].since == "2026-09-23"
    assert last.checks["public.time"].at_ns == AT_NS + 2 * DAY_NS
    remember_conformance(tmp_path, seen(4, expected=["public.time"]), KNOWN)
    last = last_conformance(tmp_path, VENUE)
    assert last is not None
    assert last.differing == []
    assert last.checks["public.time"].since == "2026-09-27"


def test_what_a_check_has_seen_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    remember_conformance(tmp_path, seen(differing=["public.time"]), KNOWN)
    remember_conformance(tmp_path, seen(1, expected=["public.pairs"]), {"public.pairs"})
    last = last_conformance(tmp_path, VENUE)
    assert last is not None
    assert list(last.checks) == ["public.pairs"]


def test_a_file_of_an_earlier_version_is_read_and_its_difference_stands(tmp_path: Path) -> None:
    written = {"at_ns": AT_NS, "venue": VENUE, "level": "public", "differing": ["public.time"]}
    (tmp_path / "conformance.json").write_text(json.dumps(written))
    remember_conformance(tmp_path, seen(1, expected=["public.pairs"]), KNOWN)
    last = last_conformance(tmp_path, VENUE)
    assert last is not None
    assert last.differing == ["public.time"]
    assert last.checks["public.time"].since == "2026-09-23"


@pytest.mark.parametrize("text", ["", "[]", "7", '{"venues": [3]}', '{"venues": {}}', "{}"])
def test_a_damaged_file_is_as_none_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "conformance.json").write_text(text)
    assert last_conformance(tmp_path, VENUE) is None
    remember_conformance(tmp_path, LAST, KNOWN)
    assert last_conformance(tmp_path, VENUE) == LAST


def test_a_live_run_warns_once_with_the_command_where_there_was_none(tmp_path: Path) -> None:
    with capture_logs() as logs:
        tell_what_is_assumed(tmp_path, VENUE, "live.toml")
        remember_conformance(tmp_path, LAST, KNOWN)
        tell_what_is_assumed(tmp_path, VENUE, "live.toml")
    assert [(entry["event"], entry["cure"]) for entry in logs] == [
        ("venue_never_examined", "engine conformance live.toml")
    ]


@pytest.mark.parametrize(
    ("differing", "verdict", "word"),
    [
        (None, Verdict.OK, "never looked at"),
        (
            (),
            Verdict.OK,
            "1 of 3 checks looked at, last on 2026-09-23 (level account): as expected",
        ),
        (
            ("public.time",),
            Verdict.WARNING,
            "last on 2026-09-23 (level account); public.time differs since 2026-09-23",
        ),
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
        last = attrs.evolve(seen(expected=["public.pairs"], differing=differing), venue=identity)
        remember_conformance(tmp_path / settings.engine.name, last, KNOWN)
    finding = (await visit.findings())["conformance"]
    assert finding.verdict is verdict
    assert word in finding.evidence


def test_what_differed_at_the_last_look_is_told_at_each_start(tmp_path: Path) -> None:
    remember_conformance(tmp_path, seen(differing=["public.time"]), KNOWN)
    remember_conformance(tmp_path, seen(1, expected=["public.pairs"]), KNOWN)
    with capture_logs() as logs:
        tell_what_is_assumed(tmp_path, VENUE, "live.toml")
    [entry] = logs
    assert (entry["event"], entry["differing"]) == ("conformance_difference", ["public.time"])
    assert entry["cure"] == "engine conformance live.toml"
