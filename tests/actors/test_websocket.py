"""One connection: what arrives, how it ends, and that its end is always found out."""

import contextlib
from collections.abc import Awaitable, Callable, Mapping

import pytest
import trio
from trio.testing import MockClock
from wsproto.events import CloseConnection, Event, Ping, Pong

from actors.net.network import Address
from actors.net.websocket import KeepAlive, SocketClosed, WebSocket, open_websocket
from tests.support.doors import Door
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, serve, silence
from trading.core.errors import Fatal, KeyRefused, Outage, RateLimited
from trading.venues.interface import Handshake

HANDSHAKE = Handshake(path="/ws/trade?x=1", headers=lambda: {"X-KEY": "abc"})


async def accept(peer: Peer) -> None:
    await peer.accept()
    await trio.sleep_forever()


async def test_the_upgrade_asks_for_the_path_and_sends_the_headers(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    asked = []

    async def script(peer: Peer) -> None:
        asked.append(await peer.accept())
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
        pass
    assert asked[0].target == "/ws/trade?x=1"
    assert asked[0].host == f"127.0.0.1:{address.port}"
    assert (b"x-key", b"abc") in [(name.lower(), value) for name, value in asked[0].extra_headers]


async def test_messages_that_are_there_together_are_received_together(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await trio.sleep(1)
        await peer.say("one", "two", "three")
        await trio.sleep(1)
        await peer.say("four")
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        await trio.sleep(1.5)
        assert await websocket.receive_burst() == ["one", "two", "three"]
        assert await websocket.receive_burst() == ["four"]


async def test_what_is_sent_arrives(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    heard = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        heard.append(await peer.hear())

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        await websocket.send("hello")
        await trio.sleep(0.01)
    assert heard == ["hello"]


async def test_bytes_that_are_no_text_are_left_to_the_codec_to_refuse(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.stream.send_all(b"\x82\x02\xff\xfe")  # a binary message
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        assert await websocket.receive_burst() == ["\N{REPLACEMENT CHARACTER}" * 2]


async def test_a_message_in_pieces_is_one_message_and_pings_in_between_are_answered(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    heard = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.stream.send_all(b"\x01\x03one\x89\x02hi")  # a beginning, and a ping
        heard.append(await peer.hear_anything())
        await peer.stream.send_all(b"\x80\x03two\x81\x05three")
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        assert await websocket.receive_burst() == ["onetwo", "three"]
    assert heard == [Pong(payload=b"hi")]


async def test_a_message_beyond_all_measure_ends_the_connection(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.stream.send_all(b"\x81\x7f" + (17 << 20).to_bytes(8, "big"))
        with contextlib.suppress(trio.BrokenResourceError):
            for _ in range(17):
                await peer.stream.send_all(b"x" * (1 << 20))

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        with pytest.raises(SocketClosed, match="1009"):
            await websocket.receive_burst()


async def test_a_close_is_reported_with_its_code_and_reason_after_what_came_before_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept("last words")
        await peer.close(1007, "Request has an invalid signature")
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        assert await websocket.receive_burst() == ["last words"]
        with pytest.raises(SocketClosed) as closed:
            await websocket.receive_burst()
        assert (closed.value.code, closed.value.reason) == (
            1007,
            "Request has an invalid signature",
        )
        with pytest.raises(SocketClosed):
            await websocket.send("too late")


async def test_a_cut_connection_is_reported_as_1006(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.stream.send_all(b"\x81\x7e\x01")  # the beginning of a frame
        await peer.cut()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        with pytest.raises(SocketClosed) as closed:
            await websocket.receive_burst()
        assert closed.value.code == 1006


async def test_a_frame_against_the_protocol_ends_the_connection_for_reader_and_writer(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.stream.send_all(b"\x83\x00")  # an opcode that does not exist
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        with pytest.raises(SocketClosed):
            await websocket.receive_burst()
        with pytest.raises(SocketClosed):
            await websocket.send("too late")


async def test_a_frame_against_the_protocol_from_somebody_who_has_gone_is_an_outage_too(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.stream.send_all(b"\x83\x00")
        await peer.cut()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with raising(Outage):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
            await websocket.receive_burst()


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Fatal), (403, Fatal), (429, Outage), (503, Outage), (302, Outage)]
)
@pytest.mark.parametrize("body", ["", '{"code":-11252}'])
async def test_a_refused_upgrade_says_whether_it_is_about_our_key(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    status: int,
    kind: type[Exception],
    body: str,
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.answer(status, body, "Location: /elsewhere")
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with raising(kind, str(status)):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass
    assert trio.current_time() < 1


async def test_a_refusal_whose_body_ends_with_the_connection_is_still_a_refusal(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.stream.send_all(b"HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\ncut sh")
        await peer.cut()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with raising(Fatal, "401"):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, KeyRefused), (403, KeyRefused), (429, RateLimited), (418, RateLimited)],
)
async def test_a_refusal_whose_body_never_comes_is_still_a_refusal(
    nursery: trio.Nursery, autojump_clock: MockClock, status: int, kind: type[Exception]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.stream.send_all(
            f"HTTP/1.1 {status} No\r\nContent-Length: 99\r\nRetry-After: 600\r\n\r\ncut".encode()
        )
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with raising(kind, str(status)):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass


async def test_who_is_turned_away_is_told_for_how_long(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.answer(
            429,
            "",
            "Date: Wed, 21 Oct 2026 07:28:00 GMT",
            "Retry-After: Wed, 21 Oct 2026 07:40:00 GMT",
        )
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with pytest.raises(RateLimited) as limited:
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass
    assert limited.value.retry_after_s == 720.0


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"


async def _early_and_then_accepted(peer: Peer) -> None:
    await peer.stream.send_all(EARLY)
    await peer.accept("hello")
    await trio.sleep_forever()


async def _early_in_pieces_and_then_accepted(peer: Peer) -> None:
    for byte in EARLY:
        await peer.stream.send_all(bytes([byte]))
        await trio.sleep(0.001)
    await _early_and_then_accepted(peer)


@pytest.mark.parametrize("script", [_early_and_then_accepted, _early_in_pieces_and_then_accepted])
async def test_informational_answers_before_the_upgrade_are_passed_over(
    nursery: trio.Nursery, autojump_clock: MockClock, script: Callable[[Peer], Awaitable[None]]
) -> None:
    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        assert await websocket.receive_burst() == ["hello"]


async def test_informational_answers_do_not_hide_a_refusal(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.stream.send_all(EARLY)
        await peer.answer(401)
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with raising(KeyRefused, "401"):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass


@pytest.mark.parametrize("endless", [b"X-Long: y\r\n", b"\r\nHTTP/1.1 103 Early\r\nA: b\r\n"])
async def test_heads_without_end_are_an_outage_before_the_deadline(
    nursery: trio.Nursery, autojump_clock: MockClock, endless: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.stream.send_all(b"HTTP/1.1 103 Early\r\n")
        while True:
            await peer.stream.send_all(endless * 100)

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with raising(Outage, "no answer to the upgrade within 64 KiB"):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass
    assert trio.current_time() < 1


async def test_the_upgrade_is_signed_once_the_connection_stands(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    made = list[float]()

    def headers() -> Mapping[str, str]:
        made.append(trio.current_time())
        return {}

    network = MemoryNetwork()
    address = await serve(nursery, network, accept)
    handshake = Handshake(path="/", headers=headers)
    async with open_websocket(Door(network, slow_s=4), address, handshake, deadline_s=5):
        pass
    assert made == [pytest.approx(4, abs=0.1)]


async def test_text_is_heard_before_a_reset_that_a_sender_meets_first(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.say("you are filled")
        await peer.stream.send_all(b"\x89\x02hi")  # to a ping nobody can answer any more
        await peer.say("and again")
        await peer.close(1007, "Request has an invalid signature")
        await peer.cut()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        await websocket.send("go on")
        await trio.sleep(1)
        with raising(SocketClosed, "1006"):
            await websocket.send("is anybody there?")
        assert await websocket.receive_burst() == ["you are filled", "and again"]
        with raising(SocketClosed, "1007"):
            await websocket.receive_burst()


async def test_text_is_heard_before_a_ping_that_cannot_be_answered(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.say("before")
        await peer.stream.send_all(b"\x89\x02hi")
        await peer.say("after")
        await peer.cut()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        await websocket.send("go on")
        await trio.sleep(1)
        assert await websocket.receive_burst() == ["before", "after"]
        with raising(SocketClosed, "1006"):
            await websocket.receive_burst()


async def test_text_in_pieces_is_heard_before_a_reset_too(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.hear()
        await peer.stream.send_all(b"\x01\x03one\x80\x03two")
        await peer.cut()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        await websocket.send("go on")
        await trio.sleep(1)
        with raising(SocketClosed):
            await websocket.send("is anybody there?")
        assert await websocket.receive_burst() == ["onetwo"]


async def test_an_upgrade_that_is_never_answered_is_an_outage_at_the_deadline(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    network = MemoryNetwork()
    address = await serve(nursery, network, silence)
    with raising(Outage, "no WebSocket within 5 s"):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass
    assert trio.current_time() == pytest.approx(5, abs=0.2)


async def _cut_at_once(peer: Peer) -> None:
    await peer.read_request()


async def _talk_nonsense(peer: Peer) -> None:
    await peer.read_request()
    await peer.stream.send_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


@pytest.mark.parametrize("script", [_cut_at_once, _talk_nonsense])
async def test_a_connection_that_ends_during_the_upgrade_is_an_outage_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock, script: Callable[[Peer], Awaitable[None]]
) -> None:
    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with raising(Outage):
        async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
            pass
    assert trio.current_time() < 1


async def test_nobody_listening_is_an_outage(autojump_clock: MockClock) -> None:
    address = Address(host="127.0.0.1", port=1, tls=False)
    with raising(Outage, "refused"):
        async with open_websocket(MemoryNetwork(), address, HANDSHAKE, deadline_s=5):
            pass


@pytest.mark.parametrize("half_open", [True, False])
async def test_leaving_says_goodbye_and_never_hangs(
    nursery: trio.Nursery, autojump_clock: MockClock, *, half_open: bool
) -> None:
    goodbyes = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        goodbyes.append(await peer.hear_anything())
        if half_open:
            await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5):
        pass
    assert trio.current_time() < 0.2
    assert isinstance(goodbyes[0], CloseConnection)


async def _refuse(peer: Peer) -> None:
    await peer.read_request()
    await peer.answer(503)


async def _close_first(peer: Peer) -> None:
    await peer.accept()
    await peer.close(1001)


@pytest.mark.parametrize("beginning", [_refuse, _close_first, accept, silence])
async def test_no_connection_is_left_open_however_it_went(
    nursery: trio.Nursery, autojump_clock: MockClock, beginning: Callable[[Peer], Awaitable[None]]
) -> None:
    gone = trio.Event()

    async def script(peer: Peer) -> None:
        with trio.move_on_after(1):
            await beginning(peer)
        while await peer.stream.receive_some():
            pass
        gone.set()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    with trio.move_on_after(10):
        try:
            async with open_websocket(network, address, HANDSHAKE, deadline_s=3) as websocket:
                with trio.fail_after(3):
                    await websocket.receive_burst()
        except* (Outage, trio.TooSlowError):
            pass
    with trio.fail_after(3):
        await gone.wait()


async def test_a_half_open_peer_is_found_within_the_interval_and_the_deadline(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        for _ in range(2):
            assert await peer.hear() == "PING"
            await peer.say("PONG")
        await trio.sleep_forever()

    async def listen(websocket: WebSocket, keep_alive: KeepAlive) -> None:
        while True:
            for _ in await websocket.receive_burst():
                keep_alive.answered()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    keep_alive = KeepAlive("PING", 15, 10)
    with raising(Outage, "no answer to a ping within 10 s"):
        async with (
            open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket,
            trio.open_nursery() as inner,
        ):
            inner.start_soon(listen, websocket, keep_alive)
            await keep_alive.run(websocket)
    # Answered at 0 and 15; the ping at 30 is not, and is given up at 40.
    assert trio.current_time() == pytest.approx(40, abs=0.2)


async def test_an_answer_that_takes_long_but_not_too_long_keeps_the_connection(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        while True:
            await peer.hear()
            await trio.sleep(9.9)
            await peer.say("PONG")

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    keep_alive = KeepAlive("PING", 15, 10)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:

        async def listen() -> None:
            while await websocket.receive_burst():
                keep_alive.answered()

        with trio.move_on_after(300) as patience:
            async with trio.open_nursery() as inner:
                inner.start_soon(listen)
                inner.start_soon(keep_alive.run, websocket)
    assert patience.cancelled_caught


async def test_a_ping_by_control_frame_is_answered_by_a_pong_and_told(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        for _ in range(2):
            ping = await peer.hear_anything()
            assert isinstance(ping, Ping)
            await peer.send(ping.response())
        await trio.sleep_forever()

    async def alive() -> None:
        await trio.lowlevel.checkpoint()
        told.append(round(trio.current_time()))

    told = list[int]()
    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    keep_alive = KeepAlive(None, 15, 10, alive)
    with raising(Outage, "no answer to a ping within 10 s"):
        async with (
            open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket,
            trio.open_nursery() as inner,
        ):
            inner.start_soon(websocket.receive_burst)
            await keep_alive.run(websocket)
    assert told == [0, 15]
    assert trio.current_time() == pytest.approx(40, abs=0.2)


async def test_the_pings_of_the_other_side_are_answered_with_their_payload(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    answers = list[Event]()

    async def script(peer: Peer) -> None:
        await peer.accept()
        for payload in (b"", b"1723161254"):
            await peer.send(Ping(payload=payload))
            answers.append(await peer.hear_anything())
        await peer.say("enough")
        await trio.sleep_forever()

    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    async with open_websocket(network, address, HANDSHAKE, deadline_s=5) as websocket:
        assert await websocket.receive_burst() == ["enough"]
    assert [a.payload for a in answers if isinstance(a, Pong)] == [b"", b"1723161254"]
