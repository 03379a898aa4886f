"""The doctor, visited with every illness: each has its own verdict, and its own cure."""

import contextlib
import os
import ssl
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock
from typing_extensions import override

from actors.net.network import Listening
from engine.alerts.delivery import INSTALL, NO_APPRISE, NOT_UNDERSTOOD
from engine.doctor.context import examine, new_examination
from engine.doctor.doctor import STEPS
from engine.doctor.findings import Finding, Verdict, exit_code
from engine.doctor.machine import RealMachine
from engine.environment.venue_connection import counterparty
from engine.environment.world import real_world
from engine.process.exit_codes import ExitCode
from engine.storage.ledger_database import open_to_write
from tests.config.loaded import KEYS, LIVE, loaded
from tests.support.doctor_rig import LIMITS, Visit, WellMachine, verdicts
from tests.support.doors import Door
from tests.support.scripted_server import Peer, Script, serve, silence
from tests.support.simulated_venue import (
    QUIET_EXCHANGE,
    serve_exchange,
)
from tests.trading.venues.binance.scripted_binance import ScriptedBinance
from trading.core.errors import Outage
from trading.core.identifiers import Currency, Pair
from trading.venues.valr.permissions import Permission
from trading.venues.valr.rules import RateLimits
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings

OK, WARNING, FAILURE, SKIPPED = Verdict.OK, Verdict.WARNING, Verdict.FAILURE, Verdict.SKIPPED
DOGEUSDT, BTCUSDT = Pair("DOGEUSDT"), Pair("BTCUSDT")
BTC = [
    f"strategies.btc.{setting}"
    for setting in (
        *('kind="pure_market_making"', 'pair="BTC-USDT"', "order_amount=0.0003"),
        *('bid_spread="1 %"', 'ask_spread="1 %"', "order_refresh_time=15"),
        *("limits.max_order_notional=200", "limits.min_base_holding=0"),
        *("limits.max_base_holding=40000", "limits.min_quote_holding=0"),
        *("limits.max_daily_loss=50", "limits.max_drawdown=50"),
    )
]


class Taken(Door):
    """A network on which nobody else can listen."""

    @override
    async def listen(self, host: str, port: int) -> Listening:
        raise Outage("somebody has it")


VisitTo = Callable[..., Awaitable[Visit]]


@pytest.fixture
def visit_to(nursery: trio.Nursery, tmp_path: Path) -> VisitTo:
    """Makes a visit to an engine that trades with an exchange of these settings."""

    async def make(exchange: ExchangeSettings | None = None) -> Visit:
        began_at = trio.current_time()
        venue = await serve_exchange(nursery, exchange or with_account())
        return Visit(venue=venue, folder=tmp_path, began_at=began_at)

    return make


def with_account(
    *,
    permissions: tuple[Permission, ...] = DEMO_ACCOUNT.permissions,
    addresses: str | None = "203.0.113.7/32",
    balances: Mapping[Currency, Decimal] = DEMO_ACCOUNT.balances,
) -> ExchangeSettings:
    """A quiet exchange with an account whose key is bound to an address, as it should be."""
    account = attrs.evolve(
        DEMO_ACCOUNT, permissions=permissions, addresses=addresses, balances=balances
    )
    return attrs.evolve(QUIET_EXCHANGE, accounts=(account,))


def the_only_trouble(findings: Mapping[str, Finding], step: str) -> Finding:
    assert set(verdicts(findings)) == {step}
    return findings[step]


async def test_a_well_engine_has_nothing_but_fine_verdicts(visit_to: VisitTo) -> None:
    findings = await (await visit_to()).findings()
    assert list(findings) == [step.name for step in STEPS]
    assert verdicts(findings) == {}
    assert exit_code(list(findings.values())) is ExitCode.OK
    assert "203.0.113.7/32 only" in findings["key permissions"].evidence
    assert "DOGEUSDT 0.0" in findings["trade socket"].evidence


