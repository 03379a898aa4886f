"""The exchange's server in trouble: clients that do not read, answers that never come."""

import attrs
import h11
import pytest
import trio
from trio.testing import MockClock
from typing_extensions import override

from actors.net.network import Listening
from tests.actors.test_simulated_exchange import DOGE, a_rig, ask, close_reason, hear, tell
from tests.support.memory_network import MemoryNetwork
from trading.venues.valr.rules import RateLimits
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import ExchangeSettings


class _Clogged(trio.abc.Stream):
    """A client's end that takes a while to be read: sending blocks for ever after the first."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._sent = 0

    @override
    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self._sent += 1
        if self._sent > 1:
            await trio.sleep_forever()
        await self._stream.send_all(data)

    @override
    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    @override
    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()


class _CloggedListener(trio.abc.Listener[trio.abc.Stream]):
    def __init__(self, listener: trio.abc.Listener[trio.abc.Stream]) -> None:
        self._listener = listener

    @override
    async def accept(self) -> trio.abc.Stream:
        return _Clogged(await self._listener.accept())

    @override
    async def aclose(self) -> None:
        await self._listener.aclose()


class CloggedNetwork(MemoryNetwork):
    """A network whose clients do not read."""

    @override
    async def listen(self, host: str, port: int) -> Listening:
        bound = await super().listen(host, port)
        return attrs.evolve(bound, listeners=tuple(map(_CloggedListener, bound.listeners)))


async def test_a_client_that_does_not_read_is_cut_and_the_market_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = a_rig(network=CloggedNetwork(), settings=ExchangeSettings(outgoing_frames_max=100))
    await nursery.start(rig.actor.run)
    async with rig.socket("/ws/trade") as trade:
        subscription = {"event": "OB_L1_DIFF", "pairs": [DOGE]}
        await tell(trade, type="SUBSCRIBE", subscriptions=[subscription])
        with trio.fail_after(60):
            assert (await close_reason(trade)).code == 1006
    await trio.sleep(30)
    assert rig.actor.exchange.now > 30


async def test_an_answer_may_never_come(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    rig = a_rig()
    await nursery.start(rig.actor.run)
    rig.actor.exchange.faults.arm(Fault.CUT_AFTER_ACCEPTANCE)
    stream = await rig.stream()
    body = '{"side":"BUY","quantity":"40","price":"0.09","pair":"DOGEUSDT"}'
    with trio.fail_after(5), pytest.raises(h11.RemoteProtocolError, match="ConnectionClosed"):
        await ask(stream, "POST", "/v2/orders/limit", body)
    assert len((await ask(await rig.stream(), "GET", "/v1/orders/open"))[1]) == 1


async def test_a_half_open_connection_answers_not_even_pings(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = a_rig()
    await nursery.start(rig.actor.run)
    async with rig.socket("/ws/account") as account:
        await hear(account, "OPEN_ORDERS_UPDATE")
        rig.actor.exchange.faults.arm(Fault.HALF_OPEN)
        await tell(account, type="CANCEL_ON_DISCONNECT", payload={"cancelOnDisconnect": True})
        with trio.move_on_after(70) as deadline:
            await account.ping()
        assert deadline.cancelled_caught


async def test_one_socket_too_many_is_not_upgraded(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = a_rig(settings=ExchangeSettings(limits=RateLimits(connections_per_minute=0)))
    await nursery.start(rig.actor.run)
    stream = await rig.stream()
    handshake = (
        b"GET /ws/trade HTTP/1.1\r\nHost: exchange\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    await stream.send_all(handshake)
    answer = bytes(await stream.receive_some())
    assert answer.startswith(b"HTTP/1.1 429")
    assert b"x-valr-ratelimited: true" in answer
