"""Ledgers on a disk, as an engine called paper leaves them, and the commands that read them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.storage.ledger_database import LedgerDatabase, open_to_write
from tests.support.journals import NOW, VENUE, some_batches, written
from trading.journal.tables import SESSION_ENDS, SESSIONS, Query, Row, Value
from trading.journal.writer import JournalWriter

CONFIG = "config/paper.toml"
DAY_NS = 86_400 * 10**9


def ledger_of(state: Path) -> Path:
    """Where the engine of ``CONFIG`` has its ledger in a state directory."""
    return state / "paper" / "ledger.sqlite"


def where(state: Path) -> tuple[str, str]:
    """The option that leads a command there."""
    return "--set", f"engine.state_directory={state}"


def begin(database: LedgerDatabase, number: int, *, venue: str = VENUE, simulated: int = 0) -> None:
    """A session that begins a day after the one with the number before."""
    at_ns = NOW.wall_ns + number * DAY_NS
    database.commit([SESSIONS.insert(number, "paper", venue, simulated, at_ns)])


def end(database: LedgerDatabase, number: int) -> None:
    """Its end, half a day later."""
    at_ns = NOW.wall_ns + number * DAY_NS + DAY_NS // 2
    database.commit([SESSION_ENDS.insert(number, at_ns, 0, "a signal")])


def a_small_ledger(path: Path) -> Path:
    """A ledger of one session, closed."""
    database = open_to_write(path)
    begin(database, 1)
    for batch in some_batches():
        database.commit(written(JournalWriter(1, VENUE, _events(database)), batch))
    end(database, 1)
    database.close()
    return path


def _events(database: LedgerDatabase) -> int:
    return int(
        str(database.read(lambda query: query("SELECT count(*) FROM order_events", ()))[0][0])
    )


class PlansOf:
    """A query that also asks how each statement is carried out."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self.steps: list[str] = []

    def __call__(self, text: str, values: Sequence[Value], /) -> Sequence[Row]:
        self._explain(text, values)
        return self._query(text, values)

    def each(self, text: str, values: Sequence[Value], /) -> Iterator[Row]:
        self._explain(text, values)
        return self._query.each(text, values)

    def _explain(self, text: str, values: Sequence[Value]) -> None:
        self.steps += [str(row[3]) for row in self._query(f"EXPLAIN QUERY PLAN {text}", values)]
