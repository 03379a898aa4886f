"""Capture, books and prices of a venue that speaks as Binance does, over a memory network."""

from collections.abc import Sequence

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.market.order_book import OrderBookActor
from actors.market.trade_socket import TradeSocketActor
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from actors.ports.facts import FactBoard
from actors.ports.ports import Latest
from config.load.loading import load_market
from config.source.files import WithoutFile
from engine.environment.venue_connection import public_counterparty, simulated_rules
from engine.process.exit_codes import ExitCode
from engine.recording.capture import Capture, CaptureSummary
from engine.system.running import StopRequest
from tests.support.links import LinkedNetwork
from tests.support.scripted_server import serve
from tests.support.whole_engine import simulated_world
from tests.trading.venues.binance.scripted_binance import ScriptedBinance
from trading.core.identifiers import Pair
from trading.core.market import TopOfBook, Trade
from trading.messages.market import BookNews
from trading.recorded.audit import RecordingAudit
from trading.recorded.report import Feed, FeedReport, RecordingReport
from trading.venues.binance.book_rules import RULES
from trading.venues.binance.codec import decode_market
from trading.venues.binance.venue import Binance
from trading.venues.rate_limits import RateBudget

BTC = Pair("BTCUSDT")
REST, SOCKETS = 40_300, 40_301


@attrs.define
class Lines:
    """A file in memory."""

    lines: list[str] = attrs.field(factory=list)

    def write(self, line: str) -> None:
        self.lines.append(line)

    def flush(self) -> None:
        pass

    def audited(self) -> RecordingReport:
        audit = RecordingAudit(decode_market, RULES)
        for line in self.lines:
            audit.take(line.removesuffix("\n").encode())
        return audit.report()


async def served(nursery: trio.Nursery, network: LinkedNetwork, exchange: ScriptedBinance) -> None:
    await serve(nursery, network, exchange.rest, port=REST)
    await serve(nursery, network, exchange.streams, port=SOCKETS)


async def captured(
    nursery: trio.Nursery, exchange: ScriptedBinance, pairs: Sequence[Pair] = (BTC,)
) -> tuple[CaptureSummary, RecordingReport, Lines]:
    """A minute of the exchange, as `engine recording capture` writes it down."""
    world = attrs.evolve(simulated_world(5), network=LinkedNetwork())
    assert isinstance(world.network, LinkedNetwork)
    await served(nursery, world.network, exchange)
    market = load_market(
        "none",
        (
            "venue.kind=binance",
            f"venue.rest_url=http://127.0.0.1:{REST}",
            f"venue.websocket_url=ws://127.0.0.1:{SOCKETS}",
        ),
        dict(simulated_rules()),
        files=WithoutFile(),
    )
    party = public_counterparty(market, world)
    capture = Capture(party=party, settings=market.venue, pairs=pairs, duration_s=60)
    file = Lines()
    summary = await capture.run(world, file, StopRequest())
    nursery.cancel_scope.cancel()
    return summary, file.audited(), file


def book_of(report: RecordingReport) -> FeedReport:
    [book] = [one for one in report.feeds if one.feed is Feed.L1]
    return book


async def test_a_capture_holds_the_snapshot_and_is_clean(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    exchange = ScriptedBinance("BTCUSDT")
    summary, report, file = await captured(nursery, exchange)
    assert report.clean, report
    book = book_of(report)
    assert (book.snapshots, book.gaps) == (1, 0)
    assert book.frames == pytest.approx(600, abs=5)
    assert (summary.exit_code, summary.restarts, summary.malformed) == (ExitCode.OK, 0, 0)
    assert summary.venue == f"Binance at 127.0.0.1:{SOCKETS}"
    assert [line for line in file.lines if '"btcusdt@snapshot"' in line]
    # Its two pings were answered, and ours, every 15 s, by it.
    assert exchange.pongs == 2


async def test_a_snapshot_that_took_long_is_overtaken_by_changes_and_still_begins_the_book(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    _, report, _ = await captured(nursery, ScriptedBinance("BTCUSDT", rest_lag_s=0.75))
    assert report.clean, report
    assert book_of(report).early >= 7


async def test_a_change_that_is_lost_is_found_in_the_recording(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    _, report, _ = await captured(nursery, ScriptedBinance("BTCUSDT", lose=frozenset({300})))
    assert not report.clean
    assert book_of(report).gaps == 1


async def test_a_symbol_that_binance_does_not_know_ends_a_capture(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    summary, _, _ = await captured(nursery, ScriptedBinance("BTCUSDT"), (BTC, Pair("BTCUSD")))
    assert summary.exit_code is ExitCode.CONFIGURATION
    assert summary.ended_by == "the venue has no order book feed for BTCUSD"


@attrs.frozen(kw_only=True)
class Book:
    """A book that is kept by the engine's own actors."""

    top: Latest[TopOfBook]

    def of(self, exchange: ScriptedBinance) -> bool:
        """Whether it is the exchange's."""
        top = self.top.read()
        if top is None or top.sequence != exchange.last_update:
            return False
        bids = {f"{level.price}": f"{level.quantity}" for level in top.bids}
        asks = {f"{level.price}": f"{level.quantity}" for level in top.asks}
        return (bids, asks) == (exchange.bids, exchange.asks)


async def followed(nursery: trio.Nursery, exchange: ScriptedBinance) -> Book:
    network = LinkedNetwork()
    rest_at = await serve(nursery, network, exchange.rest)
    sockets_at = await serve(nursery, network, exchange.streams)
    venue = Binance("depth@100ms")
    gate = RateGate(RateBudget(venue.rate_limits()))
    rest = VenueRest(venue, network, lambda: rest_at, answer_deadline_s=10, gate=gate)
    socket = VenueSocket(
        venue=venue,
        network=network,
        address=lambda: sockets_at,
        connect_deadline_s=10,
        ping_interval_s=15,
        pong_deadline_s=10,
        rest=rest,
        gate=gate,
    )
    send, receive = trio.open_memory_channel[BookNews](100)
    renew, renewals = trio.open_memory_channel[Pair](1)
    top = Latest[TopOfBook]()
    book = OrderBookActor(
        pair=BTC,
        rules=venue.book_rules,
        changes=receive,
        top=top,
        renewals=renew,
        facts=FactBoard(),
        depth=1_000,
        lease_s=30,
        snapshot_deadline_s=10,
    )
    trade_socket = TradeSocketActor(
        socket=socket,
        changes={BTC: send},
        renewals=renewals,
        order_types={},
        last_trades={BTC: Latest[Trade]()},
        consumer_deadline_s=5,
    )
    await nursery.start(book.run)
    await nursery.start(trade_socket.run)
    return Book(top=top)


@pytest.mark.parametrize("rest_lag_s", [0.0, 0.03, 0.75])
async def test_the_book_that_is_kept_is_the_exchanges(
    nursery: trio.Nursery, autojump_clock: MockClock, rest_lag_s: float
) -> None:
    exchange = ScriptedBinance("BTCUSDT", rest_lag_s=rest_lag_s)
    book = await followed(nursery, exchange)
    await trio.sleep(60.05)
    assert book.of(exchange)
    assert exchange.snapshots == 1
    assert exchange.pongs == 3
    nursery.cancel_scope.cancel()


async def test_after_a_gap_a_fresh_snapshot_is_asked_for_and_the_stream_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    exchange = ScriptedBinance("BTCUSDT", lose=frozenset({100, 400}))
    book = await followed(nursery, exchange)
    for _ in range(2):
        await trio.sleep(30.05)
        assert book.of(exchange)
    assert exchange.snapshots == 3
    nursery.cancel_scope.cancel()
