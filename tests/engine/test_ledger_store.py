"""The store with a thread: nothing waits for the disk but whoever asked it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from typing_extensions import override

from engine.storage.ledger_database import open_to_read
from engine.storage.ledger_store import ThreadedLedgerStore
from tests.support.builders import an_order
from tests.support.journals import VENUE, session_begun, written
from trading.core.errors import Fatal
from trading.journal import reading
from trading.journal.entries import OrdersIntended
from trading.journal.tables import Query, Statement
from trading.journal.writer import JournalWriter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "test" / "ledger.sqlite"


async def test_what_was_committed_is_read_by_others_at_once(path: Path) -> None:
    store = await ThreadedLedgerStore.open(path)
    await store.commit([session_begun()])
    await store.commit(written(JournalWriter(1, VENUE, 0), [OrdersIntended((an_order(),), 0.0)]))
    reader = open_to_read(path)
    assert reader.read(reading.events_written) == 1
    assert await store.read(reading.last_session) == 1
    reader.close()
    await store.aclose()
    assert not path.with_name(path.name + "-wal").exists()  # tidied up


async def test_others_go_on_while_it_waits_for_the_disk(path: Path) -> None:
    store = await ThreadedLedgerStore.open(path)
    loop_goes_on, token = trio.Event(), trio.lowlevel.current_trio_token()

    def slow(_query: Query) -> None:
        trio.from_thread.run_sync(loop_goes_on.set, trio_token=token)
        trio.from_thread.run(loop_goes_on.wait, trio_token=token)

    with trio.fail_after(5):
        await store.read(slow)
    await store.aclose()


async def test_a_commit_that_has_begun_is_finished_though_whoever_asked_is_cancelled(
    path: Path,
) -> None:
    store = await ThreadedLedgerStore.open(path)
    scope, finished = trio.CancelScope(), False
    token = trio.lowlevel.current_trio_token()

    class CancelledOnTheWay(list[Statement]):
        """Statements that have their writer cancelled once the transaction has begun."""

        @override
        def __iter__(self) -> Iterator[Statement]:
            trio.from_thread.run_sync(scope.cancel, trio_token=token)
            return super().__iter__()

    with scope:
        await store.commit(CancelledOnTheWay([session_begun()]))
        finished = True
    assert finished
    assert scope.cancel_called
    assert await store.read(reading.last_session) == 1
    await store.aclose()


async def test_a_ledger_that_cannot_be_opened_is_fatal(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(Fatal, match="cannot be opened"):
        await ThreadedLedgerStore.open(tmp_path / "state" / "test" / "ledger.sqlite")
