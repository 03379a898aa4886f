"""
Plans: the orders that a strategy would have working now; evaluated, never sent.

Times and prices are those of a snapshot, so the same snapshot and settings give the same plan.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from config.source.problems import cut
from config.strategies.base import StrategySettings
from engine.views.snapshot import Snapshot
from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import ClientOrderIds, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.decisions.decision import Decision, Gate, Quote
from trading.orders.completed import CompletedOrders
from trading.orders.order import Order
from trading.risk import CheckedOrder, Profit, Refusal, RiskLimits, RiskView, check
from trading.strategies.interface import View
from trading.strategies.soundness import sound

Json = dict[str, Any]

_LOOKS = 10
_PATIENCE_S = 10.0
"""A strategy may want to look a few times before it quotes; with the same market each time."""

_PLACES = Decimal("0.000001")


def plan(
    name: StrategyName,
    settings: StrategySettings,
    snapshot: Snapshot,
    others: Mapping[Pair, Instrument],
) -> Json:
    """
    One strategy's plan; money is text, spreads are fractions.

    Args:
        snapshot: Of the strategy's pair.
        others: Rules of the other pairs that are traded: two pairs may share a currency.
    """
    top = snapshot.top
    try:
        decision = _decision(name, settings, snapshot)
    except Exception as error:  # noqa: BLE001  # it may be another package's code
        why = f"the strategy raises {type(error).__name__}: {cut(str(error))}"
        decision = Decision(gates=(Gate(code="strategy_raises", side=None, sentence=why),))
    gates = [_gate(gate, snapshot.now) for gate in decision.gates]
    gates += [_hindrance(sentence) for sentence in snapshot.hindrances]
    orders = _orders(name, settings.risk_limits, snapshot, others, decision)
    fine = {
        side.value: not snapshot.hindrances
        and any(o["side"] == side.value and not o["clashes"] for o in orders)
        for side in Side
    }
    return {
        "pair": snapshot.pair,
        "kind": settings.kind,
        "would_quote": fine,
        "book": None
        if top is None
        else {
            "bid": decimal_text(top.best_bid),
            "ask": decimal_text(top.best_ask),
            "mid": decimal_text(top.mid_price),
        },
        "orders": orders,
        "gates": gates,
        "budget": list(_budget(orders, snapshot)),
        "rate": {
            "placements_per_minute": settings.quoting.placements_per_minute,
            "max_instructions_per_minute": settings.risk_limits.max_instructions_per_minute,
        },
    }


def would_quote(planned: Mapping[str, Json]) -> bool:
    """Whether every strategy would have orders on both sides that may be sent."""
    return all(all(each["would_quote"].values()) for each in planned.values())


def _decision(name: StrategyName, settings: StrategySettings, snapshot: Snapshot) -> Decision:
    """The first decision that places something; else the first one, with its gates."""
    if snapshot.top is None:
        gate = Gate(code="view_incomplete", side=None, sentence="there is no book to decide on")
        return Decision(gates=(gate,))
    strategy = settings.strategy()
    now = snapshot.now
    state = strategy.begin(now)
    first: Decision | None = None
    for _ in range(_LOOKS):
        view = _view(snapshot, now)
        answer, state = strategy.decide(view, state)
        decision = sound(answer, name)
        first = first or decision
        again = decision.look_again_at
        if decision.places or again is None or again > snapshot.now + _PATIENCE_S:
            return decision if decision.places else first
        now = max(again, now + 0.1)
    assert first is not None
    return first


def _view(snapshot: Snapshot, now: float) -> View:
    assert snapshot.top is not None
    return View(
        now=now,
        instrument=snapshot.instrument,
        top=snapshot.top,
        balances=snapshot.balances,
        fees=snapshot.fees,
        orders=(),
        completed=CompletedOrders(),
        prices=snapshot.prices,
        unix_s=snapshot.unix_s + now - snapshot.now,
    )


def _orders(
    name: StrategyName,
    limits: RiskLimits,
    snapshot: Snapshot,
    others: Mapping[Pair, Instrument],
    decision: Decision,
) -> list[Json]:
    view = _risk_view(name, snapshot, others)
    ids = ClientOrderIds("plan", 0)
    listed = []
    for quote in decision.places:
        order = Order(
            client_order_id=ids.next(name),
            strategy=name,
            pair=snapshot.pair,
            side=quote.side,
            price=quote.price,
            quantity=quote.quantity,
            post_only=quote.post_only,
            created_at=snapshot.now,
            changed_at=snapshot.now,
        )
        checked = check(order, view, limits)
        refusals: tuple[Refusal, ...] = ()
        if isinstance(checked, CheckedOrder):
            # Each order is checked together with those before it, as at the gateway.
            view = view.with_order(order)
        else:
            refusals = checked
        listed.append(_order(quote, snapshot, refusals))
    return listed


def _risk_view(
    name: StrategyName, snapshot: Snapshot, others: Mapping[Pair, Instrument]
) -> RiskView:
    trade = snapshot.prices.last_trade
    return RiskView(
        strategy=name,
        instrument=snapshot.instrument,
        now=snapshot.now,
        top=snapshot.top,
        book_at=snapshot.now,
        last_trade_price=None if trade is None else trade.value,
        clock_sure=True,
        working=(),
        balances=snapshot.balances,
        profit=Profit(),
        other_instruments={pair: each for pair, each in others.items() if pair != snapshot.pair},
    )


def _order(quote: Quote, snapshot: Snapshot, refusals: tuple[Refusal, ...]) -> Json:
    assert snapshot.top is not None
    mid = snapshot.top.mid_price
    distance = mid - quote.price if quote.side is Side.BUY else quote.price - mid
    return {
        "side": quote.side.value,
        "level": quote.level,
        "price": decimal_text(quote.price),
        "quantity": decimal_text(quote.quantity),
        "notional": decimal_text(quote.price * quote.quantity),
        "spread": decimal_text((distance / mid).quantize(_PLACES)),
        "distance": decimal_text(distance),
        "post_only": quote.post_only,
        "clashes": [
            {"code": refusal.code.value, "sentence": refusal.sentence} for refusal in refusals
        ],
    }


def _budget(orders: list[Json], snapshot: Snapshot) -> Iterator[Json]:
    instrument = snapshot.instrument
    for currency, side, of in (
        (instrument.base, Side.SELL, "quantity"),
        (instrument.quote, Side.BUY, "notional"),
    ):
        used = sum((Decimal(o[of]) for o in orders if o["side"] == side.value), ZERO)
        balance = snapshot.balances.get(currency)
        available = ZERO if balance is None else balance.available
        yield {
            "currency": currency,
            "available": decimal_text(available),
            "used": decimal_text(used),
            "share": decimal_text((used / available).quantize(_PLACES)) if available else None,
        }


def _gate(gate: Gate, now: float) -> Json:
    return {
        "code": gate.code,
        "side": None if gate.side is None else gate.side.value,
        "sentence": gate.sentence,
        "opens_in_s": None if gate.opens_at is None else round(max(0.0, gate.opens_at - now), 3),
        "inputs": dict(gate.inputs),
    }


def _hindrance(sentence: str) -> Json:
    return {
        "code": "engine",
        "side": None,
        "sentence": sentence,
        "opens_in_s": None,
        "inputs": {},
    }


def without_snapshot(settings: StrategySettings, sentence: str) -> Json:
    """The plan of a strategy whose pair has no snapshot."""
    nothing: list[Json] = []
    return {
        "pair": settings.pair,
        "kind": settings.kind,
        "would_quote": {side.value: False for side in Side},
        "book": None,
        "orders": nothing,
        "gates": [{**_hindrance(sentence), "code": "view_incomplete"}],
        "budget": nothing,
        "rate": None,
    }