async def test_no_order_is_placed_and_none_is_armed_to_be_cancelled(visit_to: VisitTo) -> None:
    visit = await visit_to()
    await visit.findings()
    exchange = visit.venue.exchange
    assert exchange.venue.orders.open_of(DEMO_ACCOUNT.api_key) == []
    assert list(exchange.venue.orders.closed_of(DEMO_ACCOUNT.api_key)) == []


async def test_a_name_that_does_not_resolve_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.machine = WellMachine(unknown_hosts=frozenset({"localhost"}))
    visit.overrides = [f"venue.websocket_url=ws://localhost:{visit.venue.address.port}"]
    findings = await visit.findings()
    assert findings["names"].verdict is FAILURE
    assert "localhost does not resolve: Name or service not known" in findings["names"].evidence
    alone = {"price sources", "rate limits", "ports", "disk", "ledger", "conformance", "alerts"}
    assert {step for step, verdict in verdicts(findings).items() if verdict is SKIPPED} == set(
        findings
    ) - {"names", *alone}
    assert findings["connections"].evidence == "it rests on: names"


async def test_a_connection_that_is_refused_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    door = Door(visit.venue.network)
    visit.network, door.refuses = door, True
    findings = await visit.findings()
    assert findings["names"].verdict is OK
    assert findings["connections"].verdict is FAILURE
    assert "connection refused" in findings["connections"].evidence
    assert findings["clock"].verdict is SKIPPED
    assert findings["disk"].verdict is OK


async def test_a_venue_that_takes_connections_and_says_nothing_is_told(
    visit_to: VisitTo, autojump_clock: MockClock
) -> None:
    visit = await visit_to()
    door = Door(visit.venue.network)
    visit.network, door.silent = door, True
    findings = await visit.findings()
    assert findings["connections"].verdict is OK
    assert "no whole answer within 10 s" in findings["venue status"].evidence
    assert findings["signature"].verdict is SKIPPED


@pytest.mark.parametrize("off_s", [-5.0, 5.0])
async def test_a_clock_that_is_off_is_told_and_not_taken_for_a_wrong_key(
    visit_to: VisitTo, off_s: float
) -> None:
    visit = await visit_to(attrs.evolve(with_account(), timestamp_window_ms=1000))
    visit.clock_off_s = off_s
    found = the_only_trouble(await visit.findings(), "clock")
    assert found.verdict is FAILURE
    assert "this machine's clock is" in found.evidence
    assert "NTP" in found.cure
    assert found.code is ExitCode.TRY_AGAIN  # what `engine run` ends with


async def test_a_read_only_venue_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.venue.exchange.set_read_only(True)
    found = the_only_trouble(await visit.findings(), "venue status")
    assert found.verdict is FAILURE
    assert "read-only" in found.evidence


