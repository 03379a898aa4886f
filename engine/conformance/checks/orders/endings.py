"""What is shown of orders that have ended, and what ends with a socket."""

import trio

from engine.conformance.checks.orders.seen import ARMED, PAUSE_S, WAIT_S, desk_of, halved
from engine.conformance.lab import ACCOUNT, Lab
from engine.conformance.line import of_type
from engine.conformance.looks import frame_shapes, shaped
from engine.conformance.order_desk import OrderDesk
from engine.conformance.probe import Group
from trading.orders.order import Order
from trading.venues.valr.conformance.check import Facts, Level, NotTried

ENDINGS = Group(Level.ORDERS)


@ENDINGS.check(
    "history-of-the-unfilled",
    "Does the history hide cancelled orders that were not filled, unless they are asked for?",
    assumed="section 3.6; simulator/rest/history.py, trading/venues/valr/rest/orders.py",
    expected={"rules/show_unfilled_cancels": False, "asked for": True},
)
async def _hidden(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    await desk.end(order)
    path = "/v1/orders/history?skip=0&limit=20"
    unasked = await lab.ask("GET", path)
    asked = await lab.ask("GET", f"{path}&showZeroVolumeCancels=true")

    def shows(value: object) -> bool:
        rows = value if isinstance(value, list) else []
        return any(row.get("customerOrderId") == order.client_order_id for row in rows)

    return {
        "rules/show_unfilled_cancels": shows(unasked.value),
        "asked for": shows(asked.value),
    }


@ENDINGS.check(
    "cancel-on-disconnect",
    "Are orders cancelled when the socket ends that asked for it, and how soon?",
    assumed="section 6, U9; simulator/connections.py, trading/venues/valr/venue.py",
    expected={
        "rules/cancel_on_disconnect": True,
        "rules/cancel_on_disconnect_delay_s": 0,
        **shaped(ARMED),
    },
    unknown=("U9",),
)
async def _disconnect(lab: Lab) -> Facts:
    desk = desk_of(lab)
    if not desk.sole:
        raise NotTried("orders of somebody else are open: they would be cancelled too")
    line = await lab.open(ACCOUNT)
    await line.wait(of_type("AUTHENTICATED"), WAIT_S)
    since = line.mark
    await line.say({"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": True}})
    echo = await line.wait(of_type(ARMED, "ERROR"), WAIT_S / 2, since=since)
    order = await desk.small()
    await desk.post(order)
    await desk.found_at_last(order)
    await line.hang_up()
    after_s = await _gone_after_s(desk, order)
    await desk.end(order)
    shapes = frame_shapes([echo], ARMED) if echo and echo.said["type"] == ARMED else {}
    if after_s is None:
        return {"rules/cancel_on_disconnect": False, **shapes}
    return {
        "rules/cancel_on_disconnect": True,
        "rules/cancel_on_disconnect_delay_s": halved(after_s),
        **shapes,
    }


async def _gone_after_s(desk: OrderDesk, order: Order) -> float | None:
    """After how long an order has ended by itself; ``None`` where it has not."""
    began = trio.current_time()
    while trio.current_time() < began + WAIT_S:
        report = await desk.found(order)
        if report is not None and await desk.record(report):
            return trio.current_time() - began
        await trio.sleep(PAUSE_S)
    return None
