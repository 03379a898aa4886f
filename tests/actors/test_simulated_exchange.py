"""The exchange as its clients meet it: bytes in, bytes out, in virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from random import Random
from typing import Any

import attrs
import h11
import msgspec
import pytest
import trio
from trio.testing import MockClock
from trio_websocket import (
    ConnectionClosed,
    WebSocketConnection,
    wrap_client_stream,
)
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from actors.net.network import TcpNetwork
from actors.ports.ports import Latest
from actors.simulated_exchange import SimulatedExchangeActor, text_frame
from tests.support.memory_network import MemoryNetwork
from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.market.raw_rows import raw_rows
from trading.simulator.market.recording import MalformedRecording
from trading.venues.valr.signing import sign
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange

DOGE = Pair("DOGEUSDT")
_EPOCH_NS = 1_790_133_597_000_000_000
_SNAPSHOT = (
    b'1000000000 {"lastUpdateId":1,"bids":[["100.00","1"]],"asks":[["100.01","1"]]}',
    b'3000000000 {"stream":"btcusdt@trade","data":{"p":"100.00","q":"1","m":true}}',
)
_LATER = b'9000000000 {"stream":"btcusdt@trade","data":{"p":"100.00","q":"1","m":true}}'


def signed(method: str, target: str, body: str = "") -> list[tuple[str, str]]:
    signature = sign(DEMO_ACCOUNT.api_secret, timestamp_ms=1, verb=method, path=target, body=body)
    return [
        ("X-VALR-API-KEY", DEMO_ACCOUNT.api_key),
        ("X-VALR-SIGNATURE", signature),
        ("X-VALR-TIMESTAMP", "1"),
    ]


@attrs.frozen
class Rig:
    network: MemoryNetwork
    actor: SimulatedExchangeActor

    async def stream(self) -> trio.abc.Stream:
        port = self.actor.listening.read()
        assert port is not None
        return await self.network.connect("exchange", port)

    @asynccontextmanager
    async def socket(
        self, path: str, headers: list[tuple[str, str]] | None = None
    ) -> AsyncIterator[WebSocketConnection]:
        if headers is None:
            headers = signed("GET", path)
        extra = [(name.encode(), value.encode()) for name, value in headers]
        stream: Any = await self.stream()  # any stream does, whatever the annotation says
        async with trio.open_nursery() as nursery:
            socket = await wrap_client_stream(
                nursery, stream, "exchange", path, extra_headers=extra
            )
            yield socket
            nursery.cancel_scope.cancel()


def a_rig(
    *,
    network: MemoryNetwork | None = None,
    settings: ExchangeSettings | None = None,
    recording: tuple[bytes, ...] | None = None,
) -> Rig:
    network = network or MemoryNetwork()
    flow = RecordedFlow()
    recordings = {DOGE: raw_rows(recording, flow)} if recording else None
    actor = SimulatedExchangeActor(
        network=network,
        exchange=SimulatedExchange(
            settings or ExchangeSettings(), Random(1), _EPOCH_NS, recordings
        ),
        listening=Latest(),
        ended=Latest(),
        began_at=trio.current_time(),
    )
    return Rig(network, actor)


@pytest.fixture
async def rig(nursery: trio.Nursery, autojump_clock: MockClock) -> Rig:
    rig = a_rig()
    await nursery.start(rig.actor.run)
    return rig


async def ask(
    stream: trio.abc.Stream, method: str, target: str, body: str = "", *, key: bool = True
) -> tuple[int, Any]:
    """One request on a connection that stays open."""
    client = h11.Connection(h11.CLIENT)
    headers = [("Host", "exchange"), ("Content-Length", str(len(body)))]
    headers += [("Content-Type", "application/json")] if body else []
    headers += signed(method, target, body) if key else []
    request = h11.Request(method=method, target=target, headers=headers)
    await stream.send_all(
        (client.send(request) or b"")
        + (client.send(h11.Data(data=body.encode())) or b"")
        + (client.send(h11.EndOfMessage()) or b"")
    )
    status, answer = 0, b""
    while True:
        event = client.next_event()
        if event is h11.NEED_DATA:
            client.receive_data(bytes(await stream.receive_some()))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            answer += event.data
        else:
            return status, msgspec.json.decode(answer) if answer else None


async def tell(socket: WebSocketConnection, **frame: object) -> None:
    await socket.send_message(msgspec.json.encode(frame).decode())


async def hear(socket: WebSocketConnection, kind: str) -> Any:
    """The next frame of a kind; what comes before is passed over."""
    while True:
        frame = msgspec.json.decode(await socket.get_message())
        if frame["type"] == kind:
            return frame


async def close_reason(socket: WebSocketConnection) -> Any:
    with pytest.raises(ConnectionClosed) as closed:
        await _hear_out(socket)
    return closed.value.reason


async def _hear_out(socket: WebSocketConnection) -> None:
    while True:
        await socket.get_message()


def _order(price: str = "0.09") -> dict[str, str]:
    return {"side": "BUY", "quantity": "40", "price": price, "pair": DOGE}


async def test_rest_answers_one_request_after_another_on_a_connection(
    rig: Rig, autojump_clock: MockClock
) -> None:
    stream = await rig.stream()
    status, answer = await ask(stream, "GET", "/v1/public/time", key=False)
    assert (status, answer["epochTime"]) == (200, _EPOCH_NS // 1_000_000_000)
    body = msgspec.json.encode(_order()).decode()
    status, placed = await ask(stream, "POST", "/v2/orders/limit", body)
    assert status == 201
    status, (row,) = await ask(stream, "GET", "/v1/orders/open")
    assert row["orderId"] == placed["id"]
    cancel = msgspec.json.encode({"orderId": placed["id"], "pair": DOGE}).decode()
    assert await ask(stream, "DELETE", "/v1/orders/order", cancel) == (202, None)
    assert await ask(stream, "GET", "/v1/orders/open") == (200, [])


async def test_an_order_over_the_account_socket_is_heard_of_on_the_trade_socket(
    rig: Rig, autojump_clock: MockClock
) -> None:
    async with rig.socket("/ws/account") as account, rig.socket("/ws/trade") as trade:
        subscription = {"event": "OB_L1_DIFF", "pairs": [DOGE]}
        await tell(trade, type="SUBSCRIBE", subscriptions=[subscription])
        await hear(trade, "OB_L1_SNAPSHOT")
        await tell(account, type="PLACE_LIMIT_ORDER", clientMsgId="c", payload=_order())
        answer = await hear(account, "PLACE_LIMIT_WS_RESPONSE")
        assert answer["clientMsgId"] == "c"
        await hear(account, "ORDER_PROCESSED")
        await hear(account, "OPEN_ORDERS_UPDATE")
        while ["0.09", "40"] not in (await hear(trade, "OB_L1_DIFF"))["d"]["b"]:
            pass


async def test_the_market_goes_on_by_itself(rig: Rig, autojump_clock: MockClock) -> None:
    async with rig.socket("/ws/trade") as trade:
        subscription = {"event": "NEW_TRADE", "pairs": [DOGE]}
        await tell(trade, type="SUBSCRIBE", subscriptions=[subscription])
        began_at = trio.current_time()
        for _ in range(20):
            await hear(trade, "NEW_TRADE")
        assert 2 < trio.current_time() - began_at < 120


async def test_quotes_near_the_mid_are_filled_now_and_then(
    rig: Rig, autojump_clock: MockClock
) -> None:
    stream = await rig.stream()
    fills = 0
    async with rig.socket("/ws/account") as account:
        for _ in range(4):
            _, book = await ask(stream, "GET", f"/v1/public/{DOGE}/orderbook", key=False)
            mid = Decimal(book["Bids"][0]["price"]) + Decimal(book["Asks"][0]["price"])
            bid = (mid / 2 * Decimal("0.999")).quantize(Decimal("0.00001"))
            await tell(account, type="PLACE_LIMIT_ORDER", payload=_order(f"{bid}"))
            with trio.move_on_after(15):
                await hear(account, "NEW_ACCOUNT_TRADE")
                fills += 1
            await tell(account, type="PING")
    assert fills >= 1


async def test_a_bad_signature_is_closed_with_1007_after_the_upgrade(
    rig: Rig, autojump_clock: MockClock
) -> None:
    headers = [*signed("GET", "/ws/account")[:1], ("X-VALR-SIGNATURE", "0"), *signed("GET", "")[2:]]
    async with rig.socket("/ws/account", headers) as socket:
        reason = await close_reason(socket)
    assert (reason.code, reason.reason) == (1007, "Request has an invalid signature")


async def test_a_silent_client_is_cut_after_a_minute_without_a_close_frame(
    rig: Rig, autojump_clock: MockClock
) -> None:
    async with rig.socket("/ws/account") as socket:
        began_at = trio.current_time()
        reason = await close_reason(socket)
    assert reason.code == 1006
    assert trio.current_time() - began_at == pytest.approx(60, abs=0.1)


async def test_a_client_may_close_and_come_again(rig: Rig, autojump_clock: MockClock) -> None:
    for _ in range(2):
        async with rig.socket("/ws/account") as socket:
            await hear(socket, "AUTHENTICATED")
            await socket.aclose()


async def test_pings_of_the_protocol_are_answered_too(rig: Rig, autojump_clock: MockClock) -> None:
    async with rig.socket("/ws/trade") as socket:
        with trio.fail_after(1):
            await socket.ping(b"hello")


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
def test_a_message_is_written_as_the_protocol_has_it(length: int) -> None:
    text = "é" * (length // 2) + "x" * (length % 2)
    server = Connection(ConnectionType.SERVER)
    assert text_frame(text) == server.send(TextMessage(data=text))


async def test_other_paths_do_not_upgrade(rig: Rig, autojump_clock: MockClock) -> None:
    stream = await rig.stream()
    await stream.send_all(
        b"GET /ws/other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    )
    assert (await stream.receive_some()).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    ("junk", "answer"),
    [
        (b"this is not http\r\n\r\n", b"HTTP/1.1 400"),
        (b"GET /ws/trade HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n", b"HTTP/1.1 400"),
        (b"GET /v1/public/time HTT", None),
        (
            b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1_100_000,
            b"H",
        ),
        (b"HEAD /v1/public/time HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 404"),
    ],
)
async def test_trouble_in_one_connection_is_nobody_elses(
    rig: Rig, autojump_clock: MockClock, junk: bytes, answer: bytes | None
) -> None:
    bystander = await rig.stream()
    stream = await rig.stream()
    await stream.send_all(junk)
    if answer is not None:
        assert (await stream.receive_some()).startswith(answer)
    await stream.aclose()
    status, _ = await ask(bystander, "GET", "/v1/public/status", key=False)
    assert status == 200


async def test_broken_frames_and_vanished_clients_end_their_own_connection(
    rig: Rig, autojump_clock: MockClock
) -> None:
    async with rig.socket("/ws/account") as bystander:
        async with rig.socket("/ws/account") as socket:
            await hear(socket, "AUTHENTICATED")
            await rig.network.streams[-1].send_all(b"\xff\xff\xff\xff")
            assert (await close_reason(socket)).code == 1002
        async with rig.socket("/ws/account") as socket:
            await rig.network.streams[-1].aclose()
        await tell(bystander, type="PING")
        await hear(bystander, "PONG")


async def test_orders_survive_a_new_life_of_the_server_at_the_same_port(
    autojump_clock: MockClock,
) -> None:
    rig = a_rig()
    async with trio.open_nursery() as life:
        await life.start(rig.actor.run)
        port = rig.actor.listening.read()
        async with rig.socket("/ws/account") as account:
            await tell(account, type="PLACE_LIMIT_ORDER", payload=_order())
            await hear(account, "ORDER_PROCESSED")
        life.cancel_scope.cancel()
    assert port is not None
    with pytest.raises(Outage):
        await rig.network.connect("exchange", port)
    await trio.sleep(5)
    async with trio.open_nursery() as life:
        await life.start(rig.actor.run)
        assert rig.actor.listening.read() == port
        _, (row,) = await ask(await rig.stream(), "GET", "/v1/orders/open")
        assert row["price"] == "0.09"
        life.cancel_scope.cancel()


async def test_a_crash_ends_every_session_and_cancels_what_was_armed(
    autojump_clock: MockClock,
) -> None:
    rig = a_rig()
    async with trio.open_nursery() as life:
        await life.start(rig.actor.run)
        async with rig.socket("/ws/account") as account:
            await tell(account, type="CANCEL_ON_DISCONNECT", payload={"cancelOnDisconnect": True})
            await tell(account, type="PLACE_LIMIT_ORDER", payload=_order())
            await hear(account, "ORDER_PROCESSED")
            life.cancel_scope.cancel()
    assert rig.actor.exchange.venue.orders.open_of(DEMO_ACCOUNT.api_key) == []


async def test_it_says_when_the_recording_is_over(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = a_rig(recording=_SNAPSHOT)
    await nursery.start(rig.actor.run)
    await trio.sleep(1.9)
    assert rig.actor.ended.puts == 0
    await trio.sleep(30)
    assert rig.actor.ended.puts == 1


async def test_a_defect_of_the_exchange_is_not_hidden(
    autojump_clock: MockClock,
) -> None:
    # It is read some seconds ahead.
    rig = a_rig(recording=(*_SNAPSHOT, _LATER, b"junk"))
    with pytest.RaisesGroup(pytest.RaisesExc(MalformedRecording, match="bad recording")):
        await rig.actor.run()


async def test_it_serves_over_real_sockets_too() -> None:
    network = TcpNetwork()
    rig = a_rig()
    actor = attrs.evolve(rig.actor, network=network)
    async with trio.open_nursery() as life:
        await life.start(actor.run)
        port = actor.listening.read()
        assert port is not None
        async with await network.connect("127.0.0.1", port) as stream:
            assert await ask(stream, "GET", "/v1/public/status", key=False) == (
                200,
                {"status": "online"},
            )
        life.cancel_scope.cancel()
