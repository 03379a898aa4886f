"""What the gateway's core sees around it, read from the wires at the moment of an event."""

import attrs

from actors.orders.gateway_ports import Gateway
from trading.gateway.seen import PairSeen, Seen, StrategySeen
from trading.readiness.lease import Component


@attrs.frozen
class Surroundings:
    """
    Reads the slots around the gateway.

    Args:
        gateway: Whose ports they are.
    """

    gateway: Gateway

    def now(self) -> Seen:
        """All newest values."""
        gateway, shared = self.gateway, self.gateway.shared
        facts = shared.facts.facts
        pairs = {}
        for pair, slot in shared.instruments.items():
            book = facts.get((Component.ORDER_BOOK, pair))
            doubt = shared.rules_doubted.get(pair)
            pairs[pair] = PairSeen(
                instrument=slot.read(),
                rules=slot.last,
                doubt=(doubt.read() or "") if doubt is not None else "",
                book_at=float("-inf") if book is None or not book.holds else book.observed_at,
            )
        return Seen(
            strategies={
                name: StrategySeen(
                    pair=ports.pair,
                    limits=ports.limits,
                    readiness=ports.readiness.read(),
                    top=ports.top.read(),
                    last_trade=ports.last_trade.read(),
                )
                for name, ports in gateway.strategy_ports.items()
            },
            pairs=pairs,
            account=shared.account.read(),
            stopping=gateway.stopping.read() or "",
            halt=gateway.halt.read() or "",
            flat=gateway.flat.read() is not None,
            wall_ns=shared.wall_clock(),
            venue_ns=shared.venue_clock(),
        )
