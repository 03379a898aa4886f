"""An engine at a venue whose books have quantities with zeros at the end (open question U16)."""

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.whole_engine import start_rig
from trading.readiness.lease import Component

PADDED = "simulator.rules.quantity_decimals=8"
SUMMED_WITHOUT = 'simulator.rules.checksum_quantities="shortest"'
FEEDS = ("OB_L1_DIFF", "FULL_ORDERBOOK_UPDATE", "AGGREGATED_ORDERBOOK_UPDATE")


@pytest.mark.parametrize("feed", FEEDS)
async def test_an_engine_quotes_on_padded_quantities_whose_text_is_what_the_checksum_takes(
    nursery: trio.Nursery, autojump_clock: MockClock, feed: str
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery, PADDED, f'venue.book_feed="{feed}"')
        await rig.until(rig.quoting, within_s=5)
        await trio.sleep(60)
        assert rig.quoting()
    assert not [entry for entry in logs if entry["log_level"] == "warning"]


@pytest.mark.parametrize("feed", FEEDS[:2])
async def test_an_engine_never_trades_on_a_book_whose_checksum_is_of_another_text_and_says_why(
    nursery: trio.Nursery, autojump_clock: MockClock, feed: str
) -> None:
    """The checksum is of the wire's own text, or the book is not proven: nothing is guessed."""
    with capture_logs() as logs:
        await start_rig(nursery, PADDED, SUMMED_WITHOUT, f'venue.book_feed="{feed}"')
        await trio.sleep(120)
    events = {entry["event"] for entry in logs}
    assert "order_placed" not in events
    unsafe = [entry["cause"] for entry in logs if entry["event"] == "book_unsafe"]
    assert unsafe
    assert all("checksum" in cause for cause in unsafe)
    [overdue, *_] = [entry for entry in logs if entry["event"] == "initialisation_overdue"]
    assert overdue["component"] == Component.ORDER_BOOK.value
    assert "checksum" in overdue["evidence"]


async def test_the_feed_without_a_checksum_is_a_way_out(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, PADDED, SUMMED_WITHOUT, f'venue.book_feed="{FEEDS[2]}"')
    await rig.until(rig.quoting, within_s=5)
