"""Checks with orders that rest far below the market: placed, looked up, changed, cancelled."""

from collections.abc import Mapping, Sequence

import trio
from msgspec.structs import replace

from engine.conformance.lab import ACCOUNT, Lab
from engine.conformance.line import Heard, of_type
from engine.conformance.looks import answer_shape, frame_shapes, shaped
from engine.conformance.order_desk import OrderDesk
from engine.conformance.probe import Group
from trading.orders.order import Order
from trading.venues.valr import order_frames
from trading.venues.valr.conformance.check import Facts, Level, NotSeen, NotTried
from trading.venues.valr.rest.orders import (
    Leg,
    LegKind,
    MatchStrategy,
    batch_payload,
    limit_payload,
    modify_payload,
)

ORDERS = Group(Level.ORDERS)

_PLACED, _CANCELLED = "PLACE_LIMIT_WS_RESPONSE", "CANCEL_ORDER_WS_RESPONSE"
_MODIFIED, _OUTCOME = "MODIFY_ORDER_WS_RESPONSE", "MODIFY_ORDER_OUTCOME"
_PROCESSED, _STATUS = "ORDER_PROCESSED", "ORDER_STATUS_UPDATE"
_LIST, _BALANCE = "OPEN_ORDERS_UPDATE", "BALANCE_UPDATE"
_FAILED_CANCEL, _BATCH = "FAILED_CANCEL_ORDER", "BATCH_ORDERS_WS_RESPONSE"
_ARMED = "CANCEL_ON_DISCONNECT_UPDATE"
_OPEN, _LOOKUP = "GET /v1/orders/open", "GET /v1/orders/{pair}/{name}/{id}"
_POST, _POST_BATCH = "POST /v1/orders/limit", "POST /v1/batch/orders"
_WAIT_S, _PAUSE_S = 10.0, 0.25
_COMMANDS = "simulator/sockets/commands.py"
_PLACE = "section 7; simulator/orders/entry.py, trading/gateway/tracker.py"
_HALVES = 2


def desk_of(lab: Lab) -> OrderDesk:
    """
    The desk of this run.

    Raises:
        NotTried: There is none.
    """
    if not isinstance(lab.desk, OrderDesk):
        raise NotTried(lab.no_desk or "there is no desk for orders")
    return lab.desk


def kinds(heard: Sequence[Heard]) -> list[str]:
    """The types of some frames, in order, each run of one type once."""
    found = [str(one.said.get("type")) for one in heard]
    return [kind for at, kind in enumerate(found) if at == 0 or found[at - 1] != kind]


def said(heard: Sequence[Heard], kind: str) -> Mapping[str, object] | None:
    """What the first frame of a type says."""
    for one in heard:
        if one.said.get("type") == kind:
            data = one.said.get("data", {})
            return data if isinstance(data, dict) else {}
    return None


def _halved(seconds: float) -> float | int:
    rounded = round(seconds * _HALVES) / _HALVES
    return int(rounded) if rounded == int(rounded) else rounded