async def test_a_wrong_key_and_a_wrong_secret_have_cures_of_their_own(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.api_key = "ab" * 32
    unknown = (await visit.findings())["signature"]
    visit.api_key, visit.api_secret = DEMO_ACCOUNT.api_key, "cd" * 32
    findings = await visit.findings()
    unsigned = findings["signature"]
    assert (unknown.verdict, unsigned.verdict) == (FAILURE, FAILURE)
    assert unknown.code is unsigned.code is ExitCode.KEY_OR_PERMISSION
    assert "venue.credentials.api_key with" in unknown.cure
    assert "venue.credentials.api_secret with" in unsigned.cure
    assert findings["pairs"].verdict is OK
    assert findings["balances"].verdict is SKIPPED
    assert exit_code(list(findings.values())) is ExitCode.KEY_OR_PERMISSION
    assert visit.api_secret not in str(findings)


@pytest.mark.parametrize(
    ("permissions", "overrides", "verdict", "said"),
    [
        ((Permission.VIEW,), (), FAILURE, "may not trade"),
        ((*DEMO_ACCOUNT.permissions, Permission.WITHDRAW), (), FAILURE, "may withdraw money"),
        (
            (*DEMO_ACCOUNT.permissions, Permission.WITHDRAW),
            ("venue.allow_withdraw_permission=true",),
            WARNING,
            "which the configuration allows",
        ),
        (
            (*DEMO_ACCOUNT.permissions, Permission.TRANSFER),
            (),
            WARNING,
            "trading needs no Internal Transfer",
        ),
    ],
)
async def test_a_key_that_may_do_too_little_or_too_much_is_told(
    visit_to: VisitTo,
    permissions: tuple[Permission, ...],
    overrides: tuple[str, ...],
    verdict: Verdict,
    said: str,
) -> None:
    visit = await visit_to(with_account(permissions=permissions))
    visit.overrides = overrides
    found = the_only_trouble(await visit.findings(), "key permissions")
    assert found.verdict is verdict
    assert said in found.evidence
    wanted = ExitCode.KEY_OR_PERMISSION if verdict is FAILURE else ExitCode.OK
    assert found.code is wanted


async def test_a_key_that_works_from_anywhere_is_a_warning(visit_to: VisitTo) -> None:
    visit = await visit_to(with_account(addresses=None))
    found = the_only_trouble(await visit.findings(), "key permissions")
    assert found.verdict is WARNING
    assert "works from any address" in found.evidence
    assert "bound to this machine's address" in found.cure


async def test_a_pair_that_ended_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.venue.exchange.deactivate(DOGEUSDT, 0.0)
    findings = await visit.findings()
    assert findings["pairs"].verdict is FAILURE
    assert findings["pairs"].code is ExitCode.TRY_AGAIN  # it may be traded again at any time
    assert "DOGEUSDT is not active" in findings["pairs"].evidence
    assert findings["trade socket"].verdict is SKIPPED
    assert findings["account socket"].verdict is OK


async def test_a_pair_that_rests_keeps_nobody_from_trading_the_others(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.overrides = BTC
    visit.venue.exchange.deactivate(BTCUSDT, 0.0)
    found = the_only_trouble(await visit.findings(), "pairs")
    assert found.verdict is WARNING
    assert "BTCUSDT is not active; only DOGEUSDT would be traded" in found.evidence


async def test_limits_that_shut_both_sides_for_ever_are_told(visit_to: VisitTo) -> None:
    # The account holds more of both currencies than it may: neither side can ever begin.
    held = {Currency("DOGE"): Decimal(400), Currency("USDT"): Decimal(100)}
    visit = await visit_to(with_account(balances=held))
    visit.overrides = [f"{LIMITS}.max_base_holding=420", f"{LIMITS}.max_quote_holding=50"]
    found = the_only_trouble(await visit.findings(), "balances")
    assert found.verdict is FAILURE
    assert "doge (buy): 440 DOGE would be held, max_base_holding is 420" in found.evidence
    assert "USDT would be held, max_quote_holding is 50" in found.evidence


async def test_limits_that_shut_one_side_are_a_warning(visit_to: VisitTo) -> None:
    held = {Currency("DOGE"): Decimal(410), Currency("USDT"): Decimal(100)}
    visit = await visit_to(with_account(balances=held))
    visit.overrides = [f"{LIMITS}.max_base_holding=420"]
    found = the_only_trouble(await visit.findings(), "balances")
    assert found.verdict is WARNING
    assert "doge (buy): 450 DOGE would be held, max_base_holding is 420" in found.evidence


async def test_an_order_beyond_its_limit_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.overrides = [f"{LIMITS}.max_order_notional=1"]
    found = the_only_trouble(await visit.findings(), "balances")
    assert found.verdict is FAILURE
    assert "max_order_notional is 1" in found.evidence


async def test_a_port_that_somebody_else_has_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.network = Taken(visit.venue.network)
    visit.overrides = ["engine.metrics_port=9465"]
    found = the_only_trouble(await visit.findings(), "ports")
    assert found.verdict is FAILURE
    assert "9465 cannot be had: somebody has it" in found.evidence
    visit.network = None
    visit.overrides = ["engine.metrics_port=9464"]
    assert (await visit.findings())["ports"].evidence == "9464 is free"


async def test_a_pair_without_post_only_orders_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.venue.exchange.allow(DOGEUSDT, ("LIMIT", "MARKET"), 0.0)
    findings = await visit.findings()
    assert findings["pairs"].verdict is FAILURE
    assert "takes no post-only orders now: it takes LIMIT, MARKET" in findings["pairs"].evidence


async def test_an_amount_below_the_minimum_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.overrides = ["strategies.doge.order_amount=3"]
    findings = await visit.findings()
    assert findings["pairs"].verdict is OK
    assert findings["amounts"].verdict is FAILURE
    assert findings["amounts"].code is ExitCode.CONFIGURATION
    assert "3 DOGE is below DOGEUSDT's minimum of 4 DOGE" in findings["amounts"].evidence
    assert findings["balances"].verdict is SKIPPED


async def test_an_order_that_is_worth_too_little_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.overrides = ["strategies.doge.order_amount=4"]
    found = the_only_trouble(await visit.findings(), "balances")
    assert found.verdict is FAILURE
    assert "below DOGEUSDT's minimum of 0.5 USDT" in found.evidence


@pytest.mark.parametrize(
    ("doge", "usdt", "verdict"),
    [("40", "100", OK), ("39", "100", WARNING), ("40", "10", WARNING), ("39", "10", FAILURE)],
)
async def test_a_balance_that_is_too_low_is_told(
    visit_to: VisitTo, doge: str, usdt: str, verdict: Verdict
) -> None:
    held = {Currency("DOGE"): Decimal(doge), Currency("USDT"): Decimal(usdt)}
    visit = await visit_to(with_account(balances=held))
    findings = await visit.findings()
    assert findings["balances"].verdict is verdict
    # min_quote_holding is 10 USDT: they are there, but not for orders.
    assert "(10 held back)" in findings["balances"].evidence or usdt != "10"


async def logs_nobody_in(peer: Peer) -> None:
    await peer.accept()
    await trio.sleep_forever()


async def tells_no_balance(peer: Peer) -> None:
    await peer.accept('{"type":"AUTHENTICATED"}')
    await trio.sleep_forever()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (silence, "no WebSocket within 10 s"),
        (logs_nobody_in, "no login within 10 s"),
        (tells_no_balance, "logged in, but no balance came within 10 s"),
    ],
)
async def test_an_account_socket_that_is_mute_is_told_by_how_far_it_came(
    visit_to: VisitTo,
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    script: Script,
    said: str,
) -> None:
    visit = await visit_to()
    visit.sockets = (await serve(nursery, visit.venue.network, script)).port
    findings = await visit.findings()
    assert findings["account socket"].verdict is FAILURE
    assert said in findings["account socket"].evidence


