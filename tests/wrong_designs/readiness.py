"""Wrong designs of readiness."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from actors.ports.facts import FactBoard
from actors.watch import readiness
from engine.supervision.life_log import LifeLog
from engine.supervision.tree import SupervisorSpec
from tests.wrong_designs.design import Design, put
from trading.core.identifiers import StrategyName
from trading.gateway import core
from trading.gateway.placing import OrderPlacing
from trading.orders.order import Order, OrderStatus
from trading.readiness.lease import Component, Readiness, assess
from trading.risk import CheckedOrder


def ready_for_ever() -> None:
    """Who was ready once is ready from then on, as with a flag that nobody takes back."""
    boards: list[tuple[Any, set[StrategyName]]] = []  # each process of a simulation has its own

    def latched(facts: Any, strategy: StrategyName, pair: Any, now: float) -> Readiness:
        found = assess(facts, strategy, pair, now)
        ready = next((names for board, names in boards if board is facts), None)
        if ready is None:
            boards.append((facts, ready := set()))
        if found.ready:
            ready.add(strategy)
        if strategy in ready:
            standing = dict.fromkeys(Component, "ready")
            return msgspec.structs.replace(
                found, standing=standing, missing={}, valid_until=math.inf
            )
        return found

    put(readiness, "assess", latched)


def facts_outlive_lives() -> None:
    """What an actor has said stands on after it has ended, until somebody says the contrary."""
    begin = LifeLog.__init__

    def knows_of_none(self: LifeLog, facts: FactBoard, tree: SupervisorSpec) -> None:
        begin(self, facts, tree)
        self._revoked_by = {}

    put(LifeLog, "__init__", knows_of_none)


def checked_once() -> None:
    """An order that may leave when it is decided leaves, whatever happens until its turn comes."""
    check = OrderPlacing._check  # noqa: SLF001
    checks: dict[Any, CheckedOrder] = {}

    def remembered(self: OrderPlacing, order: Order, *beside: Any) -> Any:
        found = check(self, order, *beside)
        if isinstance(found, CheckedOrder):
            checks[order.client_order_id] = found
        return found

    def leave(self: OrderPlacing, order: Order) -> Any:
        current = self._tracker.working.get(order.client_order_id)
        if current is None or current.status is not OrderStatus.PENDING:
            return "it was withdrawn before its turn came"
        self._tracker.leaving(order.client_order_id, self._turn.now)
        return checks[order.client_order_id]

    put(OrderPlacing, "_check", remembered)
    put(OrderPlacing, "leave", leave)
    # Nor is one withdrawn that still waits.
    put(core, "_CANCELLABLE", core._CANCELLABLE - {OrderStatus.PENDING})  # noqa: SLF001


def kept_without_a_lease() -> None:
    """What stands when a lease ends stays, and its strategy sees nothing to decide on."""

    def nothing(_self: core.GatewayCore, _strategy: StrategyName, _reason: str) -> float:
        return math.inf

    put(core.GatewayCore, "_withdraw", nothing)


DESIGNS: Mapping[str, Design] = {
    "ready_for_ever": Design(ready_for_ever),
    "facts_outlive_lives": Design(facts_outlive_lives),
    "checked_once": Design(checked_once),
    "kept_without_a_lease": Design(kept_without_a_lease),
}
