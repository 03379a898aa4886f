"""What is asked of the venue again and again: the account's balances, the pairs' rules."""

import attrs
import msgspec
import pytest
import trio
import trio.testing
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.account.account import AccountActor
from actors.market.trading_rules import TradingRulesActor
from actors.net.venue_rest import VenueRest
from actors.ports.facts import FactBoard
from actors.ports.lossless import Lossless, drain
from actors.ports.ports import JournalBatch, Latest, Wakeup
from tests.support.builders import BTC, DOGE, a_balance
from tests.support.doors import Door
from tests.support.lives import begin, until
from tests.support.memory_network import MemoryNetwork
from tests.support.raising import raising
from tests.support.scripted_server import Peer, serve
from tests.support.simulated_venue import SimulatedVenue, rest_to, valr
from trading.account.account import AccountView
from trading.core.errors import Outage
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument
from trading.core.market import Balance
from trading.journal.entries import BalanceRecorded
from trading.readiness.lease import Component

USDT = Currency("USDT")


async def serve_bodies(nursery: trio.Nursery, bodies: dict[str, object]) -> VenueRest:
    """A REST server that answers each path with what a test may change; ``None`` for nothing."""

    async def script(peer: Peer) -> None:
        path = (await peer.read_request()).split(" ")[1]
        if (body := bodies.get(path, ALL_TYPES)) is not None:
            await peer.answer(200, msgspec.json.encode(body).decode())

    network = MemoryNetwork()
    return rest_to(await serve(nursery, network, script), Door(network))


def listed_balance(available: str, updated_at: str = "2026-09-01T00:00:10Z") -> dict[str, str]:
    return {
        "currency": "USDT",
        "available": available,
        "reserved": "0",
        "total": available,
        "updatedAt": updated_at,
    }


ALL_TYPES = [
    {"currencyPair": pair, "orderTypes": ["LIMIT_POST_ONLY", "LIMIT", "MARKET"]}
    for pair in ("DOGEUSDT", "BTCUSDT")
]
TYPES_PATH = "/v1/public/ordertypes"
FEES_PATH, BALANCES_PATH, PAIRS_PATH = (
    "/v1/account/fees/trade",
    "/v1/account/balances",
    "/v1/public/pairs",
)
FEES = [{"currencyPair": "DOGEUSDT", "makerPercentage": "0", "takerPercentage": "0.1"}]
AT_10_S = 1_788_220_810_000


@attrs.define
class Account:
    rest: VenueRest
    wire: Lossless[Balance] = attrs.field(factory=lambda: Lossless.of(20))
    view: Latest[AccountView] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)
    ledger: Lossless[JournalBatch] = attrs.field(factory=lambda: Lossless.of(20))

    @property
    def actor(self) -> AccountActor:
        return AccountActor(
            venue=valr(),
            rest=self.rest,
            changes=self.wire.receive,
            view=self.view,
            facts=self.facts,
            ledger=self.ledger.send,
            refresh_s=30,
            fees_refresh_s=60,
            lease_s=90,
        )

    @property
    def usdt(self) -> str:
        view = self.view.read()
        return "" if view is None else str(view.balances[USDT].available)


