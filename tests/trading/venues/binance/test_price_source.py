"""A strategy on VALR that quotes around a price of Binance's."""

from decimal import Decimal

import pytest
import trio
from trio.testing import MockClock

from config.source.problems import ConfigurationProblems
from engine.control.protocol import Ask
from tests.engine.test_status import asked
from tests.support.scripted_server import serve
from tests.support.whole_engine import DOGE, Rig, paper_settings, start_rig
from tests.trading.venues.binance.scripted_binance import ScriptedBinance

STRATEGY = "strategies.doge"
URL = "http://127.0.0.1:40302"
AROUND_BINANCE = (
    f"{STRATEGY}.price_source=external_market",
    f"{STRATEGY}.price_source_exchange=binance",
    f"{STRATEGY}.price_source_exchange_url={URL}",
    f"{STRATEGY}.price_age_max=10",
)


def gates(rig: Rig) -> list[str]:
    decision = rig.system.wires.strategies[DOGE].decision.read()
    return [] if decision is None else [gate.code for gate in decision.gates]


async def test_its_mid_price_is_quoted_around_and_quotes_go_when_it_lapses(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    exchange = ScriptedBinance("DOGEUSDT")
    # As dear as on the simulated VALR, so that the quotes rest.
    exchange.bids, exchange.asks = {"0.0990": "1"}, {"0.1010": "1"}
    rig = await start_rig(nursery, *AROUND_BINANCE, f"{STRATEGY}.price_source_market=DOGE-USDT")
    await serve(nursery, rig.network, exchange.rest, port=40_302)
    await rig.until(rig.quoting, within_s=60)
    assert set(exchange.asked) == {"/api/v3/ticker/24hr?symbol=DOGEUSDT"}
    seen = rig.system.wires.strategies[DOGE].other_market.peek()
    assert seen is not None
    assert (seen.prices.best_bid, seen.prices.best_ask) == (Decimal("0.0990"), Decimal("0.1010"))
    exchange.away = True
    await rig.until(lambda: not rig.quoting(), within_s=20)
    assert "price_lapsed" in gates(rig)


async def test_a_pair_that_the_other_venue_has_not_is_named_as_the_cause(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, *AROUND_BINANCE, f"{STRATEGY}.price_source_market=DOGE-USD")
    await serve(nursery, rig.network, ScriptedBinance("DOGEUSDT").rest, port=40_302)
    await trio.sleep(20)
    side = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"]["buy"]
    [gate] = [gate for gate in side["gates"] if gate["code"] == "price_unknown"]
    assert "Invalid symbol" in gate["inputs"]["last error"]
    assert "engine doctor CONFIG" in gate["opening"]["words"]
    assert "prices of DOGEUSD for doge: asked again in" in gate["opening"]["words"]


def test_a_pair_of_another_venue_may_have_the_name_of_the_one_that_is_traded() -> None:
    market = f"{STRATEGY}.price_source_market=DOGE-USDT"
    strategy = paper_settings(*AROUND_BINANCE, market).strategies[DOGE]
    # What another venue lists is not for the traded venue's rules to say.
    assert not strategy.other_pairs
    with pytest.raises(ConfigurationProblems, match="is the pair that is traded"):
        paper_settings(*AROUND_BINANCE[:1], market)


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (
            (f"{STRATEGY}.price_source_exchange=kraken",),
            '"kraken" is not known',
        ),
        (
            (
                f"{STRATEGY}.price_source_exchange=valr",
                f"{STRATEGY}.price_source_exchange_url={URL}",
            ),
            "another venue only",
        ),
        (
            (
                f"{STRATEGY}.price_source_exchange=binance",
                f"{STRATEGY}.price_source_exchange_url=http://api.binance.com",
            ),
            "prices would come without encryption, so that anybody on the way could change them",
        ),
        (("venue.kind=binance",), "there is only market data of Binance here"),
        (("venue.kind=binance", "venue.book_feed=fast"), "known here: depth, depth@100ms"),
    ],
)
def test_what_cannot_be_is_said_before_anything_starts(
    overrides: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(ConfigurationProblems, match=problem):
        paper_settings(*overrides)
