"""Orders that are made smaller or cancelled, and who is told of it."""

from engine.conformance.checks.orders.seen import (
    BALANCE,
    CANCELLED,
    COMMANDS,
    FAILED_CANCEL,
    LISTED,
    MODIFIED,
    OUTCOME,
    PAUSE_S,
    PLACED,
    STATUS,
    WAIT_S,
    desk_of,
    kinds,
    said,
    usual_first,
)
from engine.conformance.lab import ACCOUNT, Lab
from engine.conformance.line import of_type
from engine.conformance.looks import frame_shapes, shaped
from engine.conformance.probe import Group
from trading.venues.valr import order_frames
from trading.venues.valr.conformance.check import Facts, Level, NotSeen
from trading.venues.valr.rest.orders import MatchStrategy, modify_payload

CHANGING = Group(Level.ORDERS)


@CHANGING.check(
    "modified",
    "What follows a smaller quantity, and what is the order's status called then?",
    assumed="sections 3.6 and 7, U7, U22; simulator/orders/amendment.py",
    expected={
        "events": [MODIFIED, OUTCOME, STATUS, LISTED, BALANCE],
        "rules/modified_status": "Order Modified",
        **shaped(MODIFIED, OUTCOME),
    },
    unknown=("U7", "U22"),
)
async def _modified(lab: Lab) -> Facts:
    desk = desk_of(lab)
    price = await desk.far_price()
    least = desk.smallest(price)
    order = await desk.small(quantity=least + desk.instrument.lot_size)
    placed = said(await desk.place(order), PLACED) or {}
    payload = modify_payload(
        lab.pair,
        placed.get("orderId", ""),  # type: ignore[arg-type]  # a text, or refused as no name
        strategy=MatchStrategy.RETAIN_ORIGINAL,
        total_quantity=least,
    )
    heard = await desk.command(order_frames.modify(payload, desk.request_id()))
    await desk.found_at_last(order)
    status = await lab.ask("GET", f"/v1/orders/{lab.pair}/customerorderid/{order.client_order_id}")
    await desk.end(order)
    if said(heard, MODIFIED) is None:
        raise NotSeen(f"of the change came: {', '.join(kinds(heard)) or 'nothing'}")
    return {
        "events": sorted(set(kinds(heard)), key=usual_first),
        "rules/modified_status": (status.value or {}).get("orderStatusType"),
        **frame_shapes(heard, MODIFIED, OUTCOME),
    }


@CHANGING.check(
    "cancelled",
    "What follows a cancel by the socket?",
    assumed=f"section 6, U7; {COMMANDS}, simulator/orders/settlement.py",
    expected={"events": [CANCELLED, STATUS, LISTED, BALANCE], **shaped(CANCELLED, STATUS)},
    unknown=("U7",),
)
async def _cancelled(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    heard = await desk.cancel(order)
    await desk.end(order)
    return {
        "events": sorted(set(kinds(heard)), key=usual_first),
        **frame_shapes(heard, CANCELLED, STATUS),
    }


@CHANGING.check(
    "cancelled-twice",
    "Is a cancel that finds nothing told about?",
    assumed=f"sections 4.4 and 6; {COMMANDS}, trading/gateway/cancels.py",
    expected={"rules/tell_failed_cancels": True, **shaped(FAILED_CANCEL)},
)
async def _cancelled_twice(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    await desk.cancel(order)
    heard = await desk.cancel(order)
    await desk.end(order)
    told = said(heard, FAILED_CANCEL) is not None
    shapes = frame_shapes(heard, FAILED_CANCEL) if told else {}
    return {"rules/tell_failed_cancels": told, **shapes}


@CHANGING.check(
    "cancelled-by-rest",
    "Does version 1 take a cancel with 202 and an empty body?",
    assumed="section 3.6; simulator/rest/orders.py, trading/venues/valr/rest/orders.py",
    expected={"rules/cancel_status": 202, "body": ""},
)
async def _deleted(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    answer = await desk.delete(order)
    await desk.end(order)
    return {"rules/cancel_status": answer.status, "body": answer.body.decode("utf-8", "replace")}


@CHANGING.check(
    "status-unasked",
    "Is ORDER_STATUS_UPDATE sent to a socket that has not subscribed to it?",
    assumed=f"section 4.4, U8; {COMMANDS}",
    expected={"rules/status_on_demand": False},
    unknown=("U8",),
)
async def _unasked(lab: Lab) -> Facts:
    desk = desk_of(lab)
    line = await lab.open(ACCOUNT)
    await line.wait(of_type("AUTHENTICATED"), WAIT_S)
    order = await desk.small()
    await desk.place(order)
    since = line.mark
    asked = await desk.cancel(order)
    unasked = await line.gather(PAUSE_S, since=since, at_most_s=WAIT_S)
    await line.hang_up()
    await desk.end(order)
    here, there = said(asked, STATUS) is not None, said(unasked, STATUS) is not None
    if not (here or there):
        raise NotSeen("no ORDER_STATUS_UPDATE came to either socket")
    return {"rules/status_on_demand": here and not there}
