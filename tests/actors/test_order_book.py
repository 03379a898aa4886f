"""One pair's book, as the actor shows it and takes it back."""

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.market.order_book import OrderBookActor
from actors.ports.facts import FactBoard
from actors.ports.lossless import Lossless, drain
from actors.ports.ports import Latest, Wakeup
from tests.support.builders import DOGE, a_diff, a_snapshot
from tests.support.lives import begin
from trading.core.errors import ChecksumMismatch, MalformedFrame, Outage, SequenceGap
from trading.core.identifiers import Pair, VenueOrderId
from trading.core.market import TopOfBook
from trading.messages.market import BookGarbled, BookNews, QueueSnapshot
from trading.messages.sockets import Heartbeat
from trading.readiness.lease import Component, Fact
from trading.venues.valr.book_rules import RULES


@attrs.define
class Rig:
    wire: Lossless[BookNews] = attrs.field(factory=lambda: Lossless.of(100))
    top: Latest[TopOfBook] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)
    renewals: Lossless[Pair] = attrs.field(factory=lambda: Lossless.of(10))
    levels_seen: int | None = None

    @property
    def actor(self) -> OrderBookActor:
        return OrderBookActor(
            pair=DOGE,
            rules=RULES,
            changes=self.wire.receive,
            top=self.top,
            renewals=self.renewals.send,
            facts=self.facts,
            depth=2,
            levels_seen=lambda: self.levels_seen,
            lease_s=5,
            snapshot_deadline_s=10,
        )

    async def feed(self, *changes: BookNews) -> None:
        for change in changes:
            self.wire.send.send_nowait(change)
        await trio.sleep(0.001)

    @property
    def fact(self) -> Fact:
        return self.facts.facts[Component.ORDER_BOOK, DOGE]


async def fail(rig: Rig, *changes: BookNews) -> None:
    """Have the actor end by itself, over some changes."""
    async with trio.open_nursery() as nursery:
        await nursery.start(rig.actor.run)
        await rig.feed(*changes)
        await trio.sleep(60)
        nursery.cancel_scope.cancel()


async def test_before_the_first_snapshot_there_is_no_top_and_the_fact_says_why(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await trio.sleep(600)
    assert rig.top.read() is None
    assert (rig.fact.holds, rig.fact.evidence) == (False, "waiting for the first snapshot")


async def test_a_snapshot_and_its_changes_make_the_top(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10))
    await rig.feed(
        a_diff(11, bids=(("0.12", "1"),)), a_diff(12, asks=(("0.2", "0"), ("0.19", "3")))
    )
    top = rig.top.read()
    assert top is not None
    assert (str(top.best_bid), str(top.best_ask), top.sequence) == ("0.12", "0.19", 12)
    assert rig.fact.holds
    assert rig.fact.valid_until == pytest.approx(trio.current_time() + 5, abs=0.1)


async def test_a_change_behind_the_levels_that_are_looked_at_is_shown_and_wakes_nobody(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bell = Wakeup()
    rig = Rig(top=Latest(bell), levels_seen=1)
    await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10, bids=(("0.12", "1"), ("0.11", "1"))))
    await bell.wait()
    with trio.move_on_after(1) as waiting:
        await rig.feed(a_diff(11, bids=(("0.11", "7"),)))
        await bell.wait()
    assert waiting.cancelled_caught
    top = rig.top.read()
    assert top is not None
    assert (str(top.bids[1].quantity), top.sequence) == ("7", 11)
    await rig.feed(a_diff(12, bids=(("0.12", "7"),)))
    with trio.fail_after(1):
        await bell.wait()


async def test_a_burst_is_applied_as_a_whole_before_it_is_shown(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10))
    shown = rig.top.puts
    await rig.feed(*[a_diff(sequence) for sequence in range(11, 21)])
    assert rig.top.puts == shown + 1


async def test_what_came_before_the_snapshot_is_dropped(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(a_diff(3), Heartbeat(), a_diff(9), a_snapshot(10), a_diff(11))
    top = rig.top.read()
    assert top is not None
    assert top.sequence == 11


async def test_leftovers_of_a_former_life_are_not_believed(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await rig.feed(a_snapshot(1), a_diff(5))
    await begin(nursery, rig.actor)
    await trio.sleep(1)
    assert rig.top.read() is None
    await rig.feed(a_snapshot(10))
    assert rig.top.read() is not None


async def test_a_former_lifes_top_is_withdrawn_at_the_beginning(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    life = await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10))
    await life.end()
    await begin(nursery, rig.actor)
    assert rig.top.read() is None
    assert not rig.fact.holds


UNSAFE = [a_diff(13), a_diff(12, checksum=1), a_snapshot(20, checksum=1), BookGarbled("nonsense")]


@pytest.mark.parametrize("unsafe", UNSAFE)
async def test_an_unsafe_book_is_withdrawn_and_a_fresh_snapshot_asked_for(
    nursery: trio.Nursery, autojump_clock: MockClock, unsafe: BookNews
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10), a_diff(11))
    await rig.feed(unsafe)

    assert rig.top.read() is None
    assert not rig.fact.holds
    assert drain(rig.renewals.receive) == [DOGE]

    await rig.feed(a_diff(14), a_diff(15))
    assert rig.top.read() is None, "changes without a snapshot are no book"
    await rig.feed(a_snapshot(30), a_diff(31))
    top = rig.top.read()
    assert top is not None
    assert top.sequence == 31


