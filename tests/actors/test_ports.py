"""The wires' own small promises."""

from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.net.network import Address, TcpNetwork
from actors.ports.facts import FactBoard
from actors.ports.lossless import deliver, drain
from actors.ports.ports import Latest, Wakeup
from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.readiness.lease import Component

DOGE = Pair("DOGEUSDT")


async def test_a_bell_rung_before_anybody_waits_wakes_once() -> None:
    bell = Wakeup()
    bell.ring()
    bell.ring()
    await bell.wait()
    with trio.move_on_after(0) as scope:
        await bell.wait()
    assert scope.cancelled_caught


async def test_a_bell_wakes_whoever_waits(nursery: trio.Nursery) -> None:
    bell, woken = Wakeup(), trio.Event()

    async def wait() -> None:
        await bell.wait()
        woken.set()

    nursery.start_soon(wait)
    await wait_all_tasks_blocked()
    assert not woken.is_set()
    bell.ring()
    await woken.wait()


async def test_a_ring_is_not_lost_when_the_wait_for_it_is_cut_short(
    autojump_clock: MockClock,
) -> None:
    bell = Wakeup()
    with trio.move_on_after(1):
        await bell.wait()
    bell.ring()
    with trio.fail_after(1):
        await bell.wait()


def test_latest_shows_only_the_newest_and_counts_what_nobody_read() -> None:
    slot = Latest[int]()
    for value in (1, 2, 3):
        slot.put(value)
    assert (slot.read(), slot.puts, slot.replaced_unread) == (3, 3, 2)
    slot.put(4)
    assert (slot.read(), slot.read(), slot.replaced_unread) == (4, 4, 2)


def test_latest_withdrawn_shows_nothing_but_remembers_the_last() -> None:
    slot = Latest[int]()
    slot.put(1)
    slot.withdraw()
    assert (slot.read(), slot.last) == (None, 1)


async def test_latest_rings_all_its_bells_when_something_changes() -> None:
    bells = [Wakeup(), Wakeup()]
    slot = Latest[int](*bells)
    changes: tuple[Callable[[], None], ...] = (lambda: slot.put(1), slot.withdraw)
    for change in changes:
        change()
        with trio.fail_after(1):
            for bell in bells:
                await bell.wait()


async def test_latest_withdrawn_twice_rings_once() -> None:
    bell = Wakeup()
    slot = Latest[int](bell)
    slot.withdraw()
    with trio.move_on_after(0) as scope:
        await bell.wait()
    assert scope.cancelled_caught


def test_drain_takes_all_that_waits_and_leaves_the_wire_open() -> None:
    send, receive = trio.open_memory_channel[int](5)
    for number in range(3):
        send.send_nowait(number)
    assert drain(receive) == [0, 1, 2]
    assert drain(receive) == []
    send.send_nowait(9)
    send.close()
    assert drain(receive) == [9]
    assert drain(receive) == []


async def test_deliver_keeps_the_order(autojump_clock: MockClock) -> None:
    send, receive = trio.open_memory_channel[int](2)
    await deliver(send, 1, 5)
    await deliver(send, 2, 5)
    assert drain(receive) == [1, 2]


async def test_deliver_waits_for_a_slow_consumer(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    send, receive = trio.open_memory_channel[int](0)

    async def take_late() -> None:
        await trio.sleep(4)
        await receive.receive()

    nursery.start_soon(take_late)
    await deliver(send, 1, 5)
    assert trio.current_time() == 4


async def test_deliver_gives_up_a_consumer_that_takes_nothing(autojump_clock: MockClock) -> None:
    send, _receive = trio.open_memory_channel[int](0)
    with pytest.raises(Outage, match="nobody takes int for 5 s"):
        await deliver(send, 1, 5)
    assert trio.current_time() == 5


async def test_the_newest_fact_of_each_kind_and_scope_counts(autojump_clock: MockClock) -> None:
    bell = Wakeup()
    board = FactBoard(bell)
    board.affirm(Component.ORDER_BOOK, "in sequence", scope=DOGE, valid_for_s=5)
    board.revoke(Component.ORDER_BOOK, "no snapshot", scope=Pair("BTCUSDT"))
    await bell.wait()
    await trio.sleep(2)
    board.affirm(Component.ORDER_BOOK, "still", scope=DOGE, valid_for_s=5)
    fact = board.facts[Component.ORDER_BOOK, DOGE]
    assert (fact.observed_at, fact.valid_until, fact.evidence) == (2, 7, "still")
    assert (fact.standing(6.9), fact.standing(7)) == (True, False)
    assert not board.facts[Component.ORDER_BOOK, Pair("BTCUSDT")].standing(0)
    assert len(board.facts) == 2
    await bell.wait()


async def test_tcp_connects_to_what_listens(nursery: trio.Nursery) -> None:
    network = TcpNetwork()
    listening = await network.listen("127.0.0.1", 0)

    async def echo(stream: trio.abc.Stream) -> None:
        await stream.send_all(await stream.receive_some())

    await nursery.start(trio.serve_listeners, echo, listening.listeners)
    async with await network.connect("127.0.0.1", listening.port) as stream:
        await stream.send_all(b"hello")
        assert await stream.receive_some() == b"hello"
    nursery.cancel_scope.cancel()


async def test_tcp_without_a_listener_is_an_outage() -> None:
    listening = await TcpNetwork().listen("127.0.0.1", 0)
    for listener in listening.listeners:
        await listener.aclose()
    with pytest.raises(Outage, match="cannot connect"):
        await TcpNetwork().connect("127.0.0.1", listening.port)


async def test_tcp_on_a_taken_port_is_an_outage() -> None:
    listening = await TcpNetwork().listen("127.0.0.1", 0)
    with pytest.raises(Outage, match="cannot listen"):
        await TcpNetwork().listen("127.0.0.1", listening.port)
    for listener in listening.listeners:
        await listener.aclose()


@pytest.mark.parametrize(
    ("port", "tls", "authority"),
    [(443, True, "v"), (80, False, "v"), (80, True, "v:80"), (8080, False, "v:8080")],
)
def test_a_schemes_own_port_is_left_out_of_the_host_header(
    port: int, *, tls: bool, authority: str
) -> None:
    assert Address(host="v", port=port, tls=tls).authority == authority


def test_a_look_by_somebody_who_watches_does_not_count_as_reading() -> None:
    slot = Latest[int]()
    slot.put(1)
    assert slot.peek() == 1
    slot.put(2)
    assert slot.replaced_unread == 1
