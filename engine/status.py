"""What a running engine is doing, as one value: built from its wires, without touching them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from actors.meter import Meters
from actors.rate_gate import RateGate
from engine.lives import ChildStatus, SupervisorStatus
from engine.wires import StrategyPorts, Wires
from trading.account import AccountView
from trading.decimals import decimal_text
from trading.identifiers import StrategyName
from trading.journal.performance import Performance
from trading.market import Side, TopOfBook
from trading.orders import Order
from trading.readiness import INITIALISATION, Component, fact_about
from trading.strategies.interface import Decision, Gate, Quote

Json = dict[str, Any]

ReadTree = Callable[[float], SupervisorStatus]
"""Reads the supervision tree at a moment in monotonic seconds."""

_FOREVER = float("inf")
_SHARE_PLACES = Decimal("0.0001")
_PROFIT_PLACES = Decimal("1e-8")


@attrs.frozen(kw_only=True)
class Watched:
    """
    What can be seen of a running engine.

    Args:
        started_at: Monotonic seconds.
        tree: The supervision tree at a moment; ``None`` until it is there.
    """

    engine: str
    venue: str
    session: int
    started_at: float
    wires: Wires
    gate: RateGate
    tree: ReadTree | None = None


def status(watched: Watched, now: float) -> Json:
    """Everything at ``now`` monotonic seconds; money is text, times are seconds."""
    wires = watched.wires
    return {
        "engine": watched.engine,
        "venue": watched.venue,
        "session": watched.session,
        "uptime_s": _seconds(now - watched.started_at),
        "halt": wires.halt.look(),
        "stopping": wires.stopping.look(),
        "strategies": {
            name: _strategy(name, port, wires, now) for name, port in wires.strategies.items()
        },
        "tree": None if watched.tree is None else _supervisor(watched.tree(now), now),
        "rate_limits": {
            lane: {
                "used": use.used,
                "maximum": use.maximum,
                "window_s": use.window_s,
                "closed_for_s": _seconds(use.closed_for_s),
                "turned_away": use.turned_away,
            }
            for lane, use in watched.gate.budget.use_at(now).items()
        },
        "mailboxes": _mailboxes(wires),
        "newest": {
            name: {"puts": slot.puts, "replaced_unread": slot.replaced_unread}
            for name, slot in wires.slots().items()
        },
        "loop": _loop(wires.meters.look() or Meters()),
    }


def _loop(meters: Meters) -> Json:
    return {"late_s": _seconds(meters.late_s), "worst_s": _seconds(meters.worst_s)}


def _mailboxes(wires: Wires) -> Json:
    peaks = (wires.meters.look() or Meters()).depths_max
    boxes = {}
    for name, wire in wires.mailboxes().items():
        now = wire.receive.statistics()
        boxes[name] = {
            "waiting": now.current_buffer_used,
            "peak": max(peaks.get(name, 0), now.current_buffer_used),
            "capacity": int(now.max_buffer_size),
            "senders_waiting": now.tasks_waiting_send,
        }
    return boxes


def _supervisor(supervisor: SupervisorStatus, now: float) -> Json:
    return {
        "name": supervisor.name,
        "strategy": supervisor.strategy.value,
        "failures_in_window": supervisor.failures_in_window,
        "failures_forgiven": supervisor.limit,
        "children": [_child(child, now) for child in supervisor.children],
    }


def _child(child: ChildStatus, now: float) -> Json:
    next_start = child.next_start_at
    return {
        "name": child.name,
        "state": child.state.value,
        "life": child.life,
        "age_s": None if child.started_at is None else _seconds(now - child.started_at),
        "starts_in_s": None if next_start is None else _seconds(next_start - now),
        "last_failure": child.last_cause or None,
        "inside": None if child.inside is None else _supervisor(child.inside, now),
    }


def _strategy(name: StrategyName, port: StrategyPorts, wires: Wires, now: float) -> Json:
    top, working = port.top.look(), port.working.look()
    orders = () if working is None else working.orders
    decision = port.decision.look() or Decision()
    readiness = port.readiness.look()
    return {
        "pair": port.pair,
        "ready": readiness is not None and readiness.holds_at(now),
        "initialised": f"{0 if readiness is None else readiness.initialised}/{len(INITIALISATION)}",
        "components": _components(name, port, wires, now),
        "top": _top(top, now),
        "orders": [_order(order, top, now) for order in orders],
        "reconciled": working is not None and working.reconciled,
        "wanted": [_quote(quote, top) for quote in decision.wanted],
        "gates": [_gate(gate, now) for gate in decision.gates],
        "inventory": _inventory(port, wires.account.look(), top),
        "profit": _profit(port.performance.look() or Performance(), top),
    }


def _components(name: StrategyName, port: StrategyPorts, wires: Wires, now: float) -> Json:
    found = {}
    for component in Component:
        fact = fact_about(wires.facts.facts, component, name, port.pair)
        if fact is None:
            found[component.value] = _component(holds=False, evidence="nothing heard yet")
            continue
        valid_s = None if fact.valid_until == _FOREVER else _seconds(fact.valid_until - now)
        found[component.value] = _component(
            holds=fact.standing(now),
            evidence=fact.evidence,
            age_s=_seconds(now - fact.observed_at),
            valid_for_s=valid_s,
        )
    return found


def _component(
    *, holds: bool, evidence: str, age_s: float | None = None, valid_for_s: float | None = None
) -> Json:
    return {"holds": holds, "evidence": evidence, "age_s": age_s, "valid_for_s": valid_for_s}


def _top(top: TopOfBook | None, now: float) -> Json | None:
    if top is None:
        return None
    return {
        "bid": decimal_text(top.best_bid),
        "ask": decimal_text(top.best_ask),
        "mid": decimal_text(top.mid_price),
        "age_s": _seconds(now - top.received_at),
    }


def _order(order: Order, top: TopOfBook | None, now: float) -> Json:
    return {
        "order": order.client_order_id,
        "side": order.side.value,
        "price": decimal_text(order.price),
        "quantity": decimal_text(order.quantity),
        "filled": decimal_text(order.filled_quantity),
        "status": order.status.value,
        "spread": _spread(order.side, order.price, top),
        "age_s": _seconds(now - order.created_at),
    }


def _quote(quote: Quote, top: TopOfBook | None) -> Json:
    return {
        "side": quote.side.value,
        "price": decimal_text(quote.price),
        "quantity": decimal_text(quote.quantity),
        "level": quote.level,
        "spread": _spread(quote.side, quote.price, top),
    }


def _gate(gate: Gate, now: float) -> Json:
    return {
        "code": gate.code,
        "side": None if gate.side is None else gate.side.value,
        "sentence": gate.sentence,
        "opens_in_s": None if gate.opens_at is None else _seconds(max(0.0, gate.opens_at - now)),
        "inputs": dict(gate.inputs),
    }


def _spread(side: Side, price: Decimal, top: TopOfBook | None) -> str | None:
    """How far a price is from the mid price, away from the market; a fraction."""
    if top is None:
        return None
    distance = top.mid_price - price if side is Side.BUY else price - top.mid_price
    return decimal_text((distance / top.mid_price).quantize(Decimal("0.000001")))


def _inventory(
    port: StrategyPorts, account: AccountView | None, top: TopOfBook | None
) -> Json | None:
    instrument = port.instrument.look()
    if instrument is None or account is None:
        return None
    held = {
        currency: {
            "available": decimal_text(balance.available),
            "reserved": decimal_text(balance.reserved),
            "total": decimal_text(balance.total),
        }
        for currency in (instrument.base, instrument.quote)
        if (balance := account.balances.get(currency)) is not None
    }
    share = None
    base, quote = account.balances.get(instrument.base), account.balances.get(instrument.quote)
    if top is not None and base is not None and quote is not None:
        value = base.total * top.mid_price
        whole = value + quote.total
        share = decimal_text((value / whole).quantize(_SHARE_PLACES)) if whole else None
    return {"balances": held, "base_share": share}


def _profit(performance: Performance, top: TopOfBook | None) -> Json:
    position = performance.position
    price = performance.last_fill_price if top is None else top.mid_price
    unrealised = Decimal(0) if price is None else position.unrealised_profit(price)
    return {
        "realised": decimal_text(position.realised_profit.quantize(_PROFIT_PLACES)),
        "unrealised": decimal_text(unrealised.quantize(_PROFIT_PLACES)),
        "position": decimal_text(position.quantity),
        "fills": performance.fills,
        "orders_placed": performance.orders_placed,
        "orders_rejected": performance.orders_rejected,
    }


def _seconds(seconds: float) -> float:
    return round(seconds, 3)
