"""The venue's two sockets, against a server that says exactly what a test wants."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import msgspec
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.account.account_socket import AccountSocketActor
from actors.market.trade_socket import TradeSocketActor
from actors.ports.facts import FactBoard
from actors.ports.lossless import Lossless, drain
from actors.ports.ports import Actor, Latest
from actors.ports.tap import Tap
from tests.support.builders import BTC, DOGE
from tests.support.doors import Door
from tests.support.lives import begin, until
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, serve, silence
from tests.support.simulated_venue import socket_to, valr
from trading.core.errors import Fatal, MalformedFrame, Outage
from trading.core.identifiers import Pair
from trading.core.market import Balance, Trade
from trading.messages.account import (
    AccountSessionLost,
    AccountSessionOpened,
    CancelRefused,
    NewsGarbled,
    OpenOrdersListed,
    OrderNews,
)
from trading.messages.market import BookGarbled, BookNews
from trading.messages.sockets import Heartbeat
from trading.readiness.lease import Component, Fact
from trading.recorded.noted import AccountFrame, MarketFrame

AUTHENTICATED = '{"type":"AUTHENTICATED"}'
PONG = '{"type":"PONG"}'
CANCEL_FAILED = '{"type":"FAILED_CANCEL_ORDER","data":{"orderId":"o1","message":"gone"}}'
NO_ORDERS = '{"type":"OPEN_ORDERS_UPDATE","data":[]}'

Script = Callable[[Peer], Awaitable[None]]


def balance(available: str) -> str:
    data = {
        "currency": {"shortName": "USDT"},
        "available": available,
        "reserved": "0",
        "total": available,
        "updatedAt": "2026-09-01T00:00:00.000Z",
    }
    return msgspec.json.encode({"type": "BALANCE_UPDATE", "data": data}).decode()


def snapshot(pair: Pair, sequence: int) -> str:
    data = {"lc": 0, "a": [["2", "1"]], "b": [["1", "1"]], "sq": sequence, "cs": 1}
    return msgspec.json.encode({"type": "OB_L1_SNAPSHOT", "ps": pair, "d": data}).decode()


@attrs.define
class Account:
    """An account socket's ports and its address."""

    requests: Lossless[str] = attrs.field(factory=lambda: Lossless.of(0))
    news: Lossless[OrderNews] = attrs.field(factory=lambda: Lossless.of(20))
    balances: Lossless[Balance] = attrs.field(factory=lambda: Lossless.of(20))
    session: Latest[AccountSessionOpened] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)

    async def actor(self, nursery: trio.Nursery, script: Script) -> AccountSocketActor:
        network = MemoryNetwork()
        address = await serve(nursery, network, script)
        return AccountSocketActor(
            venue=valr(),
            socket=socket_to(address, Door(network)),
            requests=self.requests.receive,
            news=self.news.send,
            session=self.session,
            balances=self.balances.send,
            facts=self.facts,
            consumer_deadline_s=5,
        )

    @property
    def fact(self) -> Fact:
        return self.facts.facts[Component.USER_STREAM, None]


@attrs.define
class Market:
    """A trade socket's ports and its address."""

    books: dict[Pair, Lossless[BookNews]] = attrs.field(
        factory=lambda: {DOGE: Lossless.of(3), BTC: Lossless.of(3)}
    )
    renewals: Lossless[Pair] = attrs.field(factory=lambda: Lossless.of(2))
    order_types: dict[Pair, Latest[frozenset[str]]] = attrs.field(factory=lambda: {DOGE: Latest()})
    last_trades: dict[Pair, Latest[Trade]] = attrs.field(factory=lambda: {DOGE: Latest()})

    async def actor(self, nursery: trio.Nursery, script: Script) -> TradeSocketActor:
        network = MemoryNetwork()
        address = await serve(nursery, network, script)
        return TradeSocketActor(
            socket=socket_to(address, Door(network)),
            changes={pair: wire.send for pair, wire in self.books.items()},
            renewals=self.renewals.receive,
            order_types=self.order_types,
            last_trades=self.last_trades,
            consumer_deadline_s=5,
        )

    def heard(self, pair: Pair) -> list[int | type[Heartbeat | BookGarbled]]:
        """Sequence numbers, signs of life and nonsense, in order."""
        messages = drain(self.books[pair].receive)
        return [type(m) if isinstance(m, Heartbeat | BookGarbled) else m.sequence for m in messages]


def saying(*texts: str, then: Callable[[Peer], Awaitable[Any]] | None = None) -> Script:
    """A script that says some things in one breath, and answers pings from then on."""

    async def script(peer: Peer) -> None:
        await peer.accept(*texts)
        if then is not None:
            await then(peer)
            return
        while True:
            if "PING" in await peer.hear():
                await peer.say(PONG)

    return script


