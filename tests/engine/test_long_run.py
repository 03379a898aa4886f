"""A short run; `make long-run` is the long one, with its results in docs/benchmarks.md."""

import json
import subprocess
import sys
from pathlib import Path

import attrs

from tests.engine.long_run import BOUNDS, Census, troubles


def test_minutes_of_trading_grow_nothing_but_what_has_a_bound(tmp_path: Path) -> None:
    # In a process of its own: what other tests have left in this one is none of its business.
    out = tmp_path / "census"
    ended = subprocess.run(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "tests.engine.long_run"),
            *("--days", "0.0139", "--every", "0.0834", "--out", str(out)),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    last = json.loads(out.read_text().splitlines()[-1])
    assert last["orders"] > 100
    # What is counted is really there: these are known to grow at first.
    assert last["containers"]["OrderTracker._orders"] == last["orders"]
    assert last["containers"]["PerformanceFold._statuses"] == last["orders"]


_BOUND = BOUNDS["OrderTracker._orders"]

CENSUS = Census(
    at_s=600,
    wall_s=1,
    rss_kb=100_000,
    objects=1_000,
    tasks=70,
    orders=10,
    fills=1,
    mailboxes={"ledger": 3},
    containers={"OrderTracker._orders": 15_000, "A._cache": 100},
    types={},
)


def test_growth_beyond_a_bound_or_without_one_is_named() -> None:
    grown = attrs.evolve(
        CENSUS,
        tasks=90,
        mailboxes={"ledger": 900},
        containers={"OrderTracker._orders": 25_000, "A._cache": 300},
    )
    assert troubles([CENSUS, CENSUS, CENSUS]) == []
    bounded = attrs.evolve(CENSUS, containers={"OrderTracker._orders": 20_000})
    assert troubles([CENSUS, bounded]) == []
    assert troubles([CENSUS, grown]) == [
        f"OrderTracker._orders grew from 15000 to 25000, beyond its bound of {_BOUND}",
        "A._cache grew from 100 to 300, beyond its bound of 0",
        "tasks grew from 70 to 90",
        "900 messages waited in 'ledger'",
    ]
