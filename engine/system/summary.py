"""The summary of a run, as a value, as JSON for machines and as text for people."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from config.source.problems import printable
from engine.process.exit_codes import ExitCode
from engine.supervision.life_log import GivenUp
from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Balance, Side
from trading.journal.performance import Performance
from trading.messages.gateway import FlatProof
from trading.readiness.lease import Component, Milestones

Json = dict[str, object]


class StrategySummary(msgspec.Struct, frozen=True, kw_only=True):
    """
    One strategy's run.

    Args:
        instrument: ``None`` when its rules never became known.
        price: The mid price at the end, in quote currency; the last fill's where there is none.
        quoting_s: Seconds with an order at the venue, by side; up to the stop.
        in_doubt: Orders that were in doubt for long, in words.
        not_quoting_s: Seconds without one, by side and by the code of their one cause; all together
            they are no more than the run's.
    """

    pair: Pair
    instrument: Instrument | None
    milestones: Milestones
    performance: Performance
    price: Decimal | None
    quoting_s: Mapping[Side, float]
    inventory: Mapping[Currency, Balance]
    in_doubt: Sequence[str] = ()
    not_quoting_s: Mapping[Side, Mapping[str, float]] = msgspec.field(default_factory=dict)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """
    A whole run.

    Args:
        ended_by: The reason of its end, in words.
        uptime_s: Monotonic seconds from the start to the moment it was asked to stop.
        restarts: How often the supervisor began a child anew after it had ended by itself.
        given_up: The actors that failed too often to be started again, the first of them first.
        halt: Why nothing may be quoted until a person resumes; empty without a standing halt.
        log_lines_lost: Lines that could not be written, by destination of the log.
    """

    engine: str
    venue: str
    ended_by: str
    exit_code: ExitCode
    uptime_s: float
    restarts: int
    proof: FlatProof
    strategies: Mapping[StrategyName, StrategySummary]
    given_up: Sequence[GivenUp] = ()
    halt: str = ""
    log_lines_lost: Mapping[str, int] = msgspec.field(default_factory=dict)


def as_json(summary: Summary) -> Json:
    """The summary for machines: money as text, times as seconds."""
    performances = [strategy.performance for strategy in summary.strategies.values()]
    stood = [len(strategy.milestones.components) for strategy in summary.strategies.values()]
    return {
        "engine": summary.engine,
        "venue": summary.venue,
        "ended_by": summary.ended_by,
        "exit_code": int(summary.exit_code),
        "uptime_s": round(summary.uptime_s, 3),
        "restarts": summary.restarts,
        "given_up": [msgspec.structs.asdict(one) for one in summary.given_up],
        "halt": summary.halt or None,
        "ready": f"{min(stood, default=0)}/{len(Component)}",
        "orders_placed": sum(p.orders_placed for p in performances),
        "orders_cancelled": sum(p.orders_cancelled for p in performances),
        "orders_filled": sum(p.orders_filled for p in performances),
        "orders_rejected": sum(p.orders_rejected for p in performances),
        "fills": sum(p.fills for p in performances),
        "open_orders_left": len(summary.proof.left) if _known(summary.proof) else None,
        "flat_proven": summary.proof.proven,
        "flat_trouble": summary.proof.trouble or None,
        "unread": summary.proof.unread or None,
        "orders_left": [report.venue_order_id for report in summary.proof.left],
        "orders_in_doubt": list(summary.proof.in_doubt),
        "log_lines_lost": dict(summary.log_lines_lost),
        "strategies": {
            name: _strategy_json(strategy, summary.uptime_s)
            for name, strategy in summary.strategies.items()
        },
    }


def _known(proof: FlatProof) -> bool:
    return proof.proven or bool(proof.left)


def _strategy_json(strategy: StrategySummary, uptime_s: float) -> Json:
    performance, milestones = strategy.performance, strategy.milestones
    return {
        "pair": strategy.pair,
        "ready": milestones.count,
        "ready_after_s": milestones.ready,
        "components_after_s": {c.value: s for c, s in milestones.components.items()},
        "orders_placed": performance.orders_placed,
        "orders_cancelled": performance.orders_cancelled,
        "orders_filled": performance.orders_filled,
        "orders_rejected": performance.orders_rejected,
        "in_doubt": list(strategy.in_doubt),
        "fills": performance.fills,
        "bought": decimal_text(performance.bought),
        "sold": decimal_text(performance.sold),
        "fees": {currency: decimal_text(fee) for currency, fee in performance.fees.items()},
        "inventory": {
            currency: {
                "available": decimal_text(balance.available),
                "reserved": decimal_text(balance.reserved),
            }
            for currency, balance in strategy.inventory.items()
        },
        "position": decimal_text(performance.position.quantity),
        "price": None if strategy.price is None else decimal_text(strategy.price),
        "profit": {name: decimal_text(_cents(value)) for name, value in _profit(strategy).items()},
        "quoting_s": {side.value: round(s, 3) for side, s in strategy.quoting_s.items()},
        "quoting_share": {
            side.value: round(seconds / uptime_s, 4) if uptime_s else 0.0
            for side, seconds in strategy.quoting_s.items()
        },
        "not_quoting_s": {
            side.value: {code: round(seconds, 3) for code, seconds in _longest(gates)}
            for side, gates in strategy.not_quoting_s.items()
        },
    }


def _longest(gates: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(gates.items(), key=lambda item: -item[1])


def _profit(strategy: StrategySummary) -> dict[str, Decimal]:
    """In quote currency; unrealised at the price of the end."""
    position = strategy.performance.position
    unrealised = ZERO if strategy.price is None else position.unrealised_profit(strategy.price)
    return {
        "realised": position.realised_profit,
        "unrealised": unrealised,
        "total": position.realised_profit + unrealised,
    }


def _cents(value: Decimal) -> Decimal:
    """Profit to eight places: an average cost has no exact decimal."""
    return value.quantize(Decimal("1e-8"))


def as_text(summary: Summary) -> str:
    """The summary for people."""
    proof = summary.proof
    flat = "no order of ours is left: proven by the venue's list"
    if not proof.proven:
        flat = f"NOT PROVEN FLAT: {proof.trouble}; orders left: {_left(proof)}"
    lines = [
        "",
        (
            f"{summary.engine} on {summary.venue}: {summary.uptime_s:.1f} s, "
            f"ended by {summary.ended_by}, {summary.restarts} restarts"
        ),
        f"  {flat}",
    ]
    if proof.proven and proof.unread:
        lines.append(
            f"  THE LEDGER MAY LACK {proof.unread}; a start with the same ledger"
            " reads it, as long as the venue lists it"
        )
    for one in summary.given_up:
        place = f", raised at {one.raised_at}" if one.raised_at else ""
        lines.append(printable(f"  GIVEN UP: {one.actor}, {one.cause}{place} ({one.why})"))
    if summary.halt:
        lines.append(f"  HALTED: {summary.halt}; nothing is quoted until `engine resume --confirm`")
    if lost := [
        f"{count} of the {name}" for name, count in summary.log_lines_lost.items() if count
    ]:
        lines.append(f"  LOG LINES LOST: {', '.join(lost)}")
    for name, strategy in summary.strategies.items():
        lines += _strategy_lines(name, strategy, summary.uptime_s)
    return "\n".join(lines)


def _left(proof: FlatProof) -> str:
    if proof.left:
        return ", ".join(str(report.venue_order_id) for report in proof.left)
    if proof.in_doubt:
        return f"unknown, perhaps {', '.join(proof.in_doubt)} (see `engine kill CONFIG`)"
    return "unknown"


def _strategy_lines(name: StrategyName, strategy: StrategySummary, uptime_s: float) -> list[str]:
    performance, milestones = strategy.performance, strategy.milestones
    quote = "" if strategy.instrument is None else f" {strategy.instrument.quote}"
    base = "" if strategy.instrument is None else f" {strategy.instrument.base}"
    ready = "never ready" if milestones.ready is None else f"ready after {milestones.ready:.2f} s"
    profit = _profit(strategy)
    fees = ", ".join(f"{decimal_text(f)} {currency}" for currency, f in performance.fees.items())
    quoting = ", ".join(
        f"{side.value} {seconds:.1f} s ({seconds / uptime_s:.0%})" if uptime_s else side.value
        for side, seconds in strategy.quoting_s.items()
    )
    holdings = ", ".join(
        f"{decimal_text(balance.total)} {currency}"
        for currency, balance in strategy.inventory.items()
    )
    return [
        f"  {name} ({strategy.pair}): {milestones.count}, {ready}",
        (
            f"    orders     {performance.orders_placed} placed, "
            f"{performance.orders_cancelled} cancelled, {performance.orders_filled} filled, "
            f"{performance.orders_rejected} rejected"
        ),
        (
            f"    fills      {performance.fills}: bought {decimal_text(performance.bought)}{base}, "
            f"sold {decimal_text(performance.sold)}{base}; fees {fees or 'none'}"
        ),
        f"    inventory  {holdings or 'unknown'}",
        (
            f"    profit     {profit['total']:+.6f}{quote} (realised {profit['realised']:+.6f}, "
            f"unrealised {profit['unrealised']:+.6f})"
        ),
        f"    quoting    {quoting}",
        *_kept_out(strategy),
        *(f"    in doubt   {words}" for words in strategy.in_doubt[-_DOUBTS_SHOWN:]),
    ]


_GATES_SHOWN, _DOUBTS_SHOWN = 3, 3


def _kept_out(strategy: StrategySummary) -> list[str]:
    """The gates that kept a side out for longest."""
    return [
        f"    no {side.value:<7} "
        + ", ".join(f"{code} {seconds:.1f} s" for code, seconds in _longest(gates)[:_GATES_SHOWN])
        for side, gates in strategy.not_quoting_s.items()
        if gates
    ]
