"""An actor that polls the venue's list of pairs and shows each traded pair's rules."""

from collections.abc import Mapping

import attrs
import structlog
import trio

from actors.net.venue_rest import VenueRest
from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, Wakeup
from actors.ports.stalls import Stalls
from trading.core.identifiers import Pair
from trading.core.instrument import Instrument
from trading.core.listed import ListedBy, first_of
from trading.core.patience import doubled_s
from trading.readiness.lease import Component
from trading.venues.interface import Venue

log = structlog.get_logger()


_CACHED_S = 60.0
"""How old a public answer may be: what was pushed since is newer."""

_AGAIN_S = 20.0
"""Until a look that follows one that found nothing new; doubled once, to outlast the cache."""

_UNREAD_AGAIN_S = 1.0
"""After lists with a row of ours that could not be read; doubles with each."""


@attrs.frozen(kw_only=True)
class TradingRulesActor:
    """
    Shows the rules that orders must obey, as fresh as the venue gives them.

    Ports:
        order_types: The kinds of order that the venue says it takes, as it says so (newest).
        bell: Rung when they change, and after a stall.
        instruments: Each pair's rules (newest); withdrawn while it takes no quotes.
        facts: Whether symbols and rules are known.
        doubted: Why a pair's rules may have changed; withdrawn once they are read anew.
        stalls: After one the rules are read at once.
        listed: Every pair of the venue, as last read (newest).

    Args:
        refresh_s: Seconds between two looks; the venue caches the lists for 60 s.
        lease_s: Rules older than this are too old to trade by.

    Raises:
        Outage: The venue did not answer, or nothing that can be read.
    """

    venue: Venue
    rest: VenueRest
    order_types: Mapping[Pair, Latest[frozenset[str]]]
    bell: Wakeup
    instruments: Mapping[Pair, Latest[Instrument]]
    facts: FactBoard
    doubted: Mapping[Pair, Latest[str]] = attrs.field(factory=dict)
    stalls: Stalls = attrs.field(factory=Stalls)
    listed: Latest[Mapping[Pair, Instrument]] = attrs.field(factory=Latest)
    refresh_s: float
    lease_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        life = _Life(self)
        task_status.started()
        while True:
            await life.look()
            while (wait_s := life.look_at - trio.current_time()) > 0:
                with trio.move_on_after(wait_s):
                    await self.bell.wait()
                    life.hear()


class _Life:
    """The rules as last listed, and what the venue said since."""

    def __init__(self, actor: TradingRulesActor) -> None:
        self.look_at = float("-inf")
        self._actor = actor
        self._listed = ListedBy[Pair, Instrument]({})
        self._listed_types = ListedBy[Pair, frozenset[str]]({})
        self._types: dict[Pair, frozenset[str]] = {}
        self._heard: dict[Pair, tuple[frozenset[str], float]] = {}
        self._stalls = 0
        self._unread_in_a_row = 0
        self._doubts = {pair: _Doubts(slot) for pair, slot in actor.doubted.items()}

    async def look(self) -> None:
        """Read both lists anew."""
        actor, began = self._actor, trio.current_time()
        self._stalls = actor.stalls.count
        self._listed = await actor.rest.call(actor.venue.instruments())
        actor.listed.put(self._listed)
        listed_types = self._listed_types = await actor.rest.call(actor.venue.order_types())
        now = trio.current_time()
        self.look_at = now + actor.refresh_s
        evidence = f"{len(self._listed)} pairs listed"
        actor.facts.affirm(Component.SYMBOLS_MAPPING, evidence, valid_for_s=actor.lease_s)
        for pair in actor.instruments:
            types, heard_at = self._heard.get(pair, (frozenset[str](), float("-inf")))
            newer = heard_at + _CACHED_S > now
            self._types[pair] = types if newer else listed_types.get(pair, frozenset())
            self._show(pair)
        if any(map(self._unread, actor.instruments)):
            # An unreadable row may be readable a moment later.
            self._unread_in_a_row += 1
            self.look_at = now + doubled_s(_UNREAD_AGAIN_S, self._unread_in_a_row, actor.refresh_s)
        else:
            self._unread_in_a_row = 0
        for doubts in self._doubts.values():
            doubts.answered(began)
            self.look_at = min(self.look_at, doubts.due())

    def hear(self) -> None:
        """Take in newly pushed order types, and whether all else is old after a stall."""
        now = trio.current_time()
        for pair, slot in self._actor.order_types.items():
            types = slot.read()
            if types is None or types is self._heard.get(pair, (None,))[0]:
                continue
            log.info("order_types", pair=pair, types=sorted(types))
            self._heard[pair] = (types, now)
            self._types[pair] = types
            self._show(pair)
            # Other changes made with this one show in the list once the cached one has expired.
            self.look_at = min(self.look_at, now + _CACHED_S + 1)
        for doubts in self._doubts.values():
            self.look_at = min(self.look_at, doubts.due())
        if self._actor.stalls.count > self._stalls:
            self.look_at = now

    def _show(self, pair: Pair) -> None:
        actor, rules, slot = self._actor, self._listed.get(pair), self._actor.instruments[pair]
        if rules is None or (reason := self._unread(pair) or self._reason(pair, rules)):
            if rules is None:
                reason = self._unread(pair) or "the venue does not list it"
            slot.withdraw()
            actor.facts.revoke(Component.TRADING_RULES, reason, scope=pair)
            log.warning("pair_not_tradable", pair=pair, reason=reason)
            return
        if rules != slot.read():
            log.info("trading_rules", pair=pair, tick=rules.tick_size, lot=rules.lot_size)
            slot.put(rules)
        actor.facts.affirm(
            Component.TRADING_RULES,
            "as the venue lists them",
            scope=pair,
            valid_for_s=actor.lease_s,
        )

    def _unread(self, pair: Pair) -> str:
        """What cannot be read of a pair in the venue's lists; empty when all of it can."""
        odd = first_of(self._listed.odd, pair, listed=pair in self._listed)
        heard_at = self._heard.get(pair, (None, float("-inf")))[1]
        if odd is None and heard_at + _CACHED_S <= trio.current_time():
            types = self._listed_types
            odd = first_of(types.odd, pair, listed=pair in types)
        return "" if odd is None else str(odd)

    def _reason(self, pair: Pair, rules: Instrument) -> str:
        """Why a listed pair takes no quotes; empty when it does."""
        types = self._types[pair]
        if not rules.active:
            return "the pair is not active"
        if self._actor.venue.takes_quotes(types):
            return ""
        taken = ", ".join(sorted(types)) or "no orders at all"
        return f"the pair takes no post-only orders: it takes {taken}"


class _Doubts:
    """
    When to read a pair's rules anew because orders were refused.

    The first time this is at once. If orders are still refused, the list may come from a cache on
    the way: later looks, and the orders that wait for them, are put off.
    """

    def __init__(self, slot: Latest[str]) -> None:
        self._slot = slot
        self._heard = 0
        self._in_a_row = 0
        self._due = float("-inf")

    def due(self) -> float:
        """Monotonic seconds of the look that is wanted; infinite while none is."""
        if self._slot.read() is None:
            return float("inf")
        if self._slot.puts != self._heard:
            self._heard, now = self._slot.puts, trio.current_time()
            self._in_a_row = self._in_a_row + 1 if now < self._due + 2 * _CACHED_S else 1
            self._due = now + min(self._in_a_row - 1, 2) * _AGAIN_S
        return self._due

    def answered(self, asked_at: float) -> None:
        """Withdraw the doubt after a look that began at ``asked_at``, if it was due by then."""
        if self.due() <= asked_at:
            self._slot.withdraw()