async def leave(peer: Peer) -> None:
    """Stay for five seconds, then go without a word."""
    await trio.sleep(5)


async def ended(nursery: trio.Nursery, actor: Actor) -> None:
    """Run an actor until it ends by itself."""
    with trio.fail_after(300):
        await actor.run(task_status=trio.TASK_STATUS_IGNORED)


async def test_logging_in_opens_the_session_and_all_of_a_burst_is_handled_in_order(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account()
    script = saying(AUTHENTICATED, balance("1"), CANCEL_FAILED, balance("2"), NO_ORDERS)
    await begin(nursery, await account.actor(nursery, script))
    await trio.sleep(1)
    assert [type(news) for news in drain(account.news.receive)] == [
        AccountSessionLost,
        AccountSessionOpened,
        CancelRefused,
        OpenOrdersListed,
    ]
    assert [str(b.available) for b in drain(account.balances.receive)] == ["1", "2"]
    assert account.session.read() is not None


async def test_the_user_stream_stands_once_logged_in_and_is_renewed_by_every_answered_ping(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account()
    await begin(nursery, await account.actor(nursery, saying(AUTHENTICATED)))
    assert account.fact.evidence == "connecting"
    await trio.sleep(1)
    assert account.fact.valid_until == pytest.approx(35, abs=0.1)
    await trio.sleep(60)
    assert account.fact.valid_until == pytest.approx(60 + 35, abs=0.1)
    assert account.fact.evidence == "the venue answers pings"


async def test_a_session_that_ends_is_reported_lost_to_everybody(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account()
    actor = await account.actor(nursery, saying(AUTHENTICATED, then=leave))
    with raising(Outage, "1006"):
        await ended(nursery, actor)
    assert isinstance(drain(account.news.receive)[-1], AccountSessionLost)
    assert account.session.read() is None


async def test_a_loss_that_cannot_be_told_is_logged_and_hides_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account(news=Lossless.of(2))
    actor = await account.actor(nursery, saying(AUTHENTICATED, then=leave))
    with capture_logs() as logs, raising(Outage, "1006"):
        await ended(nursery, actor)
    assert [e["event"] for e in logs if e["log_level"] == "warning"] == ["account_loss_untold"]


async def test_frames_that_waited_for_a_former_connection_are_dropped(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account, heard = Account(), list[str]()

    async def listen(peer: Peer) -> None:
        while True:
            heard.append(await peer.hear())
            await peer.say(PONG)

    nursery.start_soon(account.requests.send.send, "stale")
    await trio.sleep(1)
    await begin(nursery, await account.actor(nursery, saying(AUTHENTICATED, then=listen)))
    await trio.sleep(1)
    await account.requests.send.send("fresh")
    await trio.sleep(1)
    assert "fresh" in heard
    assert "stale" not in heard


async def test_nothing_is_said_before_the_venue_knows_who_we_are(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account, heard = Account(), list[str]()

    async def listen(peer: Peer) -> None:
        with trio.move_on_after(5):
            heard.append(await peer.hear())
        assert heard == []
        await peer.say(AUTHENTICATED)
        heard.append(await peer.hear())
        await trio.sleep_forever()

    await begin(nursery, await account.actor(nursery, saying(then=listen)))
    await trio.sleep(6)
    assert "CANCEL_ON_DISCONNECT" in heard[0]


async def test_without_a_login_in_time_it_is_an_outage(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    actor = await Account().actor(nursery, saying(then=silence))
    with raising(Outage, "no login within 10 s"):
        await ended(nursery, actor)
    assert trio.current_time() == pytest.approx(10, abs=0.5)


async def test_a_trade_socket_whose_login_is_not_confirmed_asks_all_the_same_and_says_so_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """What is told there is public."""
    market, heard = Market(), list[tuple[str, float]]()

    async def listen(peer: Peer) -> None:
        heard.append((await peer.hear(), trio.current_time()))
        await peer.say(snapshot(DOGE, 7))
        while True:
            await peer.hear()
            await peer.say(PONG)

    with capture_logs() as logs:
        await begin(nursery, await market.actor(nursery, saying(then=listen)))
        await trio.sleep(30)
    [(first, at)] = heard
    assert "SUBSCRIBE" in first
    assert at == pytest.approx(10, abs=0.5)
    assert 7 in market.heard(DOGE)
    warnings = [entry for entry in logs if entry["log_level"] == "warning"]
    assert [(w["event"], w["socket"]) for w in warnings] == [("login_unconfirmed", "trade")]


async def test_a_trade_socket_whose_login_is_confirmed_asks_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    heard = list[float]()

    async def listen(peer: Peer) -> None:
        await peer.hear()
        heard.append(trio.current_time())
        await trio.sleep_forever()

    with capture_logs() as logs:
        actor = await Market().actor(nursery, saying(AUTHENTICATED, then=listen))
        await begin(nursery, actor)
        await trio.sleep(5)
    assert heard == [pytest.approx(0, abs=0.5)]
    assert not [entry for entry in logs if entry["log_level"] == "warning"]


async def test_a_close_about_the_signature_is_fatal(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def close(peer: Peer) -> None:
        await peer.close(1007, "Request has an invalid signature")
        await trio.sleep_forever()

    with raising(Fatal, "refused our key"):
        await ended(nursery, await Account().actor(nursery, saying(then=close)))


async def test_what_came_before_a_reset_is_told_before_the_loss(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """The gateway's own frame may meet the reset before the listener has read what came."""
    account = Account()

    async def reset(peer: Peer) -> None:
        await peer.hear()
        await peer.say(AUTHENTICATED, CANCEL_FAILED)
        await peer.cut()

    with raising(Outage, "1006"):
        await ended(nursery, await account.actor(nursery, saying(AUTHENTICATED, then=reset)))
    told = [type(news) for news in drain(account.news.receive)]
    assert told[-2:] == [CancelRefused, AccountSessionLost]


async def test_any_other_close_is_an_outage(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    async def close(peer: Peer) -> None:
        await peer.close(1001, "going away")
        await trio.sleep_forever()

    with raising(Outage, "1001: going away"):
        await ended(nursery, await Account().actor(nursery, saying(AUTHENTICATED, then=close)))


async def test_a_ping_without_an_answer_is_an_outage(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    deaf = saying(AUTHENTICATED, then=silence)
    with raising(Outage, "no answer to a ping within 10 s"):
        await ended(nursery, await Account().actor(nursery, deaf))
    assert trio.current_time() == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize("frame", ["{", "[]", '{"type":"FAILED_CANCEL_ORDER"}'])
async def test_a_malformed_account_frame_is_told_to_the_gateway_and_the_session_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock, frame: str
) -> None:
    account = Account()
    script = saying(AUTHENTICATED, frame, CANCEL_FAILED)
    with capture_logs() as logs:
        await begin(nursery, await account.actor(nursery, script))
        await trio.sleep(60)
    assert [e["event"] for e in logs if e["log_level"] == "warning"] == ["malformed_frame"]
    told = [type(news) for news in drain(account.news.receive)[-2:]]
    assert told == [NewsGarbled, CancelRefused]


async def test_an_account_stream_full_of_nonsense_is_not_listened_to(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account()
    with raising(MalformedFrame):
        await ended(nursery, await account.actor(nursery, saying(AUTHENTICATED, *["{"] * 3)))
    assert isinstance(drain(account.news.receive)[-1], AccountSessionLost)


ABOUT_DOGE = (
    '{"type":"OB_L1_DIFF","ps":"DOGEUSDT","d":{"lc":0,"a":[["0","1"]],"b":[],"sq":8,"cs":1}}'
)


@pytest.mark.parametrize(("frame", "others"), [(ABOUT_DOGE, []), ("{", [BookGarbled])])
async def test_a_malformed_market_frame_is_told_to_the_book_it_is_about_or_else_to_all(
    nursery: trio.Nursery, autojump_clock: MockClock, frame: str, others: list[type[BookGarbled]]
) -> None:
    market = Market()
    script = saying(AUTHENTICATED, snapshot(DOGE, 7), frame)
    with capture_logs() as logs:
        await begin(nursery, await market.actor(nursery, script))
        await trio.sleep(1)
    assert [e["event"] for e in logs if e["log_level"] == "warning"] == ["malformed_frame"]
    assert market.heard(DOGE)[:2] == [7, BookGarbled]
    assert [m for m in market.heard(BTC) if m is BookGarbled] == others


async def test_what_the_venue_complains_of_or_we_do_not_know_is_logged_and_survived(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account()
    complaint, novelty = '{"type":"ERROR","message":"tut"}', '{"type":"NOVELTY","data":1}'
    script = saying(AUTHENTICATED, complaint, novelty, CANCEL_FAILED)
    with capture_logs() as logs:
        await begin(nursery, await account.actor(nursery, script))
        await trio.sleep(60)
    warnings = {entry["event"]: entry for entry in logs if entry["log_level"] == "warning"}
    assert warnings.keys() == {"venue_complaint", "unrecognised_message"}
    assert warnings["venue_complaint"]["message"] == "tut"
    assert warnings["unrecognised_message"]["kind"] == "NOVELTY"
    assert isinstance(drain(account.news.receive)[-1], CancelRefused)


async def test_a_consumer_that_takes_no_news_is_an_outage(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account(balances=Lossless.of(1))
    script = saying(AUTHENTICATED, balance("1"), balance("2"))
    with raising(Outage, "nobody takes Balance for 5 s"):
        await ended(nursery, await account.actor(nursery, script))


async def test_one_subscription_asks_for_all_pairs(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    heard = list[str]()

    async def listen(peer: Peer) -> None:
        heard.append(await peer.hear())
        await trio.sleep_forever()

    await begin(nursery, await Market().actor(nursery, saying(AUTHENTICATED, then=listen)))
    await until(lambda: heard)
    subscriptions = msgspec.json.decode(heard[0])["subscriptions"]
    assert all(wanted["pairs"] == [DOGE, BTC] for wanted in subscriptions)


async def test_a_renewal_unsubscribes_waits_for_all_pairs_and_subscribes_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    market, heard = Market(), list[str]()

    async def listen(peer: Peer) -> None:
        heard.append(await peer.hear())
        market.renewals.send.send_nowait(BTC)
        while len(heard) < 2:
            # Pings are heard in between.
            heard.extend(text for text in [await peer.hear()] if "SUBSCRIBE" in text)
        for pair in (DOGE, BTC):
            await peer.say(f'{{"type":"UNSUBSCRIBED","message":"OB_L1_DIFF:{pair}"}}')
        while len(heard) < 3:
            heard.extend(text for text in [await peer.hear()] if "SUBSCRIBE" in text)
        await trio.sleep_forever()

    await begin(nursery, await market.actor(nursery, saying(AUTHENTICATED, then=listen)))
    await until(lambda: len(heard) == 3)
    wanted = [msgspec.json.decode(text)["subscriptions"] for text in heard[1:]]
    assert wanted == [
        [{"event": "OB_L1_DIFF", "pairs": []}],
        [{"event": "OB_L1_DIFF", "pairs": [DOGE, BTC]}],
    ]


async def test_a_pair_whose_feed_is_refused_gets_the_next_best(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    heard = list[str]()

    async def listen(peer: Peer) -> None:
        await peer.hear()
        complaint = f"Channel OB_L1_DIFF, pair {BTC} combination invalid"
        await peer.say(msgspec.json.encode({"type": "ERROR", "message": complaint}).decode())
        while not heard:
            heard.extend(text for text in [await peer.hear()] if "SUBSCRIBE" in text)
        await trio.sleep_forever()

    await begin(nursery, await Market().actor(nursery, saying(AUTHENTICATED, then=listen)))
    await until(lambda: heard)
    assert msgspec.json.decode(heard[0])["subscriptions"] == [
        {"event": "FULL_ORDERBOOK_UPDATE", "pairs": [BTC]}
    ]


async def test_changes_go_to_their_pairs_book_in_order_and_unknown_pairs_nowhere(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    market = Market()
    script = saying(
        AUTHENTICATED,
        snapshot(DOGE, 1),
        snapshot(BTC, 7),
        snapshot(Pair("ETHZAR"), 9),
        snapshot(DOGE, 2),
        then=silence,
    )
    await begin(nursery, await market.actor(nursery, script))
    await trio.sleep(1)
    assert market.heard(DOGE) == [1, 2]
    assert market.heard(BTC) == [7]


async def test_a_sign_of_life_goes_to_every_book(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    market = Market()
    await begin(nursery, await market.actor(nursery, saying(AUTHENTICATED)))
    await trio.sleep(16)
    assert market.heard(DOGE) == market.heard(BTC) == [Heartbeat, Heartbeat]


async def test_a_book_that_does_not_take_its_changes_is_an_outage(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    changes = [snapshot(BTC, number) for number in range(4)]
    with raising(Outage, "nobody takes BookSnapshot for 5 s"):
        await ended(nursery, await Market().actor(nursery, saying(AUTHENTICATED, *changes)))


async def test_a_frame_is_noted_for_the_recording_before_it_is_decoded(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tap = Tap(10, lambda: 99)
    actor = await Market().actor(nursery, saying("{nonsense", snapshot(DOGE, 1)))
    await begin(nursery, attrs.evolve(actor, tap=tap))
    await trio.sleep(1)
    noted = [entry.text for entry in tap.take() if isinstance(entry, MarketFrame)]
    assert noted == ["{nonsense", snapshot(DOGE, 1)]
    nursery.cancel_scope.cancel()


async def test_the_account_s_frames_are_noted_in_both_directions(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    tap, account = Tap(10, lambda: 99), Account()
    actor = await account.actor(nursery, saying(AUTHENTICATED, balance("7")))
    await begin(nursery, attrs.evolve(actor, tap=tap))
    await account.requests.send.send("an order")
    await trio.sleep(1)
    noted = [entry for entry in tap.take() if isinstance(entry, AccountFrame)]
    assert [entry.text for entry in noted if not entry.sent] == [
        *(AUTHENTICATED, balance("7"), PONG)
    ]
    opening, order = [entry.text for entry in noted if entry.sent]
    assert "CANCEL_ON_DISCONNECT" in opening
    assert order == "an order"
    nursery.cancel_scope.cancel()
