"""The status of one strategy of a running engine, and why it does not quote more."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.supervision.events import SupervisorStatus
from engine.views.order_doubts import doubts_json
from engine.wiring.wires import StrategyPorts, Wires
from trading.account.account import AccountView
from trading.core.decimals import decimal_text
from trading.core.identifiers import StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Side, TopOfBook
from trading.decisions.decision import Decision, Gate, Quote
from trading.decisions.remedy import Remedy
from trading.journal.performance import Performance
from trading.messages.gateway import Rejection
from trading.orders.order import Order
from trading.readiness.lease import Component, fact_about
from trading.strategies.remedies import opening

Json = dict[str, Any]

_FOREVER = float("inf")
_SHARE_PLACES = Decimal("0.0001")
_PROFIT_PLACES = Decimal("1e-8")

_PRICE_GATES = frozenset({"price_unknown", "price_lapsed"})
_INVITATION = "look at its pair and address (`engine doctor CONFIG` tries them)"


def strategy_status(
    name: StrategyName,
    port: StrategyPorts,
    wires: Wires,
    now: float,
    *,
    started_at: float,
    tree: SupervisorStatus | None,
) -> Json:
    """
    A strategy's status at ``now`` monotonic seconds; money is text, times are seconds.

    Args:
        started_at: When the engine was, in monotonic seconds.
        tree: The supervision tree; ``None`` until it is there.
    """
    top, working = port.top.peek(), port.working.peek()
    orders = () if working is None else working.orders
    decision = port.decision.peek() or Decision()
    readiness = port.readiness.peek()
    return {
        "pair": port.pair,
        "instrument": _instrument(port.instrument.last),
        "ready": readiness is not None and readiness.holds_at(now),
        "components_ready": f"0/{len(Component)}" if readiness is None else readiness.count,
        "components": _components(name, port, wires, now, started_at, tree),
        "looks": port.decision.puts,
        "looked_s_ago": _seconds(now - port.clock.looked_at),
        "input_ages_s": _input_ages(port, wires, now),
        "top": _top(top, now),
        "orders": [_order(order, top, now) for order in orders],
        "in_doubt": doubts_json(() if working is None else working.doubts, now),
        "reconciled": working is not None and working.reconciled,
        "wanted": [_quote(quote, top) for quote in decision.wanted],
        "otherwise": [
            _quote(_on_tick(quote, port.instrument.last), top) for quote in decision.ungated
        ],
        "gates": [
            _with_the_source(_gate(gate, port.instrument.last, now), name, tree, now)
            for gate in decision.gates
        ],
        "shut_out": [_shut_out(one, now) for one in (() if working is None else working.shut_out)],
        "quoting": _quoting(port, now, now - started_at),
        "inventory": _inventory(port, wires.account.peek(), top),
        "profit": _profit(port.performance.peek() or Performance(), top),
    }


def _components(
    name: StrategyName,
    port: StrategyPorts,
    wires: Wires,
    now: float,
    started_at: float,
    tree: SupervisorStatus | None,
) -> Json:
    found = {}
    for component in Component:
        fact = fact_about(wires.facts.facts, component, name, port.pair)
        child, vouch = (tree and tree.vouching(component, name, port.pair)) or (None, None)
        known: Json = {
            "holds": fact is not None and fact.standing(now),
            "evidence": "nothing heard yet" if fact is None else fact.evidence,
            "since_s": _seconds(now - (started_at if fact is None else fact.since_at(now))),
            "age_s": None if fact is None else _seconds(now - fact.observed_at),
            "valid_for_s": None,
            "waits_for": None if vouch is None else vouch.waits_for,
            "known_by": None if child is None else child.name,
            "last_error": None,
            "next_retry_s": None,
        }
        if fact is not None and fact.valid_until != _FOREVER:
            known["valid_for_s"] = _seconds(fact.valid_until - now)
        if child is not None:
            known["last_error"] = child.last_cause or None
            if child.next_start_at is not None:
                known["next_retry_s"] = _seconds(child.next_start_at - now)
        found[component.value] = known
    return found


def _input_ages(port: StrategyPorts, wires: Wires, now: float) -> Json:
    """The age of each part of the strategy's view; ``None`` for a missing part."""
    top, account = port.top.peek(), wires.account.peek()
    book = wires.facts.facts.get((Component.ORDER_BOOK, port.pair))
    rules = wires.facts.facts.get((Component.TRADING_RULES, port.pair))
    return {
        "top of book": None if top is None else _seconds(now - top.received_at),
        "book confirmed": None if book is None else _seconds(now - book.observed_at),
        "balances confirmed": None if account is None else _seconds(now - account.confirmed_at),
        "trading rules": None if rules is None else _seconds(now - rules.observed_at),
    }