async def test_the_first_list_is_the_view_and_the_fact(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    account = Account(site.rest)
    await begin(nursery, account.actor)
    await trio.sleep(1)
    assert account.usdt == "1000"
    view = account.view.read()
    assert view is not None
    assert str(view.fees[DOGE].taker) == "0.001"
    fact = account.facts.facts[Component.ACCOUNT_BALANCE, None]
    assert fact.holds
    assert fact.valid_until == pytest.approx(90, abs=0.1)


async def test_at_the_beginning_of_a_life_nothing_is_known(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    account = Account(site.rest)
    life = await begin(nursery, account.actor)
    await trio.sleep(1)
    await life.end()
    account.wire.send.send_nowait(a_balance("USDT", "7", AT_10_S * 2))
    site.rest_door.silent = True
    await begin(nursery, account.actor)
    assert account.view.read() is None
    assert not account.facts.facts[Component.ACCOUNT_BALANCE, None].holds
    site.heal()
    await trio.sleep(1)


async def test_of_the_list_and_the_stream_the_newer_word_on_a_currency_stands(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    account = Account(
        await serve_bodies(nursery, {FEES_PATH: FEES, BALANCES_PATH: [listed_balance("100")]})
    )
    await begin(nursery, account.actor)
    await trio.sleep(1)
    for available, at_ms, expected in (("90", -1, "100"), ("80", 0, "80"), ("70", 1, "70")):
        account.wire.send.send_nowait(a_balance("USDT", available, AT_10_S + at_ms))
        await trio.sleep(1)
        assert account.usdt == expected
    await trio.sleep(60)  # the list, read again, is older than what the stream said last
    assert account.usdt == "70"


async def test_the_list_is_read_again_and_renews_the_lease_which_the_stream_does_not(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {FEES_PATH: FEES, BALANCES_PATH: [listed_balance("100")]}
    account = Account(await serve_bodies(nursery, bodies))
    await begin(nursery, account.actor)
    await trio.sleep(20)
    account.wire.send.send_nowait(a_balance("USDT", "50", AT_10_S))
    await trio.sleep(1)
    fact = account.facts.facts[Component.ACCOUNT_BALANCE, None]
    assert fact.valid_until == pytest.approx(90, abs=0.1)
    bodies[BALANCES_PATH] = [listed_balance("40", "2026-09-01T00:00:20Z")]
    await trio.sleep(10)
    assert account.usdt == "40"
    fact = account.facts.facts[Component.ACCOUNT_BALANCE, None]
    assert fact.valid_until == pytest.approx(120, abs=0.1)


async def test_fees_that_change_are_shown_when_they_are_asked_for_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {FEES_PATH: FEES, BALANCES_PATH: [listed_balance("100")]}
    account = Account(await serve_bodies(nursery, bodies))
    await begin(nursery, account.actor)
    await trio.sleep(1)
    bodies[FEES_PATH] = [{**FEES[0], "takerPercentage": "0.3"}]
    for asked, taker in ((False, "0.001"), (True, "0.003")):
        await trio.sleep(30)
        view = account.view.read()
        assert view is not None
        assert str(view.fees[DOGE].taker) == taker, asked


@pytest.mark.parametrize("body", [None, "no list", {}])
async def test_without_a_list_of_balances_the_life_ends(
    nursery: trio.Nursery, autojump_clock: MockClock, body: object
) -> None:
    rest = await serve_bodies(nursery, {FEES_PATH: FEES, BALANCES_PATH: body})
    with raising(Outage):
        await Account(rest).actor.run()


async def test_a_list_that_cannot_be_read_any_more_ends_no_life_and_holds_up_no_change(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {FEES_PATH: FEES, BALANCES_PATH: [listed_balance("100")]}
    account = Account(await serve_bodies(nursery, bodies))
    await begin(nursery, account.actor)
    await trio.sleep(1)
    bodies[BALANCES_PATH] = "no list"
    with capture_logs() as logs:
        await trio.sleep(300)
    assert [e["event"] for e in logs if e["log_level"] == "warning"] == ["balances_unread"]
    account.wire.send.send_nowait(a_balance("USDT", "50", AT_10_S))
    await trio.sleep(0.1)
    assert account.usdt == "50"
    fact = account.facts.facts[Component.ACCOUNT_BALANCE, None]
    assert not fact.standing(trio.current_time()), "a lease that the stream does not renew"
    bodies[BALANCES_PATH] = [listed_balance("40", "2026-09-01T00:00:20Z")]
    await trio.sleep(30.1)
    assert account.usdt == "40"
    fact = account.facts.facts[Component.ACCOUNT_BALANCE, None]
    assert fact.standing(trio.current_time())


def listed_pair(pair: Pair, tick: str = "0.00001", *, active: bool = True) -> dict[str, object]:
    return {
        "symbol": pair,
        "baseCurrency": pair[:-4],
        "quoteCurrency": "USDT",
        "shortName": pair,
        "active": active,
        "minBaseAmount": "4",
        "maxBaseAmount": "500000",
        "minQuoteAmount": "0.5",
        "maxQuoteAmount": "200000",
        "tickSize": tick,
        "baseDecimalPlaces": "0",
    }


@attrs.define
class Rules:
    rest: VenueRest
    slots: dict[Pair, Latest[Instrument]] = attrs.field(
        factory=lambda: {DOGE: Latest(), BTC: Latest()}
    )
    facts: FactBoard = attrs.field(factory=FactBoard)
    bell: Wakeup = attrs.field(factory=Wakeup)
    refresh_s: float = 60
    types: dict[Pair, Latest[frozenset[str]]] = attrs.field(init=False)
    doubted: Latest[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.types = {DOGE: Latest(self.bell), BTC: Latest(self.bell)}
        self.doubted = Latest(self.bell)

    @property
    def actor(self) -> TradingRulesActor:
        return TradingRulesActor(
            venue=valr(),
            rest=self.rest,
            order_types=self.types,
            bell=self.bell,
            instruments=self.slots,
            facts=self.facts,
            doubted={DOGE: self.doubted},
            refresh_s=self.refresh_s,
            lease_s=300,
        )

    def evidence(self, pair: Pair) -> tuple[bool, str]:
        fact = self.facts.facts[Component.TRADING_RULES, pair]
        return fact.holds, fact.evidence


async def test_the_rules_of_each_traded_pair_are_shown_and_vouched_for(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rules = Rules(site.rest)
    await begin(nursery, rules.actor)
    await trio.sleep(1)
    instrument = rules.slots[DOGE].read()
    assert instrument is not None
    assert str(instrument.tick_size) == "0.00001"
    assert rules.evidence(DOGE)[0]
    assert rules.evidence(BTC)[0]
    assert rules.facts.facts[Component.SYMBOLS_MAPPING, None].evidence == "2 pairs listed"


async def test_a_pair_that_is_suspended_is_withdrawn_and_one_that_returns_is_shown_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {PAIRS_PATH: [listed_pair(DOGE)]}
    rules = Rules(await serve_bodies(nursery, bodies))
    with capture_logs() as logs:
        await begin(nursery, rules.actor)
        await trio.sleep(1)
        assert rules.evidence(BTC) == (False, "the venue does not list it")
        bodies[PAIRS_PATH] = [listed_pair(DOGE, active=False)]
        await trio.sleep(60)
        assert rules.slots[DOGE].read() is None
        assert rules.evidence(DOGE) == (False, "the pair is not active")
        bodies[PAIRS_PATH] = [listed_pair(DOGE)]
        await trio.sleep(60)
    assert rules.slots[DOGE].read() is not None
    assert rules.evidence(DOGE)[0]
    assert [e["event"] for e in logs if e.get("pair") == DOGE] == [
        "trading_rules",
        "pair_not_tradable",
        "trading_rules",
    ]


async def test_only_rules_that_changed_are_shown_anew(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {PAIRS_PATH: [listed_pair(DOGE)]}
    rules = Rules(await serve_bodies(nursery, bodies))
    await begin(nursery, rules.actor)
    await trio.sleep(100)
    assert rules.slots[DOGE].puts == 1
    assert rules.facts.facts[Component.TRADING_RULES, DOGE].valid_until == pytest.approx(360, abs=1)
    bodies[PAIRS_PATH] = [listed_pair(DOGE, "0.0001")]
    await trio.sleep(60)
    instrument = rules.slots[DOGE].read()
    assert instrument is not None
    assert str(instrument.tick_size) == "0.0001"


async def test_without_the_list_of_pairs_the_life_ends_and_the_rules_stay_until_they_lapse(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {PAIRS_PATH: [listed_pair(DOGE)]}
    rules = Rules(await serve_bodies(nursery, bodies))

    async def fall_silent() -> None:
        await trio.sleep(30)
        bodies[PAIRS_PATH] = None

    nursery.start_soon(fall_silent)
    with raising(Outage):
        await rules.actor.run()
    assert rules.slots[DOGE].read() is not None
    assert rules.evidence(DOGE)[0]


async def test_a_pair_that_takes_no_post_only_orders_any_more_is_withdrawn_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    rules = Rules(site.rest)
    await begin(nursery, rules.actor)
    await trio.sleep(1)
    rules.types[DOGE].put(frozenset({"MARKET"}))
    await trio.testing.wait_all_tasks_blocked()
    assert rules.slots[DOGE].read() is None
    assert rules.evidence(DOGE) == (
        False,
        "the pair takes no post-only orders: it takes MARKET",
    )
    assert rules.slots[BTC].read() is not None
    rules.types[DOGE].put(frozenset({"MARKET", "LIMIT_POST_ONLY"}))
    await trio.testing.wait_all_tasks_blocked()
    assert rules.evidence(DOGE)[0]


async def test_what_was_said_counts_for_more_than_a_list_that_may_be_a_minute_old(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {PAIRS_PATH: [listed_pair(DOGE)]}
    rules = Rules(await serve_bodies(nursery, bodies))
    await begin(nursery, rules.actor)
    await trio.sleep(30)
    rules.types[DOGE].put(frozenset())
    await trio.sleep(40)  # a look has read the old list meanwhile
    assert rules.evidence(DOGE) == (
        False,
        "the pair takes no post-only orders: it takes no orders at all",
    )
    await trio.sleep(60)
    assert rules.evidence(DOGE)[0]


async def test_a_pair_that_takes_no_quotes_from_the_start_is_never_shown(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    types = [{"currencyPair": "DOGEUSDT", "orderTypes": ["LIMIT"]}]
    bodies: dict[str, object] = {PAIRS_PATH: [listed_pair(DOGE)], TYPES_PATH: types}
    rules = Rules(await serve_bodies(nursery, bodies))
    await begin(nursery, rules.actor)
    await trio.sleep(1)
    assert rules.slots[DOGE].read() is None
    assert rules.evidence(DOGE) == (
        False,
        "the pair takes no post-only orders: it takes LIMIT",
    )


async def test_balances_are_posted_when_they_differ_and_one_at_a_time(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    account = Account(site.rest)
    await begin(nursery, account.actor)
    await trio.sleep(1)
    (posting,) = drain(account.ledger.receive)
    listed = [entry.balance for entry in posting.entries if isinstance(entry, BalanceRecorded)]
    assert listed
    assert all(balance.total for balance in listed)  # what was never held is not worth a row
    await trio.sleep(100)  # the list is looked at again and says the same
    assert drain(account.ledger.receive) == []
    for at in (1, 1, 2):
        await account.wire.send.send(a_balance("USDT", str(900 + at), AT_10_S * 2 + at))
        await trio.sleep(1)
    posted = [posting.entries for posting in drain(account.ledger.receive)]
    assert [
        [str(e.balance.available) for e in p if isinstance(e, BalanceRecorded)] for p in posted
    ] == [["901"], ["902"]]


async def test_a_ledger_that_is_behind_holds_up_no_balance_and_gets_the_newest_later(
    nursery: trio.Nursery, autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    account = Account(site.rest)
    account.ledger = Lossless.of(1)
    await begin(nursery, account.actor)
    await trio.sleep(1)
    for at in (1, 2):
        await account.wire.send.send(a_balance("USDT", str(900 + at), AT_10_S * 2 + at))
        await trio.sleep(1)
    assert account.usdt == "902"
    drain(account.ledger.receive)
    await account.wire.send.send(a_balance("DOGE", "7", AT_10_S * 2 + 3))
    await trio.sleep(1)
    (posting,) = drain(account.ledger.receive)
    assert {
        (str(e.balance.currency), str(e.balance.available))
        for e in posting.entries
        if isinstance(e, BalanceRecorded)
    } == {("USDT", "902"), ("DOGE", "7")}


async def test_doubted_rules_are_read_at_once_and_again_later_if_that_did_not_help(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bodies: dict[str, object] = {PAIRS_PATH: [listed_pair(DOGE)]}
    rules = Rules(await serve_bodies(nursery, bodies), refresh_s=1e6)
    await begin(nursery, rules.actor)
    await trio.sleep(10)
    waited = []
    for n in range(4):
        rules.doubted.put(f"Minimum order size not met, time {n}")
        bodies[PAIRS_PATH] = [listed_pair(DOGE, "0.0001")]
        waited.append(round(await until(lambda: not rules.doubted.read(), within_s=60)))
        instrument = rules.slots[DOGE].read()
        assert instrument is not None
        assert str(instrument.tick_size) == "0.0001"
    assert waited == [0, 20, 40, 40]
    await trio.sleep(300)
    rules.doubted.put("much later")
    assert await until(lambda: not rules.doubted.read()) < 1
