"""Sockets that are held for the whole time of a run, beside all checks."""

import contextlib
from collections.abc import Mapping

import trio

from engine.conformance.lab import ACCOUNT, TRADE, Held, Lab
from engine.conformance.line import Line, of_type
from trading.core.errors import Outage

MARKET, EVENTS, IDLE = "market", "events", "idle"

FEEDS = (
    "OB_L1_DIFF",
    "FULL_ORDERBOOK_UPDATE",
    "AGGREGATED_ORDERBOOK_UPDATE",
    "OB_L1_D10_SNAPSHOT",
    "NEW_TRADE",
    "NEW_TRADE_BUCKET",
    "MARKET_SUMMARY_UPDATE",
    "MARK_PRICE_UPDATE",
    "ALLOWED_ORDER_TYPES_UPDATED",
)
_PING_EVERY_S = 10.0
_PINGS_AT_LEAST = 4
_LOGIN_S = 3.0
"""For a word of the trade socket that may never come: it is subscribed all the same."""
_IDLE_MAX_S = 75.0


async def hold(lab: Lab, *, slow: bool) -> None:
    """Begin to hold the sockets of a level; each is over after the time of the run."""
    headers: Mapping[str, str] | None = None if lab.has_key else {}
    every_s = min(_PING_EVERY_S, lab.for_s / _PINGS_AT_LEAST)
    market = await lab.open(TRADE, headers, ping_every_s=every_s)
    if lab.has_key:
        await market.wait(of_type("AUTHENTICATED"), _LOGIN_S)
        events = await lab.open(ACCOUNT, ping_every_s=every_s)
        _keep(lab, EVENTS, events, lab.for_s)
    _keep(lab, MARKET, market, lab.for_s)
    wanted = [{"event": feed, "pairs": [lab.pair]} for feed in FEEDS]
    with contextlib.suppress(Outage):  # each check of what is held sees how it ended
        await market.say({"type": "SUBSCRIBE", "subscriptions": wanted})
    if slow:
        idle = await lab.open(TRADE, {})
        _keep(lab, IDLE, idle, _IDLE_MAX_S)


def _keep(lab: Lab, name: str, line: Line, for_s: float) -> None:
    held = Held(line, trio.Event())
    lab.held[name] = held
    lab.nursery.start_soon(_end, held, for_s)


async def _end(held: Held, after_s: float) -> None:
    await held.line.wait_for_end(after_s)
    if not held.line.ended:
        await held.line.hang_up()
    held.over.set()
