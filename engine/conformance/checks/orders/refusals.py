"""Orders that cannot be taken, and how that is told."""

from engine.conformance.checks.orders.seen import (
    COMMANDS,
    HALVES,
    PLACED,
    PROCESSED,
    STATUS,
    desk_of,
    kinds,
    said,
)
from engine.conformance.lab import Lab
from engine.conformance.probe import Group
from trading.venues.valr.conformance.check import Facts, Level, NotSeen

REFUSALS = Group(Level.ORDERS)


@REFUSALS.check(
    "post-only-that-crosses",
    "How does a post-only order fail that would trade at once?",
    assumed="sections 3.6 and 7; simulator/orders/failures.py",
    expected={
        "events": [PLACED, STATUS, PROCESSED],
        "refusals/failure -11501": "Post only order cancelled as it would have matched",
    },
)
async def _crossing(lab: Lab) -> Facts:
    desk = desk_of(lab)
    price = await desk.crossing_price()
    order = await desk.small(price=price, quantity=desk.smallest(price))
    heard = await desk.place(order)
    await desk.end(order)
    outcome = said(heard, PROCESSED) or {}
    if outcome.get("success") is not False:
        raise NotSeen(f"it did not fail: {', '.join(kinds(heard)) or 'nothing came'}")
    return {
        "events": sorted(set(kinds(heard)), key=lambda kind: (kind != PLACED, kind != STATUS)),
        "refusals/failure -11501": outcome.get("failureReason", ""),
    }


@REFUSALS.check(
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


@REFUSALS.check(
    "below-the-minimum",
    "In which shape is a request refused on the socket?",
    assumed=f"section 6, U5; {COMMANDS}, trading/venues/valr/codec/account.py",
    expected={"rules/socket_refusals": "response"},
    unknown=("U5",),
)
async def _too_small(lab: Lab) -> Facts:
    desk = desk_of(lab)
    order = await desk.small(quantity=desk.instrument.quantity_min / HALVES)
    heard = await desk.place(order)
    for one in heard:
        kind = str(one.said.get("type"))
        if kind == PLACED and "error" in one.said:
            found = "response"
        elif kind.startswith("INVALID_"):
            found = "invalid"
        elif kind == "ERROR":
            found = "error" if "clientMsgId" in one.said else "nameless"
        else:
            continue
        await desk.never_arrived(order)
        return {"rules/socket_refusals": found, "its type": kind}
    await desk.end(order)
    raise NotSeen(f"it was not refused at once: {', '.join(kinds(heard)) or 'nothing came'}")
