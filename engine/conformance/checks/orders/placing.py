"""Orders that rest far below the market: placed, looked up, listed."""

import trio

from engine.conformance.checks.orders.seen import (
    BALANCE,
    LISTED,
    PAUSE_S,
    PLACED,
    PROCESSED,
    STATUS,
    WAIT_S,
    desk_of,
    halved,
    kinds,
    said,
)
from engine.conformance.lab import Lab
from engine.conformance.looks import answer_shape, frame_shapes, shaped
from engine.conformance.probe import Group
from trading.venues.valr.conformance.check import Facts, Level, NotSeen

PLACING = Group(Level.ORDERS)

_OPEN = "GET /v1/orders/open"
_LOOKUP = "GET /v1/orders/{pair}/{name}/{id}"
_POST = "POST /v1/orders/limit"
_PLACE = "section 7; simulator/orders/entry.py, trading/gateway/tracker.py"


@PLACING.check(
    "placed-by-socket",
    "What follows an order that simply rests, and in which order?",
    assumed=f"{_PLACE}, U7, U8",
    expected={
        "rules/event_order": [],
        "rules/tell_resting_orders": False,
        **shaped(PLACED, PROCESSED, LISTED),
    },
    unknown=("U7", "U8"),
)
async def _placed(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    heard = await desk.place(order)
    await desk.end(order)
    if said(heard, PLACED) is None and said(heard, PROCESSED) is None:
        raise NotSeen(f"of the order came: {', '.join(kinds(heard)) or 'nothing'}")
    order_seen = [kind for kind in kinds(heard) if kind != STATUS]
    usual = [PLACED, PROCESSED, LISTED, BALANCE]
    return {
        "rules/event_order": [] if order_seen == usual else order_seen,
        "rules/tell_resting_orders": STATUS in kinds(heard),
        **frame_shapes(heard, PLACED, PROCESSED, LISTED),
    }


@PLACING.check(
    "placed-by-rest",
    "Does version 1 queue an order with 202, and name it?",
    assumed="section 3.6; trading/venues/valr/rest/orders.py",
    expected={"status": 202, **shaped(_POST)},
)
async def _posted(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    answer = await desk.post(order)
    await desk.end(order)
    return {"status": answer.status, **answer_shape(_POST, answer, cached=False)}


@PLACING.check(
    "looked-up",
    "Is an order found by both of its ids as soon as it was taken?",
    assumed="section 3.6, U12; trading/gateway/lookups.py, simulator/rest/history.py",
    expected={"rules/lookup_delay_s": 0, **shaped(_LOOKUP), "by both ids": True},
    unknown=("U12",),
)
async def _looked_up(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    placed = await desk.post(order)
    began = trio.current_time()
    ours = f"/v1/orders/{lab.pair}/customerorderid/{order.client_order_id}"
    answer = await lab.ask("GET", ours)
    after_s = 0.0
    while answer.status != 200 and after_s < WAIT_S:  # noqa: PLR2004  # found
        await trio.sleep(PAUSE_S)
        after_s = trio.current_time() - began
        answer = await lab.ask("GET", ours)
    venue_id = (placed.value or {}).get("id", "")
    other = await lab.ask("GET", f"/v1/orders/{lab.pair}/orderid/{venue_id}")
    await desk.end(order)
    return {
        "rules/lookup_delay_s": halved(after_s),
        **answer_shape(_LOOKUP, answer, cached=False),
        "by both ids": other.status == answer.status,
    }


@PLACING.check(
    "listed-as-open",
    "Has a resting order the fields in the list of open orders that we read?",
    assumed="section 3.6; simulator/wire/frames.py, trading/venues/valr/codec/fields.py",
    expected={**shaped(_OPEN), "listed": True},
)
async def _listed(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    answer = await lab.ask("GET", "/v1/orders/open")
    await desk.end(order)
    rows = answer.value if isinstance(answer.value, list) else []
    names = [row.get("customerOrderId") for row in rows if isinstance(row, dict)]
    return {
        **answer_shape(_OPEN, answer, cached=False),
        "listed": order.client_order_id in names,
    }
