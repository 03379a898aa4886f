"""
The page in Debian's Chromium: a paper run with fills, faults, a kill, a resume and two reloads.

It needs node, Chromium and what ``npm ci --prefix tests/web`` installs; ``QW_SHOTS`` names a folder
for what it saw, ``QW_PICTURES`` one for the pictures of docs/tour.md (``make pictures``).
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.engine_process import Site, site
from tests.engine.in_process import ROOT
from tests.web.page_process import page_process

HERE = Path(__file__).parent
MARKUP = "<img src=x onerror=alert(1)>"
REPORT = """<!doctype html><title>A report</title>
<p id="drawn"></p><p id="reached">nothing</p>
<script>
const say = (id, text) => { document.querySelector(id).textContent = text; };
say("#drawn", "drawn by a script");
fetch("/state").then(() => say("#reached", "the page"), () => {});
</script>"""
OTHER = """
[strategies.0btc0]
kind = "pure_market_making"
pair = "BTC-USDT"
order_amount = 0.001
bid_spread = "0.1 %"
ask_spread = "0.1 %"
order_refresh_time = 15

[strategies.0btc0.limits]
max_order_notional = 5000
min_base_holding = 0
max_base_holding = 10
min_quote_holding = 1000
max_daily_loss = 5000
max_drawdown = 5000
max_fills_in_row = 20
fills_window_s = 60
price_collar = "5 %"
"""

WIDE = """
[strategies.wide]
kind = "pure_market_making"
pair = "DOGE-USDT"
order_amount = 60
bid_spread = "0.4 %"
ask_spread = "0.4 %"
order_refresh_time = 20

[strategies.wide.limits]
max_order_notional = 5000
min_base_holding = 1000
max_base_holding = 39000
min_quote_holding = 1000
max_daily_loss = 5000
max_drawdown = 5000
max_fills_in_row = 20
fills_window_s = 60
price_collar = "5 %"
"""


def _missing() -> str:
    """Why the story cannot be told here; empty where it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if shutil.which("chromium") is None:
        return "chromium is not installed (apt-get install chromium)"
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        return "playwright-core is not installed (npm ci --prefix tests/web)"
    return ""


@pytest.mark.skipif(bool(_missing()), reason=_missing())
def test_the_page_tells_the_story_of_a_paper_run(tmp_path: Path) -> None:
    shots = Path(os.environ.get("QW_SHOTS", tmp_path))
    with site() as place, _relayed(place) as odd, place.running() as engine:
        engine.wait_for("order_open")
        (tmp_path / "run.html").write_text(REPORT)
        line = place.line("report", "--out", str(tmp_path / "session.html"))
        with page_process(place, "--reports", str(tmp_path)) as page, page_process(odd) as odd_page:
            story = subprocess.run(  # noqa: S603  # our own script
                [str(shutil.which("node")), str(HERE / "page.mjs")],
                env={
                    **os.environ,
                    **place.environment,
                    "CHROMIUM": str(shutil.which("chromium")),
                    "ADDRESS_FILE": str(place.folder / f"state/paper/web-{page.port}"),
                    "ODD_ADDRESS_FILE": str(odd.folder / f"state/paper/web-{odd_page.port}"),
                    "CONFIG": place.config,
                    "LOG": str(place.log),
                    "SHOTS": str(shots),
                    "WIDE": WIDE,
                    "REPORT": json.dumps([sys.executable, "-m", "engine", *line]),
                    "PAGE_PID": str(page.process.pid),
                    "ENGINE_PID": str(engine.process.pid),
                },
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
    sys.stdout.write(story.stdout + story.stderr)
    assert story.returncode == 0


@contextmanager
def _relayed(place: Site) -> Iterator[Site]:
    """
    Write the configuration, with a fill every few seconds and a lapse now and then.

    Yields:
        Another place, where the same engine seems to have a strategy with markup for a name.
    """
    text = (ROOT / "config" / "paper.toml").read_text()
    for old, new in (
        ('bid_spread = "0.1 %"', 'bid_spread = "0.05 %"'),
        ('ask_spread = "0.1 %"', 'ask_spread = "0.05 %"'),
        ("filled_order_delay = 5", "filled_order_delay = 1"),
        ("order_refresh_time = 15", "order_refresh_time = 4"),
        ("USDT = 100000", "USDT = 100000\nBTC = 1\n\n[simulator.faults]\nwrong_checksum = '0.3 %'"),
        ('state_directory = "../state"', f'state_directory = "{place.folder}/state"'),
        ('file = "../logs/paper.jsonl"', f'file = "{place.log}"'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    config = place.folder / "paper.toml"
    config.write_text(text + OTHER)
    place.config = str(config)
    with site(str(config)) as odd:
        doors = [str(one.folder / "state/paper/door") for one in (place, odd)]
        with subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-m", "tests.web.relay", *doors, "doge", MARKUP], cwd=ROOT
        ) as relay:
            try:
                yield odd
            finally:
                relay.kill()
