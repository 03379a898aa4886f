"""What the gateway's core sees around it, read from the wires at the moment of an event."""

from actors.orders.gateway_ports import Gateway
from trading.core.identifiers import Pair, StrategyName
from trading.gateway.seen import PairSeen, Seen, StrategySeen
from trading.readiness.lease import Component


class Surroundings:
    """
    Reads the slots around the gateway; of strategies and pairs only those that have changed.

    Args:
        gateway: Whose ports they are.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        shared = gateway.shared
        self._strategies: dict[StrategyName, StrategySeen] = {}
        self._pairs: dict[Pair, PairSeen] = {}
        # All have changed that were never read.
        self._changed_strategies = set(gateway.strategy_ports)
        self._changed_pairs = set(shared.instruments)
        for name, ports in gateway.strategy_ports.items():
            for slot in (ports.config, ports.readiness, ports.top, ports.last_trade):
                slot.note_changes(self._changed_strategies, name)
        for pair, instrument in shared.instruments.items():
            instrument.note_changes(self._changed_pairs, pair)
        for pair, doubt in shared.rules_doubted.items():
            doubt.note_changes(self._changed_pairs, pair)
        shared.facts.note_changes(Component.ORDER_BOOK, self._changed_pairs)

    def now(self) -> Seen:
        """All newest values."""
        if self._changed_strategies:
            self._read_strategies()
        if self._changed_pairs:
            self._read_pairs()
        gateway, shared = self._gateway, self._gateway.shared
        return Seen(
            strategies=self._strategies,
            pairs=self._pairs,
            account=shared.account.read(),
            stopping=gateway.stopping.read() or "",
            halt=gateway.halt.read() or "",
            flat=gateway.flat.read() is not None,
            wall_ns=shared.wall_clock(),
            venue_ns=shared.venue_clock(),
        )

    def _read_strategies(self) -> None:
        # Copied, for what was seen before stays as it was.
        seen = dict(self._strategies)
        for name, ports in self._gateway.strategy_ports.items():
            if name in self._changed_strategies:
                seen[name] = StrategySeen(
                    pair=ports.pair,
                    limits=ports.limits,
                    readiness=ports.readiness.read(),
                    top=ports.top.read(),
                    last_trade=ports.last_trade.read(),
                )
        self._strategies = seen
        self._changed_strategies.clear()

    def _read_pairs(self) -> None:
        shared, seen = self._gateway.shared, dict(self._pairs)
        for pair in shared.instruments:
            if pair in self._changed_pairs:
                seen[pair] = self._pair(pair)
        self._pairs = seen
        self._changed_pairs.clear()

    def _pair(self, pair: Pair) -> PairSeen:
        shared = self._gateway.shared
        slot, doubt = shared.instruments[pair], shared.rules_doubted.get(pair)
        book = shared.facts.facts.get((Component.ORDER_BOOK, pair))
        return PairSeen(
            instrument=slot.read(),
            rules=slot.last,
            doubt=(doubt.read() or "") if doubt is not None else "",
            book_at=float("-inf") if book is None or not book.holds else book.observed_at,
        )
