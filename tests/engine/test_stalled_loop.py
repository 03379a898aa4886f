"""A running engine whose loop stood still: nothing old is acted upon, and quotes come back."""

import trio
import trio.testing
from structlog.testing import capture_logs

from tests.support.whole_engine import DOGE, quote_first


async def test_after_a_stall_nothing_is_placed_before_everything_was_heard_anew(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)
    lease = rig.system.wires.strategies[DOGE].readiness

    with capture_logs() as logs:
        autojump_clock.jump(1.5)  # less than any lease: time alone would not have withdrawn them
        await trio.lowlevel.checkpoint()
        current = lease.read()
        assert current is None or not current.ready
        await rig.until(lambda: not rig.quoting(), within_s=2)
        assert not await rig.open_orders()
        await rig.until(rig.quoting, within_s=30)
        await trio.sleep(1)

    assert len(await rig.open_orders()) == 4
    events = [entry["event"] for entry in logs]
    assert events[0] == "loop_stalled"
    first_order = events.index("order_placed")
    assert {"book_snapshot", "reconciled", "ready"} <= set(events[:first_order])
    missing = next(entry for entry in logs if entry["event"] == "not_ready")["missing"]
    assert set(missing) == {
        "symbols_mapping_initialized",
        "order_books_initialized",
        "account_balance",
        "trading_rule_initialized",
        "user_stream_initialized",
        "clock_offset_known",
        "orders_reconciled",
        "venue_online",
    }
    assert all("stood still" in reason for reason in missing.values())
    assert set(rig.restarted()) == {
        "order book DOGEUSDT",
        "trade socket",
        "account",
        "account socket",
    }
    nursery.cancel_scope.cancel()


async def test_the_newest_lateness_can_be_read(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)
    await trio.sleep(1)
    assert rig.system.wires.lateness.read() == 0
    nursery.cancel_scope.cancel()