def _quoting(port: StrategyPorts, now: float, uptime_s: float) -> Json:
    times = port.clock.times(now)
    return {
        side.value: {
            "seconds": _seconds(times[side].quoting),
            "share": round(times[side].quoting / uptime_s, 4) if uptime_s > 0 else 0.0,
            "held_by": times[side].cause or None,
            "shut_s": _by_time(times[side].shut),
            "not_quoting_s": _by_time(times[side].kept_out),
        }
        for side in Side
    }


def _by_time(seconds: Mapping[str, float]) -> dict[str, float]:
    """The longest first."""
    longest = sorted(seconds.items(), key=lambda item: -item[1])
    return {code: _seconds(time) for code, time in longest}


def _shut_out(one: Rejection, now: float) -> Json:
    inputs = {"price": one.price, "quantity": one.quantity}
    return {
        "by": one.by.value,
        "side": one.side.value,
        "code": one.code,
        "sentence": one.sentence,
        "age_s": _seconds(now - one.at),
        "inputs": {k: decimal_text(v) for k, v in inputs.items() if v is not None},
        "opening": None if one.opening is None else _opening(one.opening),
    }


def _opening(change: Remedy) -> Json:
    return {"words": change.words, "what": change.what or None, "value": change.value or None}


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


def _instrument(instrument: Instrument | None) -> Json | None:
    if instrument is None:
        return None
    return {
        "base": instrument.base,
        "quote": instrument.quote,
        "tick": decimal_text(instrument.tick_size),
    }


def _on_tick(quote: Quote, instrument: Instrument | None) -> Quote:
    return quote if instrument is None else quote.at(instrument.price_away(quote.side, quote.price))


def _quote(quote: Quote, top: TopOfBook | None) -> Json:
    return {
        "side": quote.side.value,
        "price": decimal_text(quote.price),
        "quantity": decimal_text(quote.quantity),
        "level": quote.level,
        "spread": _spread(quote.side, quote.price, top),
    }


def _gate(gate: Gate, instrument: Instrument | None, now: float) -> Json:
    return {
        "code": gate.code,
        "side": None if gate.side is None else gate.side.value,
        "sentence": gate.sentence,
        "opens_in_s": None if gate.opens_at is None else _seconds(max(0.0, gate.opens_at - now)),
        "inputs": dict(gate.inputs),
        "opening": None if instrument is None else _opening(opening(gate, instrument)),
    }


def _with_the_source(
    gate: Json, strategy: StrategyName, tree: SupervisorStatus | None, now: float
) -> Json:
    """A gate for a missing price from elsewhere, with the last answer of its source."""
    source = None if tree is None else tree.pricing(strategy)
    if gate["code"] not in _PRICE_GATES or source is None or not source.last_cause:
        return gate
    inputs = {**gate["inputs"], "last error": source.last_cause}
    opening = gate["opening"]
    if opening is not None:
        words = f"{opening['words']}; {_INVITATION}"
        if source.next_start_at is not None:
            again_s = source.next_start_at - now
            words = f"{words}; {source.name}: asked again in {again_s:.1f} s"
        opening = {**opening, "words": words}
    return {**gate, "inputs": inputs, "opening": opening}


def _spread(side: Side, price: Decimal, top: TopOfBook | None) -> str | None:
    """How far a price is from the mid price, away from the market; a fraction."""
    if top is None:
        return None
    distance = top.mid_price - price if side is Side.BUY else price - top.mid_price
    return decimal_text((distance / top.mid_price).quantize(Decimal("0.000001")))


def _inventory(
    port: StrategyPorts, account: AccountView | None, top: TopOfBook | None
) -> Json | None:
    instrument = port.instrument.peek()
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
        "fees": {name: decimal_text(paid) for name, paid in performance.fees.items()},
        "fills": performance.fills,
        "last_fill": performance.last_fill,
        "orders_placed": performance.orders_placed,
        "orders_rejected": performance.orders_rejected,
    }


def _seconds(seconds: float) -> float:
    return round(seconds, 3)
