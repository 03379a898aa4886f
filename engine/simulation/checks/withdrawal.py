"""Checks that orders that may not stay are cancelled at once, by any open way: I19."""

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from typing_extensions import override

from engine.simulation.checks.base import LIFE_OVER, Check
from engine.simulation.internet import ACCOUNT, REST
from engine.simulation.links import Way
from engine.simulation.process import Process
from engine.simulation.site import Site
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.orders.leftovers import LeftoverPolicy
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault

_WITHIN_S = 1.0
_TRIED_EVERY_S = 1.0
"""The engine tries this often, as it is not told when a way opens."""

_TRIPS = 8
"""To the venue and back for a request on a new connection, after the way that was tried first."""

_WAY_MAX_S = 0.5
"""A way that takes longer is not open, but slow; bytes that were sent before go before."""

_LIMITED_S = 60.0
"""For so long after a complaint about rates the lanes may be closed."""

_GATEWAY = "order gateway"

_REFUSE_CANCELS = frozenset({Fault.CANCEL_LIMITED, Fault.RATE_LIMITED})
_CUT = frozenset({Fault.CUT, Fault.HALF_OPEN})
_SPOIL_REST = frozenset({Fault.SERVER_ERROR, Fault.REDIRECT, Fault.CUT_AFTER_ACCEPTANCE})


@attrs.define
class _Since:
    """When each of some things began to hold, in monotonic seconds."""

    at: dict[object, float] = attrs.field(factory=dict)

    def look(self, key: object, now: float, *, holds: bool) -> float:
        """Since when it holds; never where it does not."""
        if not holds:
            self.at.pop(key, None)
            return float("inf")
        return self.at.setdefault(key, now)


class Withdrawn(Check):
    """
    I19. Without a lease a strategy's orders are gone a second later, or as soon as any way is open.

    Looked at are the orders that the engine knows of, at the venue. The account's socket is a way
    while the engine holds a session on a connection with nothing wrong, REST while nothing keeps
    requests from the venue or its answers from us; neither while the venue takes no cancels.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._unready, self._ways = _Since(), _Since()
        self._open_at: dict[str, float] = {}
        self._seen: Mapping[str, VenueOrder] | None = None
        self._gateway_since = float("inf")
        self._limited_until = float("-inf")

    @override
    def second(self) -> None:
        process, now = self.site.process, self.now
        if process is None or process.system is None:
            return
        at_venue = self.site.open_by_name()
        if at_venue is not self._seen:  # something was opened or closed since the last look
            self._seen, before = at_venue, self._open_at
            self._open_at = {name: before.get(name, now) for name in at_venue}
        way, open_since = min(self._ways_now(process), key=lambda one: one[1])
        allowed_s = _WITHIN_S + _TRIPS * self.site.internet.usual.latency_s
        for strategy, port in process.system.wires.strategies.items():
            lease = port.readiness.peek()
            unready = lease is None or not lease.holds_at(now)
            lost_at = self._unready.look(strategy, now, holds=unready)
            if not unready:
                continue
            working = port.working.peek()
            known = () if working is None else working.orders
            for order in known:
                name = order.client_order_id
                if name not in at_venue or self._may_be_taken_up(name, process):
                    continue
                since = max(
                    lost_at,
                    open_since + _TRIED_EVERY_S,
                    self._gateway_since,
                    self._open_at[name],
                )
                if now - since > allowed_s:
                    self._complain(at_venue[name], strategy, way, now - since)

    def _complain(self, order: VenueOrder, strategy: StrategyName, way: str, for_s: float) -> None:
        self.violated(
            "I19",
            f"{order.customer_order_id} stands for {for_s:.2f} s without a lease of {strategy},"
            f" and the way by {way} is open",
        )

    def _may_be_taken_up(self, name: ClientOrderId, process: Process) -> bool:
        """Whether it is of an earlier run and looked up before anything is done about it."""
        if self.site.settings.engine.leftover_orders is not LeftoverPolicy.ADOPT:
            return False
        left = self.site.departures.get(name)
        return left is None or left.process != process.number

    def _ways_now(self, process: Process) -> Iterator[tuple[str, float]]:
        """Each way, and since when it is open."""
        now, faults = self.now, self.site.exchange.faults
        takes = not self.site.exchange.venue.read_only and now >= self._limited_until
        takes = takes and not faults.may_strike(_REFUSE_CANCELS)
        stream = takes and not faults.may_strike(_CUT) and self._has_a_session(process)
        yield "the socket", self._ways.look("the socket", now, holds=stream)
        rest = takes and not faults.may_strike(_SPOIL_REST) and self._rest_is_open()
        yield "REST", self._ways.look("REST", now, holds=rest)

    def _has_a_session(self, process: Process) -> bool:
        system, internet = process.system, self.site.internet
        if system is None or system.wires.session.peek() is None:
            return False
        links = [link for link in internet.live((ACCOUNT,)) if link.process == process.number]
        return len(links) == 1 and all(
            not (pipe.dead or pipe.broken or pipe.ended or pipe.reader_gone)
            and pipe.late_s <= _WAY_MAX_S
            and self._is_fast(internet.way(ACCOUNT, up=up))
            for up, pipe in ((True, links[0].up), (False, links[0].down))
        )

    def _rest_is_open(self) -> bool:
        internet = self.site.internet
        return internet.lets_in(REST) and all(
            self._is_fast(internet.way(REST, up=up)) for up in (True, False)
        )

    def _is_fast(self, way: Way) -> bool:
        narrow = way.stalled or way.bytes_per_s is not None or way.slice_bytes is not None
        return not narrow and way.latency_s + way.jitter_s <= _WAY_MAX_S

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event = entry["event"]
        if event == "rate_limited":
            self._limited_until = self.now + (entry.get("for_s") or _LIMITED_S)
        elif event == "loop_stalled":
            self._unready.at.clear()
        elif entry.get("actor") != _GATEWAY:
            return
        elif event in LIFE_OVER:
            self._gateway_since = float("inf")
        elif event == "actor_started":
            self._gateway_since = self.now

    @override
    def ended(self, process: Process) -> None:
        self._gateway_since = float("inf")
        self._unready, self._ways = _Since(), _Since()
