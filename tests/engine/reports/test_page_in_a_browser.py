"""
A report in headless Chromium, opened from disk: nothing is said, nothing fetched, all is seen.

Needs Chromium and node, and what ``npm ci --prefix tests/web`` installs.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.reports.page import report_page
from tests.support.busy_result import HOSTILE, a_busy_result
from tests.support.once import once_for_all_workers

PACKAGES = Path(__file__).parents[2] / "web"
SCRIPT = PACKAGES / "report_page.mjs"
_PATIENCE_S = 120
VIEWS = ("light", "dark", "phone")


def lacking() -> str:
    """Why a browser cannot be asked here; empty if it can."""
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        return "there is no Chromium here"
    if not shutil.which("node"):
        return "there is no node here"
    missing = [
        name
        for name in ("playwright-core", "axe-core")
        if not (PACKAGES / "node_modules" / name).is_dir()
    ]
    return f"no {' and no '.join(missing)}: npm ci --prefix tests/web" if missing else ""


Told = dict[tuple[str, str], list[Any]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All that the browser told of the page, by view and kind."""
    if reason := lacking():
        pytest.skip(reason)
    said = once_for_all_workers(
        tmp_path_factory, "page-in-a-browser", lambda: look(tmp_path_factory)
    )
    found: Told = {}
    for line in said.splitlines():
        one = json.loads(line)
        found.setdefault((one["view"], one["what"]), []).append(one["more"])
    return found


def look(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the browser says of a page."""
    page = tmp_path_factory.mktemp("report") / "report.html"
    page.write_text(report_page(a_busy_result(hours=2)), "utf-8")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    node = shutil.which("node")
    assert chromium is not None
    assert node is not None
    done = subprocess.run(  # noqa: S603  # our own script
        [node, str(SCRIPT), chromium, str(page), str(PACKAGES)],
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_said_on_the_console_and_nothing_is_fetched(told: Told, view: str) -> None:
    assert not [
        told[view, what] for what in ("console", "error", "request") if (view, what) in told
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_every_chart_is_drawn_or_says_why_not(told: Told, view: str) -> None:
    [seen] = told[view, "seen"]
    charts = seen["charts"]
    assert len(charts) == 12
    undrawn = [chart["empty"] for chart in charts if not chart["drawn"]]
    assert undrawn == ["not stated: gates are not recorded; a recording of the session has them"]


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_scrolls_sideways(told: Told, view: str) -> None:
    assert told[view, "seen"][0]["sideways"] == 0


@pytest.mark.parametrize("view", VIEWS)
def test_a_name_that_is_markup_is_shown_as_it_is(told: Told, view: str) -> None:
    [seen] = told[view, "seen"]
    assert seen["headings"][1] == f"{HOSTILE} on DOGEUSDT"
    assert seen["images"] == 0


def test_dark_is_dark_and_the_switch_turns_it(told: Told) -> None:
    light, dark = told["light", "seen"][0]["background"], told["dark", "seen"][0]["background"]
    assert (told["light", "switched"], told["dark", "switched"]) == ([dark], [light])
    assert light != dark


@pytest.mark.parametrize("view", VIEWS)
def test_the_legend_tells_what_is_under_the_pointer_in_utc(told: Told, view: str) -> None:
    [legend] = told[view, "hover"]
    assert legend.startswith("2026-09-23 0")
    assert "mid 0." in legend


@pytest.mark.parametrize("view", VIEWS)
def test_a_drag_looks_closer_in_all_charts_and_a_double_click_shows_all_again(
    told: Told, view: str
) -> None:
    """The two hours from midnight: a third of the way across is some 36 minutes later."""
    [closer] = told[view, "closer"]
    assert all(legend.startswith("2026-09-23 00:3") for legend in closer)
    [whole] = told[view, "whole again"]
    assert whole.startswith("2026-09-23 00:0")


@pytest.mark.parametrize("view", VIEWS)
def test_a_charts_values_are_there_as_a_table(told: Told, view: str) -> None:
    assert told[view, "table"] == [50]


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(told: Told, view: str) -> None:
    assert told.get((view, "axe"), []) == []
    assert told[view, "axe passes"][0] > 20
