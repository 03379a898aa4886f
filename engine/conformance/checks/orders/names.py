"""Orders with the name of another, open or ended."""

import trio

from engine.conformance.checks.orders.seen import PAUSE_S, PROCESSED, WAIT_S, desk_of, said
from engine.conformance.lab import Lab
from engine.conformance.order_desk import OrderDesk
from engine.conformance.probe import Group
from trading.orders.order import Order
from trading.venues.valr.conformance.check import Facts, Level, NotSeen

NAMES = Group(Level.ORDERS)


@NAMES.check(
    "name-of-an-open-order",
    "Is an order refused that has the name of an open one, and in which words?",
    assumed="sections 3.6 and 3.7; simulator/orders/failures.py",
    expected={
        "rules/take_duplicate_names": False,
        "refusals/failure -11502": "Duplicate customer order id's are not allowed",
    },
)
async def _duplicate(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    outcome = said(await desk.place(order), PROCESSED) or {}
    await desk.end(order)
    await _twin_ended(desk, order)
    if "success" not in outcome:
        raise NotSeen("the second order has no ORDER_PROCESSED")
    if outcome["success"]:
        return {"rules/take_duplicate_names": True}
    return {
        "rules/take_duplicate_names": False,
        "refusals/failure -11502": outcome.get("failureReason", ""),
    }


async def _twin_ended(desk: OrderDesk, order: Order) -> None:
    """Cancel what else has an order's name, until the list shows nothing of it."""
    with trio.move_on_after(WAIT_S):
        while True:
            rows = (await desk.lab.ask("GET", "/v1/orders/open")).value or ()
            names = [row.get("customerOrderId") for row in rows if isinstance(row, dict)]
            if order.client_order_id not in names:
                return
            await desk.delete(order)
            await trio.sleep(PAUSE_S)


@NAMES.check(
    "name-of-an-ended-order",
    "May an order have the name of one that has ended?",
    assumed="section 3.6; simulator/orders/entry.py, trading/core/identifiers.py",
    expected={"rules/names_once": False},
)
async def _name_again(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    await desk.cancel(order)
    outcome = said(await desk.place(order), PROCESSED) or {}
    await _twin_ended(desk, order)
    await desk.end(order)
    if "success" not in outcome:
        raise NotSeen("the second order has no ORDER_PROCESSED")
    return {"rules/names_once": not outcome["success"]}
