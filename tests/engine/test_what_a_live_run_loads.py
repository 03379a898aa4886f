"""What a live run has in memory: not what it has no use for (docs/benchmarks.md, "Memory")."""

import json
import os
import subprocess
import sys

from tests.config.loaded import LIVE
from tests.engine.engine_process import site
from tests.engine.exchange_process import ROOT, exchange_process

PROGRAM = """\
import sys
from engine.cli.app import main
code = main()
print(*sorted(sys.modules))
sys.exit(code)
"""

USELESS = (
    *("trading.simulator", "trading.venues.valr.simulator", "actors.simulated_exchange"),
    *("trading.venues.binance", "trading.testing", "engine.simulation"),
    *("config.hummingbot", "config.strategies.avellaneda", "trading.strategies.avellaneda"),
    *("engine.web", "hypercorn", "starlette"),
    *("engine.doctor.venue", "engine.doctor.context", "engine.recording"),
    *("engine.views.metrics", "actors.watch.metrics_server", "prometheus_client", "wsgiref"),
    *("httpx", "click", "zstandard", "yaml", "rich.progress", "rich.live", "rich.markdown"),
)
"""Modules, with all below them."""


def test_a_live_run_loads_nothing_that_it_has_no_use_for() -> None:
    with site() as place, exchange_process("--port", "0") as exchange:
        hello = exchange.hello
        place.folder.joinpath("live.toml").write_text(
            LIVE.replace("https://api.valr.com", hello["rest"])
            .replace("wss://api.valr.com", hello["websocket"])
            .replace("order_refresh_time = 15", "order_refresh_time = 1")
        )
        place.config = str(place.folder / "live.toml")
        account = hello["accounts"][0]
        run = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", PROGRAM, *place.line("run", "--duration", "3", "--json")],
            cwd=ROOT,
            env={
                **os.environ,
                **place.environment,
                "VALR_API_KEY": account["api_key"],
                "VALR_API_SECRET": account["api_secret"],
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    summary, modules = run.stdout.splitlines()
    assert json.loads(summary)["orders_placed"] > 0
    loaded = modules.split()
    assert "engine.system.build" in loaded
    found = [name for name in loaded if name.startswith(tuple(f"{each}." for each in USELESS))]
    assert [name for name in loaded if name in USELESS] + found == []
