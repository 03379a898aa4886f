"""The check that trades: the smallest order that takes, and its inverse."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal

from engine.conformance.checks.orders.seen import desk_of, said
from engine.conformance.holdings import LEFT
from engine.conformance.lab import Lab
from engine.conformance.line import Heard
from engine.conformance.looks import frame_shapes, shaped
from engine.conformance.order_desk import OrderDesk
from engine.conformance.probe import Group
from trading.core.market import Side, TimeInForce
from trading.orders.order import Order
from trading.venues.rate_limits import Priority
from trading.venues.valr import order_frames
from trading.venues.valr.conformance.check import Facts, Level, NotSeen
from trading.venues.valr.rest.orders import market_payload

FILLS = Group(Level.ORDERS)

_TRADE, _STATUS = "NEW_ACCOUNT_TRADE", "ORDER_STATUS_UPDATE"
_WORST = Decimal("1.05")
"""Of the best price: what a market order may come to cost, for the budget."""

Json = Mapping[str, object]


@FILLS.check(
    "filled",
    "Has a fill its id and its fee, and what do the executed figures of the status mean?",
    assumed="sections 3.5, 4.4 and 7, U19-U21; simulator/wire/frames.py, trading/gateway/fills.py",
    expected={
        "rules/tell_fees": True,
        "rules/tell_trade_ids": True,
        "rules/executed": "event",
        "same id by REST": True,
        **shaped(_TRADE),
    },
    unknown=("U19", "U20", "U21"),
    fills=True,
)
async def _filled(lab: Lab) -> Facts:
    desk = desk_of(lab)
    bid, ask = await desk.prices()
    lot = desk.instrument.lot_size
    least = desk.smallest(bid)
    quantity = least
    while _without_fee(quantity, lot) < least:
        quantity += lot
    desk.require((ask * _WORST + bid) * quantity)  # nothing is bought that may not be sold back
    sold: Sequence[Heard] = ()
    try:
        bought, filled = await _take(desk, Side.BUY, ask, quantity)
        if not filled:
            raise NotSeen("the venue reports that the market order was not filled")
        back = _without_fee(filled, lot)
        if back < least:
            raise NotSeen(f"only {filled} was filled, too little to be sold back")
        sold, _ = await _take(desk, Side.SELL, bid, back)
    finally:
        # A stop cuts this short; then the last will does it.
        await desk.book_fills()  # noqa: ASYNC102
    rows = _trades(bought)
    if not rows:
        raise NotSeen(f"{filled} was filled, as the venue reports, but no {_TRADE} came")
    listed = await lab.rest.call(
        lab.party.venue.fill_lists([lab.pair])[0](0, None), Priority.CANCEL
    )
    ids = {str(fill.trade_id) for fill in listed}
    fees = [row for row in rows if "fee" in row or "makerReward" in row]
    named = [str(row["id"]) for row in rows if "id" in row]
    return {
        "rules/tell_fees": bool(fees),
        "rules/tell_trade_ids": bool(named),
        **({"same id by REST": set(named) <= ids} if named else {}),
        "rules/executed": _meaning(bought),
        **frame_shapes([*bought, *sold], _TRADE),
        "fee currency": [row.get("feeCurrency") for row in fees],
        "fills": [len(rows), len(_trades(sold))],
    }


def _without_fee(quantity: Decimal, lot: Decimal) -> Decimal:
    """What surely can be sold of a purchase."""
    return (quantity * LEFT / lot).to_integral_value(ROUND_FLOOR) * lot


async def _take(
    desk: OrderDesk, side: Side, price: Decimal, quantity: Decimal
) -> tuple[Sequence[Heard], Decimal]:
    """Trade by a market order: what comes then, and how much the venue reports as filled."""
    worst = price * _WORST if side is Side.BUY else price
    tick = desk.instrument.tick_size
    order: Order = await desk.small(
        side=side,
        price=(worst / tick).to_integral_value() * tick,
        quantity=quantity,
        post_only=False,
        time_in_force=TimeInForce.IOC,
    )
    payload = market_payload(desk.lab.pair, side, order.client_order_id, base_amount=quantity)
    heard = await desk.command(order_frames.place_market(payload, desk.request_id()))
    ended = await desk.outcome(order)
    if ended is None:
        # The ledger keeps it open: that it cannot be found yet is no proof that it never traded.
        raise NotSeen("the venue does not say yet what became of the market order")
    desk.traded += order.price * quantity
    return heard, ended.filled_quantity


def _trades(heard: Sequence[Heard]) -> Sequence[dict[str, object]]:
    return [one.said["data"] for one in heard if one.said.get("type") == _TRADE]


def _meaning(heard: Sequence[Heard]) -> str | None:
    """
    What the executed figures are; one fill alone looks the same both ways.

    Such a one is taken for the event's, which is what is expected.
    """
    if said(heard, _STATUS) is None:
        raise NotSeen("no ORDER_STATUS_UPDATE came")
    figures = [
        Decimal(str(one.said["data"]["executedQuantity"]))
        for one in heard
        if one.said.get("type") == _STATUS and "executedQuantity" in one.said["data"]
    ]
    if not figures:
        return "absent"
    quantities = [Decimal(str(row["quantity"])) for row in _trades(heard)]
    told = [figure for figure in figures if figure]
    if told == quantities[: len(told)]:
        return "event"
    sums = [sum(quantities[: at + 1], Decimal(0)) for at in range(len(quantities))]
    return "total" if told == sums[: len(told)] else None