@ORDERS.check(
    "placed-by-socket",
    "What follows an order that simply rests, and in which order?",
    assumed=f"{_PLACE}, U7, U8",
    expected={
        "rules/event_order": [],
        "rules/tell_resting_orders": False,
        **shaped(_PLACED, _PROCESSED, _LIST),
    },
    unknown=("U7", "U8"),
)
async def _placed(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    heard = await desk.place(order)
    await desk.end(order)
    if said(heard, _PLACED) is None and said(heard, _PROCESSED) is None:
        raise NotSeen(f"of the order came: {', '.join(kinds(heard)) or 'nothing'}")
    order_seen = [kind for kind in kinds(heard) if kind != _STATUS]
    usual = [_PLACED, _PROCESSED, _LIST, _BALANCE]
    return {
        "rules/event_order": [] if order_seen == usual else order_seen,
        "rules/tell_resting_orders": _STATUS in kinds(heard),
        **frame_shapes(heard, _PLACED, _PROCESSED, _LIST),
    }


@ORDERS.check(
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


@ORDERS.check(
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
    while answer.status != 200 and after_s < _WAIT_S:  # noqa: PLR2004  # found
        await trio.sleep(_PAUSE_S)
        after_s = trio.current_time() - began
        answer = await lab.ask("GET", ours)
    venue_id = (placed.value or {}).get("id", "")
    other = await lab.ask("GET", f"/v1/orders/{lab.pair}/orderid/{venue_id}")
    await desk.end(order)
    return {
        "rules/lookup_delay_s": _halved(after_s),
        **answer_shape(_LOOKUP, answer, cached=False),
        "by both ids": other.status == answer.status,
    }


@ORDERS.check(
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


@ORDERS.check(
    "modified",
    "What follows a smaller quantity, and what is the order's status called then?",
    assumed="sections 3.6 and 7, U7, U22; simulator/orders/amendment.py",
    expected={
        "events": [_MODIFIED, _OUTCOME, _STATUS, _LIST, _BALANCE],
        "rules/modified_status": "Order Modified",
        **shaped(_MODIFIED, _OUTCOME),
    },
    unknown=("U7", "U22"),
)
async def _modified(lab: Lab) -> Facts:
    desk = desk_of(lab)
    price = await desk.far_price()
    least = desk.smallest(price)
    order = await desk.small(quantity=least + desk.instrument.lot_size)
    placed = said(await desk.place(order), _PLACED) or {}
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
    if said(heard, _MODIFIED) is None:
        raise NotSeen(f"of the change came: {', '.join(kinds(heard)) or 'nothing'}")
    return {
        "events": sorted(set(kinds(heard)), key=_usual_first),
        "rules/modified_status": (status.value or {}).get("orderStatusType"),
        **frame_shapes(heard, _MODIFIED, _OUTCOME),
    }


def _usual_first(kind: str) -> int:
    usual = (_MODIFIED, _CANCELLED, _OUTCOME, _FAILED_CANCEL, _STATUS, _PROCESSED, _LIST, _BALANCE)
    return usual.index(kind) if kind in usual else len(usual)


@ORDERS.check(
    "cancelled",
    "What follows a cancel by the socket?",
    assumed=f"section 6, U7; {_COMMANDS}, simulator/orders/settlement.py",
    expected={"events": [_CANCELLED, _STATUS, _LIST, _BALANCE], **shaped(_CANCELLED, _STATUS)},
    unknown=("U7",),
)
async def _cancelled(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    heard = await desk.cancel(order)
    await desk.end(order)
    return {
        "events": sorted(set(kinds(heard)), key=_usual_first),
        **frame_shapes(heard, _CANCELLED, _STATUS),
    }


@ORDERS.check(
    "cancelled-twice",
    "Is a cancel that finds nothing told about?",
    assumed=f"sections 4.4 and 6; {_COMMANDS}, trading/gateway/cancels.py",
    expected={"rules/tell_failed_cancels": True, **shaped(_FAILED_CANCEL)},
)
async def _cancelled_twice(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small()
    await desk.place(order)
    await desk.cancel(order)
    heard = await desk.cancel(order)
    await desk.end(order)
    told = said(heard, _FAILED_CANCEL) is not None
    shapes = frame_shapes(heard, _FAILED_CANCEL) if told else {}
    return {"rules/tell_failed_cancels": told, **shapes}


@ORDERS.check(
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


@ORDERS.check(
    "status-unasked",
    "Is ORDER_STATUS_UPDATE sent to a socket that has not subscribed to it?",
    assumed=f"section 4.4, U8; {_COMMANDS}",
    expected={"rules/status_on_demand": False},
    unknown=("U8",),
)
async def _unasked(lab: Lab) -> Facts:
    desk = desk_of(lab)
    line = await lab.open(ACCOUNT)
    await line.wait(of_type("AUTHENTICATED"), _WAIT_S)
    order = await desk.small()
    await desk.place(order)
    since = line.mark
    asked = await desk.cancel(order)
    unasked = await line.gather(_PAUSE_S, since=since, at_most_s=_WAIT_S)
    await line.hang_up()
    await desk.end(order)
    here, there = said(asked, _STATUS) is not None, said(unasked, _STATUS) is not None
    if not (here or there):
        raise NotSeen("no ORDER_STATUS_UPDATE came to either socket")
    return {"rules/status_on_demand": here and not there}


@ORDERS.check(
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
    outcome = said(await desk.place(order), _PROCESSED) or {}
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
    with trio.move_on_after(_WAIT_S):
        while True:
            rows = (await desk.lab.ask("GET", "/v1/orders/open")).value or ()
            names = [row.get("customerOrderId") for row in rows if isinstance(row, dict)]
            if order.client_order_id not in names:
                return
            await desk.delete(order)
            await trio.sleep(_PAUSE_S)


@ORDERS.check(
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
    outcome = said(await desk.place(order), _PROCESSED) or {}
    await _twin_ended(desk, order)
    await desk.end(order)
    if "success" not in outcome:
        raise NotSeen("the second order has no ORDER_PROCESSED")
    return {"rules/names_once": not outcome["success"]}


@ORDERS.check(
    "post-only-that-crosses",
    "How does a post-only order fail that would trade at once?",
    assumed="sections 3.6 and 7; simulator/orders/failures.py",
    expected={
        "events": [_PLACED, _STATUS, _PROCESSED],
        "refusals/failure -11501": "Post only order cancelled as it would have matched",
    },
)
async def _crossing(lab: Lab) -> Facts:
    desk = desk_of(lab)
    price = await desk.crossing_price()
    order = await desk.small(price=price, quantity=desk.smallest(price))
    heard = await desk.place(order)
    await desk.end(order)
    outcome = said(heard, _PROCESSED) or {}
    if outcome.get("success") is not False:
        raise NotSeen(f"it did not fail: {', '.join(kinds(heard)) or 'nothing came'}")
    return {
        "events": sorted(set(kinds(heard)), key=lambda kind: (kind != _PLACED, kind != _STATUS)),
        "refusals/failure -11501": outcome.get("failureReason", ""),
    }


@ORDERS.check(
    "refused-by-version-2",
    "Which status has an order that version 2 refuses?",
    assumed="section 3.6, U10; trading/venues/valr/errors.py, simulator/rest/orders.py",
    expected={"rules/refused_placement_status": 400},
    unknown=("U10",),
)
async def _second_version(lab: Lab) -> Facts:
    desk = desk_of(lab)
    price = await desk.crossing_price()
    order = await desk.small(price=price, quantity=desk.smallest(price))
    answer = await desk.post(order, version=2)
    await desk.end(order)
    if "code" not in (answer.value or {}):
        raise NotSeen(f"it was not refused: {answer.words}")
    return {"rules/refused_placement_status": answer.status, "code": answer.value["code"]}


@ORDERS.check(
    "below-the-minimum",
    "In which shape is a request refused on the socket?",
    assumed=f"section 6, U5; {_COMMANDS}, trading/venues/valr/codec/account.py",
    expected={"rules/socket_refusals": "response"},
    unknown=("U5",),
)
async def _too_small(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small(quantity=desk.instrument.quantity_min / _HALVES)
    heard = await desk.place(order)
    for one in heard:
        kind = str(one.said.get("type"))
        if kind == _PLACED and "error" in one.said:
            found = "response"
        elif kind.startswith("INVALID_"):
            found = "invalid"
        elif kind == "ERROR":
            found = "error"
        else:
            continue
        await desk.never_arrived(order)
        return {"rules/socket_refusals": found, "its type": kind}
    await desk.end(order)
    raise NotSeen(f"it was not refused at once: {', '.join(kinds(heard)) or 'nothing came'}")


@ORDERS.check(
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
        quantity=desk.instrument.quantity_min / _HALVES,
    )
    return order, [
        Leg(kind=LegKind.PLACE_LIMIT, payload=limit_payload(each)) for each in (order, small)
    ]


@ORDERS.check(
    "batch-by-socket",
    "Where does the answer to a batch on the socket have its outcomes?",
    assumed=f"section 6, U4; {_COMMANDS}",
    expected={"rules/batch_reply": "data"},
    unknown=("U4",),
)
async def _batch_by_socket(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order, legs = await _two_legs(desk)
    heard = await desk.command(order_frames.batch(legs, desk.request_id()))
    await desk.end(order)
    replies = [one.said for one in heard if one.said.get("type") == _BATCH]
    if not replies:
        raise NotSeen(f"of the batch came: {', '.join(kinds(heard)) or 'nothing'}")
    if "outcomes" in replies[0]:
        return {"rules/batch_reply": "frame"}
    within = "outcomes" in (said(heard, _BATCH) or {})
    return {"rules/batch_reply": "data" if within else "each", "replies": len(replies)}


@ORDERS.check(
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


@ORDERS.check(
    "cancel-on-disconnect",
    "Are orders cancelled when the socket ends that asked for it, and how soon?",
    assumed="section 6, U9; simulator/connections.py, trading/venues/valr/venue.py",
    expected={
        "rules/cancel_on_disconnect": True,
        "rules/cancel_on_disconnect_delay_s": 0,
        **shaped(_ARMED),
    },
    unknown=("U9",),
)
async def _disconnect(lab: Lab) -> Facts:
    desk = desk_of(lab)
    if not desk.sole:
        raise NotTried("orders of somebody else are open: they would be cancelled too")
    line = await lab.open(ACCOUNT)
    await line.wait(of_type("AUTHENTICATED"), _WAIT_S)
    since = line.mark
    await line.say({"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": True}})
    echo = await line.wait(of_type(_ARMED, "ERROR"), _WAIT_S / 2, since=since)
    order = await desk.small()
    await desk.post(order)
    await desk.found_at_last(order)
    await line.hang_up()
    after_s = await _gone_after_s(desk, order)
    await desk.end(order)
    shapes = frame_shapes([echo], _ARMED) if echo and echo.said["type"] == _ARMED else {}
    if after_s is None:
        return {"rules/cancel_on_disconnect": False, **shapes}
    return {
        "rules/cancel_on_disconnect": True,
        "rules/cancel_on_disconnect_delay_s": _halved(after_s),
        **shapes,
    }


async def _gone_after_s(desk: OrderDesk, order: Order) -> float | None:
    """After how long an order has ended by itself; ``None`` where it has not."""
    began = trio.current_time()
    while trio.current_time() < began + _WAIT_S:
        report = await desk.found(order)
        if report is not None and await desk.record(report):
            return trio.current_time() - began
        await trio.sleep(_PAUSE_S)
    return None
