"""
What a large ledger costs, beside another commit and beside an empty ledger, in one run.

    python benchmarks/ledger_size.py [ORDERS] [COMMIT] [ROUNDS]

A ledger with ORDERS orders (a million), four events each and a fill of every fifth, is built once.
COMMIT is checked out into a temporary git worktree (e884cc9 where none is named). This interpreter
runs both: `engine history` (its greatest resident memory over the large and over an empty ledger)
and a start, which is opening the ledger to write and reading all that a run begins with (seconds of
processor time). Compare the ratios.
"""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs

from benchmarks.worktree import HERE, worktree
from engine.storage.ledger_database import open_to_write
from trading.core.identifiers import base36
from trading.journal.schema import MIGRATIONS
from trading.journal.tables import (
    BALANCES,
    FILLS,
    ORDER_EVENTS,
    ORDER_STATES,
    ORDERS,
    PAIRS,
    SESSION_ENDS,
    SESSIONS,
    Statement,
)

VENUE = "VALR https://api.example"
EVENTS = ("pending", "open", "cancel pending")
SESSIONS_AT_MOST = 20
FILLED_EVERY = 5
BEGAN_MS = 1_790_000_000_000
SESSION_MS = 86_400_000

START = """
import sys, time
from pathlib import Path
try:
    from engine.storage.ledger_database import open_to_write
except ImportError:
    from engine.ledger_database import open_to_write
from trading.journal import reading
from trading.journal.moment import Moment

database = open_to_write(Path(sys.argv[1]))
number = database.read(reading.last_session) + 1
database.read(reading.currencies)
now = Moment(time.monotonic(), time.time_ns())
database.read(lambda query: (
    reading.remembered(query, sys.argv[2], now),
    reading.events_written(query),
    reading.session_entries(query, number, now),
))
database.close()
"""


@attrs.frozen
class Cost:
    """
    What a child process used.

    Args:
        cpu_s: Seconds of processor time, its own and the kernel's for it.
        rss_mib: Greatest resident memory.
    """

    cpu_s: float
    rss_mib: float


def main(orders: str = "1000000", commit: str = "e884cc9", rounds: str = "3") -> None:
    with tempfile.TemporaryDirectory() as folder, worktree(commit) as other:
        compare(Path(folder), other, int(orders), int(rounds))


def compare(folder: Path, other: Path, orders: int, rounds: int) -> None:
    trees = {"now": HERE, other.name: other}
    for tree, root in trees.items():
        for kind, count in (("empty", 0), ("large", orders)):
            build(ledger(folder, tree, kind), count)
            open_it = start(root, ledger(folder, tree, kind))  # brings it up to date
            print(f"{tree}: {kind}, the very first start: {open_it.cpu_s:.2f} s", flush=True)
    size = ledger(folder, "now", "large").stat().st_size
    print(f"{orders} orders: {size / 2**20:.0f} MiB")
    measured: dict[tuple[str, str], list[tuple[Cost, Cost]]] = {}
    for _ in range(rounds):
        for tree, root in trees.items():
            for kind in ("empty", "large"):
                costs = (
                    start(root, ledger(folder, tree, kind)),
                    history(root, folder / tree / kind),
                )
                measured.setdefault((tree, kind), []).append(costs)
    for tree in trees:
        small, big = (
            statistics.median(cost.rss_mib for _, cost in measured[tree, kind])
            for kind in ("empty", "large")
        )
        quick, slow = (
            statistics.median(cost.cpu_s for cost, _ in measured[tree, kind])
            for kind in ("empty", "large")
        )
        print(
            f"{tree}: engine history {small:.0f} MiB empty, {big:.0f} MiB large, ratio"
            f" {big / small:.2f}; a start {quick:.2f} s empty, {slow:.2f} s large"
        )


def ledger(folder: Path, tree: str, kind: str) -> Path:
    return folder / tree / kind / "paper" / "ledger.sqlite"


def start(root: Path, path: Path) -> Cost:
    return cost(root, "-c", START, str(path), VENUE)


