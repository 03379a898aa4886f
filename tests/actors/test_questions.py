"""What carries out the core's questions: none overtakes another on its way to the socket."""

import pytest
import trio
from trio.testing import MockClock

from actors.orders.questions import QuestionCarrier
from tests.support.simulated_venue import SimulatedVenue, open_gate
from trading.gateway.effects import SendFrame
from trading.gateway.events import Answered, Event

FRAMES = [f"frame {number}" for number in range(5)]


def carrier(
    nursery: trio.Nursery,
    site: SimulatedVenue,
    send: trio.MemorySendChannel[str],
    told: list[Event],
) -> QuestionCarrier:
    return QuestionCarrier(
        nursery, told.append, site.rest, gate=open_gate(), requests=send, handover_s=0.5
    )


@pytest.mark.parametrize("attempt", range(20))
async def test_frames_leave_in_their_order_however_busy_the_socket_is(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue, attempt: int
) -> None:
    send, receive = trio.open_memory_channel[str](0)
    told: list[Event] = []
    carried = carrier(nursery, site, send, told)
    # Nobody is ready for the first, as while the one before is being written.
    at_once = [carried.do(SendFrame(ticket, frame)) for ticket, frame in enumerate(FRAMES[:3])]
    assert at_once == [None, None, None]
    taken = [await receive.receive()]
    carried.do(SendFrame(3, FRAMES[3]))
    taken += [await receive.receive() for _ in range(3)]
    carried.do(SendFrame(4, FRAMES[4]))
    taken.append(await receive.receive())
    assert taken == FRAMES
    await trio.testing.wait_all_tasks_blocked()
    assert told == [Answered(ticket, value=True) for ticket in range(5)]


async def test_a_frame_that_is_taken_at_once_is_answered_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    send, receive = trio.open_memory_channel[str](0)
    carried = carrier(nursery, site, send, [])
    nursery.start_soon(receive.receive)
    await trio.testing.wait_all_tasks_blocked()
    assert carried.do(SendFrame(1, "frame")) == Answered(1, value=True)


async def test_what_nobody_takes_in_time_has_certainly_not_left_and_holds_up_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    send, receive = trio.open_memory_channel[str](0)
    told: list[Event] = []
    carried = carrier(nursery, site, send, told)
    carried.do(SendFrame(1, "first"))
    await trio.sleep(0.3)
    carried.do(SendFrame(2, "second"))
    await trio.sleep(0.3)
    assert told == [Answered(1, value=False)]
    assert await receive.receive() == "second"
    await trio.sleep(0.1)
    assert told == [Answered(1, value=False), Answered(2, value=True)]