async def test_a_snapshot_that_was_asked_for_and_does_not_come_is_an_outage(
    autojump_clock: MockClock,
) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(Outage, match="no book snapshot within 10 s")):
        await fail(Rig(), a_snapshot(10), a_diff(12))


async def test_changes_missed_again_and_again_end_the_life(autojump_clock: MockClock) -> None:
    rig = Rig()
    with pytest.RaisesGroup(SequenceGap):
        async with trio.open_nursery() as nursery:
            await nursery.start(rig.actor.run)
            for n in (10, 20, 30, 40):
                await rig.feed(a_snapshot(n))
                await rig.feed(a_diff(n + 2))
    assert len(drain(rig.renewals.receive)) == 2


async def test_a_book_that_is_again_and_again_not_the_venues_ends_the_life(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    with pytest.RaisesGroup(ChecksumMismatch):
        async with trio.open_nursery() as nursery:
            await nursery.start(rig.actor.run)
            for n in (10, 20, 30, 40):
                await rig.feed(a_snapshot(n, checksum=1))


async def test_nonsense_about_a_book_again_and_again_ends_the_life(
    autojump_clock: MockClock,
) -> None:
    rig = Rig()
    with pytest.RaisesGroup(pytest.RaisesExc(MalformedFrame, match="DOGEUSDT: nonsense")):
        async with trio.open_nursery() as nursery:
            await nursery.start(rig.actor.run)
            for n in (10, 20, 30, 40):
                await rig.feed(a_snapshot(n), BookGarbled("nonsense"))
    assert len(drain(rig.renewals.receive)) == 2


async def test_now_and_then_a_missed_change_is_forgiven_for_ever(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    for n in range(10, 100, 10):
        await rig.feed(a_snapshot(n))
        await rig.feed(a_diff(n + 2))
        await trio.sleep(5)
        await rig.feed(a_snapshot(n + 5))
        await trio.sleep(200)
    assert rig.top.read() is not None


async def test_a_book_order_by_order_makes_a_top_as_well(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(
        QueueSnapshot(
            pair=DOGE,
            bids=(("0.1", ((VenueOrderId("a"), "4"), (VenueOrderId("b"), "6"))),),
            asks=(("0.2", ((VenueOrderId("c"), "1"),)),),
            sequence=7,
            checksum=None,
            received_at=0.0,
        ),
        a_diff(8),  # of the feed that is being left
    )
    top = rig.top.read()
    assert top is not None
    assert (str(top.bids[0].quantity), top.sequence) == ("10", 7)


@pytest.mark.parametrize("sign_of_life", [Heartbeat(), a_diff(9)])
async def test_a_feed_that_lives_but_sends_no_snapshot_is_an_outage(
    autojump_clock: MockClock, sign_of_life: BookNews
) -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(Outage, match="no book snapshot within 10 s")):
        await fail(Rig(), sign_of_life)
    assert trio.current_time() == pytest.approx(10, abs=0.1)


async def test_a_crossed_book_withdraws_top_and_fact_until_it_is_in_order_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10))
    await rig.feed(a_diff(11, bids=(("0.21", "1"),)))
    assert rig.top.read() is None
    assert not rig.fact.holds
    assert "crossed" in rig.fact.evidence
    await rig.feed(a_diff(12, bids=(("0.21", "0"),)))
    assert rig.top.read() is not None
    assert rig.fact.holds


async def test_an_empty_side_withdraws_the_top(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10))
    await rig.feed(a_diff(11, asks=(("0.2", "0"),)))
    assert rig.top.read() is None
    assert rig.fact.evidence == "a side of the book is empty"


async def test_a_sign_of_life_renews_the_lease_of_a_quiet_book_and_silence_lets_it_lapse(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = Rig()
    await begin(nursery, rig.actor)
    await rig.feed(a_snapshot(10))
    await trio.sleep(4)
    await rig.feed(Heartbeat())
    assert rig.fact.valid_until == pytest.approx(9, abs=0.1)
    await trio.sleep(6)
    assert not rig.fact.standing(trio.current_time())
