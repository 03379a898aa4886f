"""A session that a whole engine has traded and recorded in virtual time, as files."""

import atexit
import contextlib
import shutil
import sqlite3
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from config.load.loading import load
from engine.environment.state_folder import ledger_path
from engine.environment.venue_connection import simulated_rules
from engine.simulation.recordings import MemoryRecordings
from engine.simulation.simulation import simulated_site
from engine.simulation.site import Conditions
from engine.simulation.swarm import Plan
from engine.simulation.trace import Trace

PAPER = str(Path(__file__).parents[2] / "config" / "paper.toml")
SETTINGS = (
    "strategies.doge.order_refresh_time=5",
    'strategies.doge.bid_spread="0.03 %"',
    'strategies.doge.ask_spread="0.03 %"',
)
LATENCY_S = 0.01
"""Of every byte, each way."""


@cache
def traded_session(length_s: int = 60) -> Path:
    """The recording's folder; the ledger is where an engine has it. Made once for all tests."""
    overrides = ("recording.enabled=true", *SETTINGS)
    settings = load(PAPER, overrides, {}, simulated_pairs=simulated_rules, simulated=True)
    recordings = MemoryRecordings()
    plan = Plan(length_s=float(length_s), conditions=Conditions(latency_s=LATENCY_S))
    site, _ = simulated_site(settings, 1, plan, Trace(), recordings)
    assert site.violation is None, site.violation
    state = Path(mkdtemp(prefix="session-"))
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    session = recordings.all_copied_to(state / "recordings")[-1]
    database = site.ledgers.database(ledger_path(settings.engine))
    with contextlib.closing(sqlite3.connect(state / "ledger.sqlite")) as file:
        database.copy_to(file)
    return session