async def test_a_socket_that_refuses_the_key_is_told(
    visit_to: VisitTo, nursery: trio.Nursery
) -> None:
    async def refuses(peer: Peer) -> None:
        await peer.accept()
        await peer.close(1007, "Request has an invalid signature")

    visit = await visit_to()
    visit.sockets = (await serve(nursery, visit.venue.network, refuses)).port
    findings = await visit.findings()
    for step in ("trade socket", "account socket"):
        assert findings[step].code is ExitCode.KEY_OR_PERMISSION


async def test_a_book_without_a_snapshot_is_told(
    visit_to: VisitTo, autojump_clock: MockClock
) -> None:
    visit = await visit_to()
    visit.venue.exchange.faults.arm(Fault.MISSING_SNAPSHOT, times=10)
    findings = await visit.findings()
    assert findings["trade socket"].verdict is FAILURE
    assert "no book snapshot within 10 s" in findings["trade socket"].evidence
    assert findings["balances"].verdict is SKIPPED
    assert findings["account socket"].verdict is OK


async def test_used_up_rate_limits_are_told(visit_to: VisitTo, autojump_clock: MockClock) -> None:
    visit = await visit_to(attrs.evolve(with_account(), limits=RateLimits(public_per_minute=0)))
    with trio.fail_after(30):  # nobody waits until the venue wants to be asked again
        findings = await visit.findings()
    assert findings["pairs"].verdict is FAILURE
    assert "fewer requests (429)" in findings["pairs"].evidence
    assert "uses up" in findings["pairs"].cure
    assert findings["rate limits"].verdict is FAILURE
    assert "asked for silence: public for" in findings["rate limits"].evidence
    assert findings["signature"].verdict is OK


