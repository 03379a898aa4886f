"""Whole plain text frames are read without wsproto: nobody can tell the difference."""

import contextlib
import functools
import itertools

import attrs
import pytest
import trio
import trio.testing
import trio_websocket
import wsproto
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trio.testing import MemorySendStream, MockClock
from typing_extensions import override
from wsproto.events import AcceptConnection, Event

from actors.net import websocket
from actors.net.network import Address
from actors.net.plain_texts import PlainTexts
from trading.core.errors import Outage
from trading.venues.interface import Handshake

Connection = websocket._Connection  # noqa: SLF001

MESSAGE_BYTES_MAX = 70_000
EDGES = (0, 1, 2, 124, 125, 126, 127, 300, 65_535, 65_536)
CHARACTERS = ("x", "\N{EURO SIGN}", "\N{GRINNING FACE}", "\0")
NO_TEXT = (b"\xff", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80", b"abc\xf5")
ADDRESS = Address(host="127.0.0.1", port=1, tls=False)


class Reference(Connection):
    """Reads all with wsproto, and all of a read before the first message of it is handled."""

    @override
    async def _take(self, data: bytes) -> None:
        if self._head is not None:
            data = b"".join(self._head.take(data))
            if self._head.found:
                self._head = None
        if not data:
            return
        self._wsproto.receive_data(data)
        for event in self._wsproto.events():
            if self.closed is not None and self.closed.code == 1009:
                break
            with contextlib.suppress(trio_websocket.ConnectionClosed):
                await self._handle(event)


def frame(
    opcode: int, payload: bytes = b"", *, first: int = 0x80, mask: int = 0, length: int = 0
) -> bytes:
    """A frame. ``first`` has FIN and RSV, ``length`` how many bytes a length is to have."""
    size = len(payload)
    if size > 65_535 or length == 8:
        head = bytes([mask | 127]) + size.to_bytes(8, "big")
    elif size > 125 or length == 2:
        head = bytes([mask | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([mask | size])
    return bytes([first | opcode]) + head + (bytes(4) if mask else b"") + payload


def fragments(kind: int, pieces: list[bytes], between: bytes, *, whole: bool) -> bytes:
    """A message in pieces, with control frames between them."""
    opcodes = (kind, *(0 for _ in pieces[1:]))
    frames = [frame(op, piece, first=0) for op, piece in zip(opcodes, pieces, strict=True)]
    return between.join([*frames, *([frame(0)] if whole else [])])


sizes = st.sampled_from(EDGES) | st.integers(0, 400)
payloads = st.builds(
    lambda size, character: (character * size)[: size // len(character.encode())].encode(),
    sizes,
    st.sampled_from(CHARACTERS),
)
short = st.binary(max_size=6)
texts = payloads.map(lambda payload: frame(1, payload))
controls = st.builds(frame, st.sampled_from([9, 10]), short)
closes = st.sampled_from([b"", b"\x03\xe8", b"\x03\xe8bye", b"\x03", b"\x03\xed", b"\x0f\xa0\xff"])
in_fragments = st.builds(
    fragments,
    st.sampled_from([1, 2]),
    st.lists(payloads | st.sampled_from(NO_TEXT), min_size=1, max_size=4),
    controls | st.just(b""),
    whole=st.booleans(),
)
odd = st.builds(
    frame,
    st.integers(0, 15),
    payloads | st.sampled_from(NO_TEXT),
    first=st.sampled_from([0x80, 0x80, 0, 0xC0, 0x90]),
    mask=st.sampled_from([0, 0, 0x80]),
    length=st.sampled_from([0, 0, 2, 8]),
)
frames = st.one_of(
    texts,
    texts,
    controls,
    in_fragments,
    payloads.map(lambda payload: frame(2, payload)),
    closes.map(lambda payload: frame(8, payload)),
    st.sampled_from(NO_TEXT).map(lambda payload: frame(1, payload)),
    odd,
)
cuts = st.lists(st.tuples(st.integers(0, 12), st.integers(-3, 12) | st.integers(0, 66_000)))


@attrs.define
class Course:
    """What became of a connection: after each read, and what was answered on the wire."""

    messages: list[str] = attrs.field(factory=list)
    end: str = ""
    after_reads: list[tuple[int, str]] = attrs.field(factory=list)
    answers: list[Event] = attrs.field(factory=list)


async def asked(theirs: trio.abc.ReceiveStream) -> tuple[wsproto.WSConnection, bytes]:
    """The server's side of an upgrade that was asked for, and what it answers."""
    server = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
    server.receive_data(bytes(await theirs.receive_some()))
    assert len(list(server.events())) == 1
    return server, server.send(AcceptConnection())


async def heard(server: wsproto.WSConnection, stream: trio.abc.ReceiveStream) -> list[Event]:
    """All that was answered."""
    answers = b""
    while more := await stream.receive_some():
        answers += more
    if answers:
        server.receive_data(answers)
    return list(server.events())


async def course(kind: type[Connection], data: bytes, places: list[int], *, deaf: bool) -> Course:
    """
    What becomes of a connection to a server that sends this after the request.

    Args:
        places: Where the reads are cut, counted from the end of the answer's head.
        deaf: Nothing can be sent to the server after the request.
    """
    ours, theirs = trio.testing.memory_stream_pair()
    connection = kind(ours, ADDRESS, Handshake(path="/", headers=dict))
    seen = Course()

    async def listen() -> None:
        try:
            await connection.upgrade()
            while True:
                seen.messages += await websocket.WebSocket(connection).receive_burst()
        except Outage as outage:
            seen.end = str(outage)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        server, head = await asked(theirs)
        if deaf:
            await theirs.receive_stream.aclose()
        data = head + data
        bounds = sorted({0, len(data), *(min(max(0, len(head) + at), len(data)) for at in places)})
        for begin, end in itertools.pairwise(bounds):
            await theirs.send_all(data[begin:end])
            await trio.testing.wait_all_tasks_blocked()
            seen.after_reads.append((len(seen.messages), seen.end))
        await theirs.send_eof()
    if not deaf:
        await ours.send_eof()
        seen.answers = await heard(server, theirs)
    return seen


@given(sent=st.lists(frames, max_size=8), places=cuts, deaf=st.booleans())
@example(
    sent=[frame(1, b"a"), frame(9, b"p"), frame(1, b"b")],
    places=[(0, -1), (0, 1), (2, 0)],
    deaf=False,
)
@example(sent=[frame(1, b"a", first=0), frame(1, b"b"), frame(1, b"c")], places=[], deaf=False)
@example(sent=[frame(1, b"a", first=0) + frame(9), frame(1, b"late")], places=[], deaf=False)
@example(sent=[frame(1, b"a", length=2), frame(1, b"late")], places=[], deaf=False)
@example(sent=[frame(1, b"x" * 200, length=8), frame(1, b"late")], places=[], deaf=False)
@example(sent=[frame(1, b"a", mask=0x80), frame(1, b"late")], places=[], deaf=False)
@example(sent=[frame(8, b"\x03\xe8"), frame(1, b"late")], places=[(1, 0)], deaf=False)
@example(
    sent=[frame(1, b"x" * 200), frame(1, b"\xff"), frame(1, b"late")],
    places=[(0, 1), (0, 3)],
    deaf=False,
)
@example(sent=[frame(9), frame(1, b"heard all the same"), frame(8)], places=[], deaf=True)
@settings(deadline=None)
def test_messages_answers_and_end_are_those_of_wsproto_alone(
    sent: list[bytes], places: list[tuple[int, int]], *, deaf: bool
) -> None:
    begins = [sum(map(len, sent[:index])) for index in range(len(sent) + 1)]
    cut = [begins[min(index, len(sent))] + offset for index, offset in places]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(websocket, "_MESSAGE_BYTES_MAX", MESSAGE_BYTES_MAX)
        ours, reference = (
            trio.run(
                functools.partial(course, kind, b"".join(sent), cut, deaf=deaf),
                clock=MockClock(autojump_threshold=0),
            )
            for kind in (Connection, Reference)
        )
    assert ours == reference


@given(st.lists(texts | controls | in_fragments, max_size=8), st.lists(st.integers(1, 70_000)))
def test_every_byte_is_in_one_part_and_at_once(sent: list[bytes], steps: list[int]) -> None:
    data, reader, at = b"".join(sent), PlainTexts(), 0
    for step in (*steps, len(data)):
        reader.feed(data[at : at + step])
        parts = b"".join(
            b"".join(frame(1, text.encode()) for text in part) if isinstance(part, list) else part
            for part in reader.parts()
        )
        assert parts == data[at : at + step]
        at += step


def test_whole_texts_do_not_go_through_wsproto() -> None:
    reader = PlainTexts()
    reader.feed(frame(1, b"one") + frame(9) + frame(1, b"x" * 126) + frame(1, b"cut")[:-1])
    assert list(reader.parts()) == [["one"], frame(9), ["x" * 126], frame(1, b"cut")[:-1]]
    reader.feed(b"t" + frame(1, b"four"))
    assert list(reader.parts()) == [b"t", ["four"]]
    long = frame(1, b"x" * 300)
    for head in (long[:1], long[:3], long[:4]):
        reader.feed(head)
        assert list(reader.parts()) == [head]
        reader.feed(long[len(head) :] + frame(1, b"next"))
        assert list(reader.parts()) == [long[len(head) :], ["next"]]


async def test_what_came_with_a_ping_is_heard_although_its_answer_was_interrupted(
    autojump_clock: MockClock,
) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    connection = Connection(ours, ADDRESS, Handshake(path="/", headers=dict))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.upgrade)
        _, head = await asked(theirs)
        await theirs.send_all(head)
    assert isinstance(ours.send_stream, MemorySendStream)
    ours.send_stream.send_all_hook = trio.sleep_forever
    await theirs.send_all(frame(9) + frame(1, b"with it") + frame(1, b"in two")[:-1])
    with trio.move_on_after(1):
        await websocket.WebSocket(connection).receive_burst()
    await theirs.send_all(b"o")
    assert await websocket.WebSocket(connection).receive_burst() == ["with it", "in two"]
