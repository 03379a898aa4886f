"""Failures in a running engine: the right actors restart, quotes go meanwhile, and come back."""

import msgspec
import trio
import trio.testing
from structlog.testing import capture_logs

from tests.support.whole_engine import DOGE, Rig, quote_first
from trading.core.identifiers import Pair
from trading.messages.market import BookDiff
from trading.readiness.lease import Component
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.simulator.rest.faults import Part

DOGEUSDT = Pair("DOGEUSDT")


def gap() -> BookDiff:
    return BookDiff(
        pair=DOGEUSDT, bids=(), asks=(), sequence=10**12, checksum=None, received_at=0.0
    )


async def assert_withdrawn_and_back(rig: Rig) -> None:
    """Quotes were pulled within a second of the trouble, and return."""
    venue_is_empty_after = await rig.until(lambda: not rig.quoting(), within_s=1)
    assert not await rig.open_orders()
    assert venue_is_empty_after <= 1
    await rig.until(rig.quoting, within_s=60)
    await trio.sleep(1)
    assert len(await rig.open_orders()) == 4


async def test_a_cut_trade_socket_restarts_the_market_data_and_quotes_are_withdrawn_meanwhile(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)

    await rig.network.cut("/ws/trade")

    await assert_withdrawn_and_back(rig)
    assert rig.restarted() == ["order book DOGEUSDT", "trade socket"]
    nursery.cancel_scope.cancel()


async def test_a_cut_account_socket_restarts_the_account_data_and_orders_are_cancelled_by_rest(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)

    await rig.network.cut("/ws/account")

    await rig.until(lambda: not rig.quoting(), within_s=5)
    assert not await rig.open_orders()
    await rig.until(rig.quoting, within_s=60)
    assert rig.restarted() == ["account socket", "account"]
    nursery.cancel_scope.cancel()


async def test_an_order_book_that_raises_restarts_with_its_socket_and_begins_from_a_snapshot(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)
    book = rig.system.wires.strategies[DOGE].top.read()
    assert book is not None
    nonsense = msgspec.structs.replace(gap(), sequence=book.sequence + 1)
    msgspec.structs.force_setattr(nonsense, "bids", (("a lot", "1"),))  # none is made like this

    with capture_logs() as logs:
        rig.system.wires.books[DOGEUSDT].send.send_nowait(nonsense)
        await assert_withdrawn_and_back(rig)

    assert rig.restarted() == ["order book DOGEUSDT", "trade socket"]
    [end] = [entry for entry in logs if entry["event"] == "actor_ended"]
    assert end["actor"] == "order book DOGEUSDT"
    assert end["verdict"] == "defect"
    assert "a lot" in end["cause"]
    assert any(entry["event"] == "book_snapshot" for entry in logs)
    nursery.cancel_scope.cancel()


async def test_a_missed_book_change_withdraws_the_quotes_and_a_new_snapshot_brings_them_back(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)

    with capture_logs() as logs:
        rig.system.wires.books[DOGEUSDT].send.send_nowait(gap())
        await assert_withdrawn_and_back(rig)

    assert rig.restarted() == []
    events = [entry["event"] for entry in logs]
    assert events.index("book_unsafe") < events.index("book_renewal")
    assert events.index("book_renewal") < events.index("book_snapshot")
    nursery.cancel_scope.cancel()


async def test_a_lapsed_balance_withdraws_the_quotes_though_the_strategy_does_nothing(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)

    rig.system.wires.facts.revoke(Component.ACCOUNT_BALANCE, "a test says so")

    await rig.until(lambda: not rig.quoting(), within_s=1)
    assert not await rig.open_orders()
    readiness = rig.system.wires.strategies[DOGE].readiness.read()
    assert readiness is not None
    assert readiness.reasons == "account_balance: a test says so"
    nursery.cancel_scope.cancel()


async def test_stopping_the_tree_at_once_still_cancels_and_proves(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    async with trio.open_nursery() as inner:
        rig = await quote_first(inner)
        began = trio.current_time()
        inner.cancel_scope.cancel()

    proof = rig.system.wires.proof.read()
    assert proof is not None
    assert proof.proven
    assert trio.current_time() - began < 10


async def test_an_empty_list_of_open_orders_makes_no_engine_flat(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    async with trio.open_nursery() as inner:
        # The venue cancels nothing by itself when the connection ends.
        rig = await quote_first(inner, "simulator.rules.cancel_on_disconnect_delay_s=86400")
        rig.exchange.withheld[Part.OPEN_ORDERS] = 200
        assert not await rig.open_orders()
        inner.cancel_scope.cancel()

    proof = rig.system.wires.proof.read()
    assert proof is not None
    assert proof.proven
    assert not rig.exchange.venue.orders.open_of(DEMO_ACCOUNT.api_key)