async def test_more_orders_than_the_limits_take_at_once_are_a_warning(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.overrides = [
        *("strategies.doge.order_levels=50", 'strategies.doge.order_level_spread="0.1 %"'),
        "strategies.doge.limits.max_base_holding=10000",
        *(
            f"strategies.{name}.{key}"
            for name in ("btc",)
            for key in (
                *('kind="pure_market_making"', 'pair="BTCUSDT"', "order_amount=0.001"),
                *('bid_spread="1 %"', 'ask_spread="1 %"', "order_refresh_time=30"),
                *("order_levels=50", 'order_level_spread="0.1 %"', "limits.max_order_notional=99"),
                *("limits.min_base_holding=0", "limits.max_base_holding=1"),
                *("limits.min_quote_holding=1", "limits.max_daily_loss=1"),
                "limits.max_drawdown=1",
            )
        ),
    ]
    found = (await visit.findings())["rate limits"]
    assert found.verdict is WARNING
    assert "at most 200 orders at once, of 140" in found.evidence


@pytest.mark.parametrize(
    ("times", "verdict"),
    [((0.001, 0.001, 0.3), WARNING), ((2.0, 2.0, 0.1), FAILURE), ((0.01,) * 3, OK)],
)
async def test_a_slow_disk_is_told(
    visit_to: VisitTo, times: tuple[float, ...], verdict: Verdict
) -> None:
    visit = await visit_to()
    visit.machine.times = times
    assert (await visit.findings())["disk"].verdict is verdict


async def test_a_disk_that_takes_nothing_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.machine.disk_error = OSError(28, "No space left on device")
    found = the_only_trouble(await visit.findings(), "disk")
    assert "cannot be written: No space left on device" in found.evidence


async def test_a_sound_ledger_is_left_as_it_is(visit_to: VisitTo, tmp_path: Path) -> None:
    path = tmp_path / "paper" / "ledger.sqlite"
    open_to_write(path).close()
    before = path.read_bytes()
    found = (await (await visit_to()).findings())["ledger"]
    assert found.verdict is OK
    assert "is sound" in found.evidence
    assert path.read_bytes() == before


async def test_a_damaged_ledger_is_told(visit_to: VisitTo, tmp_path: Path) -> None:
    path = tmp_path / "paper" / "ledger.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"this is not a ledger " * 1000)
    found = the_only_trouble(await (await visit_to()).findings(), "ledger")
    assert found.verdict is FAILURE
    assert "file is not a database" in found.evidence


@pytest.mark.parametrize("what", ["paper", "paper/ledger.sqlite"])
async def test_what_is_in_the_place_of_a_ledger_is_told(
    visit_to: VisitTo, tmp_path: Path, what: str
) -> None:
    if what == "paper":
        (tmp_path / what).write_text("no folder")
    else:
        (tmp_path / what).mkdir(parents=True)
    found = (await (await visit_to()).findings())["ledger"]
    assert found.verdict is FAILURE
    assert f"{tmp_path / what} is " in found.evidence


async def test_a_ledger_in_use_is_no_failure(visit_to: VisitTo, tmp_path: Path) -> None:
    path = tmp_path / "paper" / "ledger.sqlite"
    database = open_to_write(path)
    (path.parent / "lock").write_text(f"pid {os.getpid()}, engine paper\n")
    found = (await (await visit_to()).findings())["ledger"]
    database.close()
    assert found.verdict is OK
    assert f"process {os.getpid()} is using it" in found.evidence


async def test_a_certificate_that_nobody_vouches_for_is_told(nursery: trio.Nursery) -> None:
    """Real TLS on this machine, with a certificate of its own making."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parent / "third_party" / "loopback.pem")

    async def handshake(stream: trio.SSLStream[trio.SocketStream]) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            await stream.do_handshake()

    listeners = await trio.open_ssl_over_tcp_listeners(0, context, host="127.0.0.1")
    await nursery.start(trio.serve_listeners, handshake, listeners)
    transport = listeners[0].transport_listener
    assert isinstance(transport, trio.SocketListener)
    port = transport.socket.getsockname()[1]
    settings = loaded(
        LIVE,
        f"venue.rest_url=https://127.0.0.1:{port}",
        f"venue.websocket_url=wss://127.0.0.1:{port}",
        environment=KEYS,
    )
    world = real_world(seed=1)
    examination = new_examination(settings, world, counterparty(settings, world), RealMachine())
    steps = [step for step in STEPS if step.name in {"names", "connections", "encryption"}]
    findings = {found.step: found for found in await examine(examination, steps, lambda _: None)}
    assert verdicts(findings) == {"encryption": FAILURE}
    assert "certificate is not trusted: self" in findings["encryption"].evidence
    assert "do not trade over this network" in findings["encryption"].cure
    nursery.cancel_scope.cancel()


async def test_the_real_machine_resolves_writes_and_looks(tmp_path: Path) -> None:
    machine = RealMachine()
    assert "127.0.0.1" in await machine.addresses("localhost")
    assert min(await machine.write_times(tmp_path)) > 0
    with pytest.raises(FileNotFoundError):
        await machine.ledger_bytes(tmp_path / "none", in_use=False)


TWO = 'alerts.to=[{ env = "TO" }, { env = "MAIL" }]'
BEAT = 'alerts.heartbeat_url={ env = "BEAT" }'
KEPT = {
    "TO": "tgram://SecretToken/42",
    "MAIL": "mailtos://me:SecretWord@host",
    "BEAT": "https://h/x",
}


async def test_messages_that_could_be_sent_are_fine_and_none_is_sent(visit_to: VisitTo) -> None:
    visit = await visit_to()
    assert "nobody is told" in (await visit.findings())["alerts"].evidence
    visit.overrides = [TWO, BEAT]
    visit.machine = WellMachine(environment=KEPT)
    findings = await visit.findings()
    assert verdicts(findings) == {}
    assert findings["alerts"].evidence == (
        "tgram, mailtos, heartbeat_url: readable;"
        " nothing was sent: engine alerts test sends a message"
    )


@pytest.mark.parametrize(
    ("machine", "said", "cure", "code"),
    [
        ({"environment": {}}, "TO is not set", "set it", ExitCode.KEY_OR_PERMISSION),
        (
            {"environment": {**KEPT, "TO": "SecretToken"}},
            "alerts.to: holds no address",
            "put a URL there",
            ExitCode.CONFIGURATION,
        ),
        (
            {"addresses_troubles": {"tgram": NOT_UNDERSTOOD}},
            f"no. 1 of alerts.to: {NOT_UNDERSTOOD}",
            "docs/alerts.md",
            ExitCode.CONFIGURATION,
        ),
        (
            {"addresses_troubles": {"mailtos": f"{NO_APPRISE}: {INSTALL}"}},
            NO_APPRISE,
            INSTALL,
            ExitCode.CONFIGURATION,
        ),
    ],
    ids=["missing", "no address", "not understood", "not installed"],
)
async def test_messages_that_could_not_be_sent_are_told_without_an_address(
    visit_to: VisitTo, machine: dict[str, Any], said: str, cure: str, code: ExitCode
) -> None:
    visit = await visit_to()
    visit.overrides = [TWO, BEAT]
    visit.machine = WellMachine(**{"environment": KEPT, **machine})
    findings = await visit.findings()
    found = the_only_trouble(findings, "alerts")
    assert found.verdict is FAILURE
    assert said in found.evidence
    assert cure in found.cure
    assert "Secret" not in f"{found.evidence} {found.cure}"
    assert exit_code(list(findings.values())) is code


AROUND_BINANCE = (
    "strategies.doge.price_source=external_market",
    "strategies.doge.price_source_exchange=binance",
    "strategies.doge.price_source_exchange_url=http://127.0.0.1:40302",
)


async def around_binance(
    nursery: trio.Nursery, visit: Visit, *overrides: str, bid: str = "0.0999", ask: str = "0.1001"
) -> tuple[Finding, ScriptedBinance]:
    """What is found of the price sources of a strategy that looks at Binance."""
    exchange = ScriptedBinance("DOGEUSDT")
    exchange.bids, exchange.asks = {bid: "1"}, {ask: "1"}
    await serve(nursery, visit.venue.network, exchange.rest, port=40_302)
    visit.overrides = [*AROUND_BINANCE, *overrides]
    return (await visit.findings())["price sources"], exchange


async def test_the_price_of_another_venue_is_asked_for_and_shown(
    nursery: trio.Nursery, visit_to: VisitTo
) -> None:
    market = "strategies.doge.price_source_market=DOGE-USDT"
    found, _ = await around_binance(nursery, await visit_to(), market)
    assert found.verdict is OK
    assert found.evidence == "doge: DOGEUSDT of Binance at http://127.0.0.1:40302: 0.1"


async def test_a_pair_that_the_other_venue_has_not_is_a_mistake_in_the_configuration(
    nursery: trio.Nursery, visit_to: VisitTo
) -> None:
    market = "strategies.doge.price_source_market=DOGE-USD"
    found, _ = await around_binance(nursery, await visit_to(), market)
    assert (found.verdict, found.code) == (FAILURE, ExitCode.CONFIGURATION)
    assert "doge: DOGEUSD of Binance" in found.evidence
    assert "Invalid symbol" in found.evidence
    assert "price_source_market" in found.cure


async def test_a_price_from_elsewhere_that_no_order_could_stand_at_is_a_warning(
    nursery: trio.Nursery, visit_to: VisitTo
) -> None:
    market = "strategies.doge.price_source_market=DOGE-USDT"
    found, _ = await around_binance(nursery, await visit_to(), market, bid="7.1", ask="7.3")
    assert found.verdict is WARNING
    assert "is 7.2, and DOGEUSDT stands at 0.1" in found.evidence


@pytest.mark.parametrize(
    ("body", "verdict", "said"),
    [
        ("0.1", OK, "http://127.0.0.1:40303/doge: 0.1"),
        ("zero", FAILURE, "the custom price is"),
        ("0", FAILURE, "the custom price is not above 0"),
    ],
)
async def test_a_custom_price_is_asked_for(
    nursery: trio.Nursery, visit_to: VisitTo, body: str, verdict: Verdict, said: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.read_request()
        await peer.answer(200, body)

    visit = await visit_to()
    await serve(nursery, visit.venue.network, script, port=40_303)
    visit.overrides = [
        "strategies.doge.price_source=custom_api",
        "strategies.doge.price_source_custom_api=http://127.0.0.1:40303/doge",
    ]
    found = (await visit.findings())["price sources"]
    assert found.verdict is verdict
    assert said in found.evidence


async def test_a_price_source_that_nobody_answers_for_is_told(visit_to: VisitTo) -> None:
    visit = await visit_to()
    visit.overrides = [*AROUND_BINANCE, "strategies.doge.price_source_market=DOGE-USDT"]
    found = the_only_trouble(await visit.findings(), "price sources")
    assert found.code is ExitCode.FAILURE
    assert "DOGEUSDT of Binance at http://127.0.0.1:40302" in found.evidence
