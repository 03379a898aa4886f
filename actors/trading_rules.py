"""Fetches the venue's list of pairs, again and again, and shows each traded pair's rules."""

from collections.abc import Mapping

import attrs
import structlog
import trio

from actors.facts import FactBoard
from actors.ports import Latest
from actors.venue_rest import VenueRest
from trading.identifiers import Pair
from trading.instrument import Instrument
from trading.readiness import Component
from trading.venues.interface import Venue

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class TradingRulesActor:
    """
    The rules that orders must obey, as fresh as the venue gives them.

    Ports:
        instruments: Each pair's rules (newest); withdrawn while the pair is not active.
        facts: Where it says whether symbols and rules are known.

    Args:
        refresh_s: Seconds between two looks; the venue caches the list for 60 s.
        lease_s: Rules older than this are too old to trade by.

    Raises:
        Outage: The venue did not answer.
        MalformedFrame: The list is not of the protocol.
    """

    venue: Venue
    rest: VenueRest
    instruments: Mapping[Pair, Latest[Instrument]]
    facts: FactBoard
    refresh_s: float
    lease_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        while True:
            listed = await self.rest.call(self.venue.instruments())
            self.facts.affirm(
                Component.SYMBOLS_MAPPING, f"{len(listed)} pairs listed", valid_for_s=self.lease_s
            )
            for pair, slot in self.instruments.items():
                self._show(pair, listed.get(pair), slot)
            await trio.sleep(self.refresh_s)

    def _show(self, pair: Pair, rules: Instrument | None, slot: Latest[Instrument]) -> None:
        if rules is None or not rules.active:
            reason = "the venue does not list it" if rules is None else "the pair is not active"
            slot.withdraw()
            self.facts.revoke(Component.TRADING_RULES, reason, scope=pair)
            log.warning("pair_not_tradable", pair=pair, reason=reason)
            return
        if rules != slot.peek():
            log.info("trading_rules", pair=pair, tick=rules.tick_size, lot=rules.lot_size)
            slot.put(rules)
        self.facts.affirm(
            Component.TRADING_RULES, "as the venue lists them", scope=pair, valid_for_s=self.lease_s
        )
