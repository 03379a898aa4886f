"""A session's result from its ledger, whatever happened in it."""

import msgspec
import pytest
from hypothesis import given, settings

from engine.reports.session import NoSession, session_result
from engine.storage.ledger_database import LedgerDatabase, open_in_memory
from tests.support.journals import VENUE, journals, written
from tests.support.ledger_files import begin
from trading.core.market import Side
from trading.journal.entries import LedgerEntry
from trading.journal.whole import Whole
from trading.journal.writer import JournalWriter
from trading.research.figures import figures, mid_path
from trading.research.result import Result, decode_result, encode_result

NEVER_NS = 2**62


def result_of(database: LedgerDatabase, number: int | None = None) -> Result:
    return database.read(lambda query: session_result(Whole(query), number, NEVER_NS))


@settings(max_examples=40)
@given(journals())
def test_any_session_has_a_result_whose_numbers_add_up_with_its_ledger(
    batches: list[list[LedgerEntry]],
) -> None:
    database = open_in_memory()
    begin(database, 1)
    scribe = JournalWriter(1, VENUE, 0)
    for batch in batches:
        database.commit(written(scribe, batch))
    result = result_of(database)
    counts = database.read(
        lambda query: [
            query(f"SELECT count(*) FROM {table}", ())[0][0]  # noqa: S608  # ours
            for table in ("orders", "fills")
        ]
    )
    database.close()
    assert [
        sum(len(run.orders) for run in result.runs),
        sum(len(run.fills) for run in result.runs),
    ] == counts
    for run in result.runs:
        assert all(
            order.placed_ns is None or order.ended_ns is None or order.placed_ns <= order.ended_ns
            for order in run.orders
        )
        assert msgspec.json.encode(figures(run, mid_path(run)))
        assert {order.side for order in run.orders} <= set(Side)


def test_a_ledger_in_which_no_session_began_has_no_result() -> None:
    database = open_in_memory()
    with pytest.raises(NoSession, match="no session has begun"):
        result_of(database)
    database.close()


def test_a_session_without_orders_has_a_result_without_runs() -> None:
    database = open_in_memory()
    begin(database, 1)
    result = result_of(database, 1)
    database.close()
    assert result.runs == ()
    assert decode_result(encode_result(result)) == result
