"""One order's life by the ledger: the reasons of its price, its events, its end."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from engine.views.time_args import moment_text
from trading.core.decimals import decimal_text
from trading.core.market import Side
from trading.journal import whole
from trading.journal.stored import StoredFill, StoredOrder
from trading.journal.whole import Whole

Json = dict[str, Any]

_SPREAD_PLACES = Decimal("0.000001")


def order_story(files: Whole, order_id: str) -> Json | None:
    """All that the ledger holds of an order; ``None`` for one that is not in it."""
    events = whole.events_of(files, order_id)
    if not events:
        return None
    fills = whole.fills_of(files, order_id)
    first, last = events[0], events[-1]
    return {
        "order": first.client_order_id,
        "strategy": first.strategy,
        "pair": first.pair,
        "side": first.side.value,
        "price": decimal_text(first.price),
        "quantity": decimal_text(first.quantity),
        "post_only": first.post_only,
        "mid_price": None if first.mid_price is None else decimal_text(first.mid_price),
        "spread": _spread(first),
        "decided_at": moment_text(first.decided_at_ns),
        "events": [_event(event, first) for event in events],
        "fills": [_fill(fill, first) for fill in fills],
        "filled": decimal_text(last.filled_quantity),
        "ended": last.status.terminal,
        "status": last.status.value,
        "reason": last.reason or None,
        "lived_s": _after_s(last.changed_at_ns, first) if last.status.terminal else None,
    }


def story_lines(story: Json) -> Iterator[str]:
    """The same for people."""
    yield (
        f"{story['order']}: {story['side']} {story['quantity']} {story['pair']} at"
        f" {story['price']}, decided by {story['strategy']} at {story['decided_at']}"
    )
    if story["mid_price"] is not None:
        percent = Decimal(story["spread"]) * 100
        yield f"  the mid price was {story['mid_price']}: {percent:.3f} % away"
    rows: Sequence[tuple[str, str]] = sorted(
        [(event["at"], _event_text(event)) for event in story["events"]]
        + [(fill["traded_at"], _fill_text(fill)) for fill in story["fills"]]
    )
    for at, text in rows:
        yield f"  {at}  {text}"
    if story["ended"]:
        reason = f": {story['reason']}" if story["reason"] else ""
        yield (
            f"  ended {story['status']} after {story['lived_s']:.3f} s,"
            f" {story['filled']} of {story['quantity']} filled{reason}"
        )
    else:
        yield f"  not ended as far as is known: {story['status']}"


def _event(event: StoredOrder, first: StoredOrder) -> Json:
    return {
        "at": moment_text(event.changed_at_ns),
        "after_s": _after_s(event.changed_at_ns, first),
        "recorded_at": moment_text(event.recorded_at_ns),
        "status": event.status.value,
        "filled": decimal_text(event.filled_quantity),
        "venue_order": event.venue_order_id,
        "reason": event.reason or None,
    }


def _event_text(event: Json) -> str:
    parts = [f"+{event['after_s']:.3f} s  {event['status']}"]
    if Decimal(event["filled"]):
        parts.append(f"{event['filled']} filled")
    if event["venue_order"]:
        parts.append(f"venue's id {event['venue_order']}")
    if event["reason"]:
        parts.append(str(event["reason"]))
    return ", ".join(parts)


def _fill(stored: StoredFill, first: StoredOrder) -> Json:
    fill = stored.fill
    return {
        "traded_at": moment_text(fill.traded_at_ms * 1_000_000),
        "after_s": _after_s(fill.traded_at_ms * 1_000_000, first),
        "booked_at": moment_text(stored.booked_at_ns),
        "trade": fill.trade_id,
        "price": decimal_text(fill.price),
        "quantity": decimal_text(fill.quantity),
        "fee": decimal_text(fill.fee),
        "fee_currency": fill.fee_currency,
    }


def _fill_text(fill: Json) -> str:
    return (
        f"+{fill['after_s']:.3f} s  trade {fill['trade']}: {fill['quantity']} at {fill['price']},"
        f" fee {fill['fee']} {fill['fee_currency']} (the venue's clock)"
    )


def _after_s(at_ns: int, first: StoredOrder) -> float:
    return round((at_ns - first.decided_at_ns) / 1e9, 3)


def _spread(order: StoredOrder) -> str | None:
    """How far its price was from the mid price, away from the market; a fraction."""
    mid = order.mid_price
    if not mid:
        return None
    distance = mid - order.price if order.side is Side.BUY else order.price - mid
    return decimal_text((distance / mid).quantize(_SPREAD_PLACES))
