"""Prices beyond a strategy's own book: fetched with their age, and never made up."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
import trio
from trio.testing import MockClock

from actors.market.custom_price import CustomPriceActor
from actors.market.market_prices import MarketPricesActor
from actors.net.http_client import HttpClient
from actors.ports.ports import Latest
from tests.support.builders import DOGE
from tests.support.doors import Door
from tests.support.lives import begin, until
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, serve, silence
from tests.support.simulated_venue import rest_to, valr
from trading.core.errors import Outage
from trading.core.market import MarketPrices, SeenPrices
from trading.strategies.interface import ReferencePrice

D = Decimal
Script = Callable[[Peer], Awaitable[None]]


def answering(status: int, *bodies: str) -> Script:
    """Each connection gets the next body, the last one again and again."""

    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.answer(status, bodies[min(peer.number, len(bodies)) - 1])

    return script


async def custom(
    nursery: trio.Nursery, script: Script, interval_s: float = 5.0
) -> CustomPriceActor:
    network = MemoryNetwork()
    address = await serve(nursery, network, script)
    return CustomPriceActor(
        client=HttpClient(network, answer_deadline_s=3.0),
        url=f"http://127.0.0.1:{address.port}/doge?in=usdt",
        interval_s=interval_s,
        price=Latest(),
    )


async def test_a_custom_price_is_asked_for_again_and_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    actor = await custom(nursery, answering(200, "0.15\n", "0.16"))
    began = trio.current_time()
    await begin(nursery, actor)
    await until(actor.price.read)
    assert actor.price.read() == ReferencePrice(D("0.15"), began)
    await until(lambda: actor.price.puts == 2)
    assert actor.price.read() == ReferencePrice(D("0.16"), began + 5.0)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, "cheap", "not a plain decimal number"),
        (200, "NaN", "not a plain decimal number"),
        (200, "0", "not above 0"),
        (200, "9" * 1000, "not a plain decimal number"),
        (302, "0.15", "status 302"),
        (500, "", "status 500"),
    ],
)
async def test_what_is_no_price_is_an_outage_and_shows_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock, status: int, body: str, message: str
) -> None:
    actor = await custom(nursery, answering(status, body))
    with pytest.raises(Outage, match=message):
        await actor.run()
    assert actor.price.read() is None


async def test_an_address_that_says_nothing_is_an_outage(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    actor = await custom(nursery, silence)
    began = trio.current_time()
    with raising(Outage):
        await actor.run()
    assert trio.current_time() - began == 3.0


SUMMARY = (
    '{"currencyPair":"DOGEUSDT","askPrice":"0.16","bidPrice":"0.14","lastTradedPrice":"0",'
    '"previousClosePrice":"0","baseVolume":"0","quoteVolume":"0","highPrice":"0","lowPrice":"0",'
    '"created":"2026-01-01T00:00:00Z","changeFromPrevious":"0","markPrice":"0.15"}'
)


async def test_a_markets_prices_are_those_that_it_has(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    network = MemoryNetwork()
    address = await serve(nursery, network, answering(200, SUMMARY))
    actor = MarketPricesActor(
        venue=valr(),
        rest=rest_to(address, Door(network)),
        pair=DOGE,
        interval_s=5.0,
        prices=Latest[SeenPrices](),
    )
    began = trio.current_time()
    await begin(nursery, actor)
    await until(actor.prices.read)
    assert actor.prices.read() == SeenPrices(
        MarketPrices(best_bid=D("0.14"), best_ask=D("0.16"), last_trade=None), began
    )
