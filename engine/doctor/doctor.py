"""The doctor: every step between a configuration and trading, each after what it rests on."""

from collections.abc import Callable, Sequence

import trio

from actors.ports.ports import Latest
from actors.simulated_exchange import SimulatedExchangeActor
from engine.doctor.alerts import check_alerts
from engine.doctor.context import DoctorContext, Step, examine
from engine.doctor.elsewhere import check_price_sources
from engine.doctor.findings import Finding
from engine.doctor.funds import check_balances
from engine.doctor.machine import check_conformance, check_disk, check_ledger, check_ports
from engine.doctor.network import check_connections, check_encryption, check_names
from engine.doctor.sockets import check_account_socket, check_trade_socket
from engine.doctor.venue import (
    check_amounts,
    check_clock,
    check_key,
    check_pairs,
    check_rate_limits,
    check_signature,
    check_status,
)
from engine.environment.venue_connection import began_at

CONFIGURATION = "configuration"
_REACHED = "venue status"
_SIGNED = "signature"

STEPS = (
    Step(name="names", look=check_names),
    Step(
        name="connections",
        look=check_connections,
        needs=("names",),
        cure="look at the URLs, at firewalls, and at the venue's status page",
    ),
    Step(name="encryption", look=check_encryption, needs=("connections",)),
    Step(name="clock", look=check_clock, needs=("encryption",)),
    Step(name=_REACHED, look=check_status, needs=("encryption",)),
    Step(name=_SIGNED, look=check_signature, needs=(_REACHED,)),
    Step(name="key permissions", look=check_key, needs=(_SIGNED,)),
    Step(name="pairs", look=check_pairs, needs=(_REACHED,)),
    Step(name="amounts", look=check_amounts, needs=("pairs",)),
    Step(
        name="trade socket",
        look=check_trade_socket,
        needs=(_SIGNED, "pairs"),
        cure="try again; if it comes again, choose another venue.book_feed, or ask the venue",
    ),
    Step(name="price sources", look=check_price_sources),
    Step(
        name="account socket",
        look=check_account_socket,
        needs=(_SIGNED,),
        cure="try again; if it comes again, look at venue.websocket_url, or ask the venue",
    ),
    Step(name="balances", look=check_balances, needs=(_SIGNED, "amounts", "trade socket")),
    Step(name="rate limits", look=check_rate_limits),
    Step(name="ports", look=check_ports),
    Step(name="disk", look=check_disk),
    Step(
        name="ledger",
        look=check_ledger,
        cure="see docs/first-aid.md, The ledger cannot be used",
    ),
    Step(name="conformance", look=check_conformance),
    Step(name="alerts", look=check_alerts),
)

STEP_WIDTH = max(len(name) for name in (CONFIGURATION, *(step.name for step in STEPS)))


async def run_doctor(
    examination: DoctorContext, tell: Callable[[Finding], None]
) -> Sequence[Finding]:
    """
    Take every step; an exchange that the engine would start by itself is started for it.

    No order is placed, and none is touched.
    """
    party, world = examination.party, examination.world
    if party.exchange is None:
        return await examine(examination, STEPS, tell)
    async with trio.open_nursery() as nursery:
        server = SimulatedExchangeActor(
            network=world.network,
            exchange=party.exchange,
            listening=party.listening,
            ended=Latest[str](),
            began_at=began_at(party.exchange, world),
        )
        await nursery.start(server.run)
        findings = await examine(examination, STEPS, tell)
        nursery.cancel_scope.cancel()
    return findings
