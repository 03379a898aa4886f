"""Frames go past the socket's task where that can be, and never past one another."""

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.ports.frames import FrameWire


class Network:
    """What a connection has sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.takes = True

    def send(self, frame: str) -> bool:
        if self.takes:
            self.sent.append(frame)
        return self.takes


async def speak(wire: FrameWire, network: Network) -> None:
    with wire.past.offered(network.send):
        async for frame in wire.receive:
            await trio.sleep(1)
            network.sent.append(frame)
            wire.past.done()


async def test_a_frame_leaves_within_the_call(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    wire, network = FrameWire.of(0), Network()
    nursery.start_soon(speak, wire, network)
    await wait_all_tasks_blocked()
    wire.send.send_nowait("now")
    assert network.sent == ["now"]
    assert wire.count.sent == 1


async def test_none_overtakes_the_one_that_the_task_has(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    wire, network = FrameWire.of(0), Network()
    nursery.start_soon(speak, wire, network)
    await wait_all_tasks_blocked()
    network.takes = False
    wire.send.send_nowait("first")
    network.takes = True
    with pytest.raises(trio.WouldBlock):
        wire.send.send_nowait("second")
    await wire.send.send("second")
    with pytest.raises(trio.WouldBlock):
        wire.send.send_nowait("third")
    await trio.sleep(3)
    wire.send.send_nowait("third")
    assert network.sent == ["first", "second", "third"]


async def test_without_a_connection_nothing_is_taken(autojump_clock: MockClock) -> None:
    wire = FrameWire.of(0)
    with pytest.raises(trio.WouldBlock):
        wire.send.send_nowait("nobody")