def history(root: Path, state: Path) -> Cost:
    where = f"engine.state_directory={state}"
    return cost(root, "-m", "engine", "history", "config/paper.toml", "--set", where, "--csv")


def cost(root: Path, *arguments: str) -> Cost:
    """Run this interpreter from the root of a checkout."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{arguments}: exit code {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def build(path: Path, orders: int) -> None:
    """A ledger of the first version of the schema, as it is after sessions that ended in order."""
    path.parent.mkdir(parents=True, mode=0o700)
    open_to_write(path, MIGRATIONS[:1]).close()
    per_session = -(-orders // SESSIONS_AT_MOST) or 1
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute(*pair(PAIRS.insert("DOGEUSDT", "DOGE", "USDT")))
        for first in range(0, orders, per_session) if orders else (0,):
            _write_session(connection, first, min(per_session, orders - first))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def pair(statement: Statement) -> tuple[str, tuple[object, ...]]:
    return statement.text, statement.values


def _write_session(connection: sqlite3.Connection, first: int, count: int) -> None:
    number = BEGAN_MS + first // max(count, 1) * SESSION_MS
    began_ns = number * 1_000_000
    connection.execute(*pair(SESSIONS.insert(number, "paper", VENUE, 0, began_ns)))
    names = [f"qw-paper-doge-{base36(number)}-{base36(n + 1)}" for n in range(count)]
    times = [began_ns + n * SESSION_MS * 1_000_000 // max(count, 1) for n in range(count)]
    events = first * (len(EVENTS) + 1)
    many(
        connection,
        (
            _order(name, number, n, at)
            for n, (name, at) in enumerate(zip(names, times, strict=True))
        ),
    )
    many(connection, _events(names, number, events, times))
    many(
        connection,
        (
            ORDER_STATES.replace(name, events + (n + 1) * (len(EVENTS) + 1), 1)
            for n, name in enumerate(names)
        ),
    )
    filled = range(0, count, FILLED_EVERY)
    many(connection, (_fill(names[n], number, first + n, times[n]) for n in filled))
    many(
        connection,
        (
            BALANCES.insert(name, number, f"{1000 + n}.25", "0", times[n] // 1_000_000, times[n])
            for n in filled
            for name in ("DOGE", "USDT")
        ),
    )
    end = SESSION_ENDS.insert(number, began_ns + SESSION_MS * 1_000_000 - 1, 0, "a signal")
    connection.execute(*pair(end))


def many(connection: sqlite3.Connection, statements: Iterator[Statement]) -> None:
    if (one := next(statements, None)) is not None:
        connection.execute(*pair(one))
        connection.executemany(one.text, (statement.values for statement in statements))


def _order(name: str, session: int, n: int, at_ns: int) -> Statement:
    side, price = ("buy", f"0.{4900 + n % 90}") if n % 2 else ("sell", f"0.{5010 + n % 90}")
    return ORDERS.insert(
        name, session, "doge", "DOGEUSDT", side, price, "40.5", 1, "GTC", "0.5", at_ns
    )


def _events(names: list[str], session: int, before: int, times: list[int]) -> Iterator[Statement]:
    for n, (name, at) in enumerate(zip(names, times, strict=True)):
        filled = n % FILLED_EVERY == 0
        for step, status in enumerate((*EVENTS, "filled" if filled else "cancelled")):
            before += 1
            moment = at + step * 50_000_000
            yield ORDER_EVENTS.insert(
                before,
                name,
                session,
                status,
                "40.5",
                "40.5" if status == "filled" else "0",
                f"01995b1c-0000-7000-8000-{n:012x}" if step else None,
                "",
                moment,
                moment,
            )


def _fill(name: str, session: int, n: int, at_ns: int) -> Statement:
    side, price = ("buy", f"0.{4900 + n % 90}") if n % 2 else ("sell", f"0.{5010 + n % 90}")
    return FILLS.insert(
        f"trade-{n}",
        session,
        VENUE,
        name,
        f"01995b1c-0000-7000-8000-{n:012x}",
        "DOGEUSDT",
        side,
        price,
        "40.5",
        "-0.002",
        "USDT",
        at_ns // 1_000_000,
        at_ns,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
