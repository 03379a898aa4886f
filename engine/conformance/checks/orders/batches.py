"""Several requests at once."""

from collections.abc import Sequence

from msgspec.structs import replace

from engine.conformance.checks.orders.seen import BATCH, COMMANDS, HALVES, desk_of, kinds, said
from engine.conformance.lab import Lab
from engine.conformance.looks import answer_shape, shaped
from engine.conformance.order_desk import OrderDesk
from engine.conformance.probe import Group
from trading.orders.order import Order
from trading.venues.valr import order_frames
from trading.venues.valr.conformance.check import Facts, Level, NotSeen
from trading.venues.valr.rest.orders import Leg, LegKind, batch_payload, limit_payload

BATCHES = Group(Level.ORDERS)

_POST_BATCH = "POST /v1/batch/orders"


@BATCHES.check(
    "batch-by-rest",
    "Has a batch an outcome for each of its requests, in their order?",
    assumed="section 3.6; simulator/orders/batches.py, trading/venues/valr/wire/orders.py",
    expected={**shaped(_POST_BATCH), "accepted": [True, False]},
)
async def _batch_by_rest(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order, legs = await _two_legs(desk)
    answer = await lab.ask("POST", "/v1/batch/orders", batch_payload(legs))
    await desk.end(order)
    outcomes = (answer.value or {}).get("outcomes", ())
    return {
        **answer_shape(_POST_BATCH, answer, cached=False),
        "accepted": [outcome.get("accepted") for outcome in outcomes],
    }


async def _two_legs(desk: OrderDesk) -> tuple[Order, Sequence[Leg]]:
    """A good order and a leg with it, and one that is too small."""
    order = await desk.small()
    small = replace(
        order,
        client_order_id=desk.ids.next(desk.strategy),
        quantity=desk.instrument.quantity_min / HALVES,
    )
    return order, [
        Leg(kind=LegKind.PLACE_LIMIT, payload=limit_payload(each)) for each in (order, small)
    ]


@BATCHES.check(
    "batch-by-socket",
    "Where does the answer to a batch on the socket have its outcomes?",
    assumed=f"section 6, U4; {COMMANDS}",
    expected={"rules/batch_reply": "data"},
    unknown=("U4",),
)
async def _batch_by_socket(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order, legs = await _two_legs(desk)
    heard = await desk.command(order_frames.batch(legs, desk.request_id()))
    await desk.end(order)
    replies = [one.said for one in heard if one.said.get("type") == BATCH]
    if not replies:
        raise NotSeen(f"of the batch came: {', '.join(kinds(heard)) or 'nothing'}")
    if "outcomes" in replies[0]:
        return {"rules/batch_reply": "frame"}
    within = "outcomes" in (said(heard, BATCH) or {})
    return {"rules/batch_reply": "data" if within else "each", "replies": len(replies)}
