"""A posting that kills the ledger again and again does not stop a running engine."""

import trio
import trio.testing
from structlog.testing import capture_logs

from actors.ports.ports import JournalBatch, Receipt
from tests.support.whole_engine import DOGE, quote_first
from trading.journal.entries import OrderRecorded


async def test_a_poisoned_posting_is_set_aside_and_the_engine_goes_on_quoting(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)
    wires = rig.system.wires
    before = wires.strategies[DOGE].performance.read()
    poison = OrderRecorded(None, 0.0)  # type: ignore[arg-type]  # no sender should make this
    receipt = Receipt()

    with capture_logs() as logs, trio.fail_after(1):
        wires.ledger.send.send_nowait(JournalBatch((poison,)))
        wires.ledger.send.send_nowait(JournalBatch((), receipt))
        await receipt.wait()

    letters = [entry for entry in logs if entry["event"] == "dead_letter"]
    assert len(letters) == 1
    assert "OrderRecorded(order=None" in letters[0]["message"]
    assert rig.restarted() == ["ledger", "ledger"]
    assert not [entry for entry in logs if entry["event"] == "actor_escalated"]
    # Whether a quote goes for a moment depends on which task sees the ledger between two lives.
    await rig.until(rig.quoting, 10)
    await trio.sleep(20)  # four refreshes
    after = wires.strategies[DOGE].performance.read()
    assert before is not None
    assert after is not None
    assert after.orders_placed >= before.orders_placed + 4
    nursery.cancel_scope.cancel()
