"""The rejections of each strategy's last instructions, by gateway, limits or venue."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from trading.core.identifiers import StrategyName
from trading.core.market import Side
from trading.messages.gateway import RejectedBy, Rejection
from trading.orders.order import Order, OrderStatus
from trading.risk import Refusal, RefusalCode

NOT_SENT = "not sent: "
TAKEN_BACK = NOT_SENT + "taken back before its turn came"
"""Not a refusal: the strategy itself took the order back."""

_KEPT_MAX = 100
"""On each side: more than a set of orders has."""


def by_the_venue(order: Order) -> bool:
    """Whether a rejected order was rejected by the venue, and did not merely never leave."""
    return not order.reason.startswith(NOT_SENT)


_OF_HOLDINGS = frozenset(
    code.value
    for code in (
        RefusalCode.BASE_HOLDING_LOW,
        RefusalCode.BASE_HOLDING_HIGH,
        RefusalCode.QUOTE_HOLDING_LOW,
        RefusalCode.QUOTE_HOLDING_HIGH,
    )
)
"""Refusals that would hold for the next set of orders as well, though its prices will differ."""

Judge = Callable[[Order, Sequence[Order]], "str | tuple[Refusal, ...]"]
"""Why an order might not leave now, were those beside it to leave first; empty when it might."""


class OrderRefusals:
    """The newest rejections of each side; a new instruction for a side clears them."""

    def __init__(self) -> None:
        self._asked: dict[tuple[StrategyName, Side], list[Order]] = {}
        self._found: dict[tuple[StrategyName, Side], list[Rejection]] = {}
        self._stopped: dict[tuple[StrategyName, Side], Rejection] = {}

    def of(self, strategy: StrategyName) -> tuple[Rejection, ...]:
        """A strategy's rejections: whole sides first, then single orders."""
        return (
            *(one for (name, _), one in self._stopped.items() if name == strategy),
            *(one for (name, _), found in self._found.items() if name == strategy for one in found),
        )

    def begin(self, strategy: StrategyName, sides: Iterable[Side]) -> None:
        """Clear the sides of a new instruction."""
        for side in sides:
            self._asked.pop((strategy, side), None)
            self._found.pop((strategy, side), None)

    def asked(self, order: Order) -> None:
        """Note an order of the newest instruction, accepted or not."""
        asked = self._asked.setdefault((order.strategy, order.side), [])
        if len(asked) < _KEPT_MAX:
            asked.append(order)

    def lifted(self) -> None:
        """Clear the refusals made while nothing was to be quoted."""
        self._found.clear()

    def retest(self, standing: Iterable[Order], judge: Judge, now: float) -> bool:
        """
        Replace the reasons against the last set of each side by those of now.

        A limit that did not refuse an order counts once nothing stands on its side: the next set
        would be refused by it.

        Args:
            standing: All orders that are not terminal.

        Returns:
            Whether the reasons have changed.
        """
        orders = list(standing)
        there = {order.client_order_id for order in orders}
        places = {(order.strategy, order.side) for order in orders}
        changed = False
        for place, asked in self._asked.items():
            before, after = self._found.get(place, []), list[Rejection]()
            beside: list[Order] = []
            for order in asked:
                if order.client_order_id in there:
                    continue
                said = [one for one in before if _is_of(order, one)]
                if not said and place in places:
                    continue
                found = _said_now(order, said, judge(order, beside), now)
                if not found:
                    beside.append(order)
                after += [one for one in found if one not in after]
            if after != before:
                changed, self._found[place] = True, after
        return changed

    def refused(self, order: Order, reasons: str | Sequence[Refusal], now: float) -> None:
        """Keep why the gateway does not let an order leave."""
        if isinstance(reasons, str):
            self._add(order, RejectedBy.GATEWAY, "not_permitted", reasons, now)
            return
        for refusal in reasons:
            self._keep(order, _by_a_limit(order, refusal, now))

    def changed(self, orders: Iterable[Order], now: float) -> None:
        """Keep the rejected ones of some changed orders."""
        for order in orders:
            if order.status is not OrderStatus.REJECTED or order.reason == TAKEN_BACK:
                continue
            ours = not by_the_venue(order)
            by = RejectedBy.GATEWAY if ours else RejectedBy.VENUE
            code = "not_sent" if ours else "venue_rejected"
            self._add(order, by, code, order.reason or "the venue gave no reason", now)

    def stop(self, strategy: StrategyName, side: Side, code: str, reason: str, now: float) -> None:
        """Shut a whole side, until it is opened."""
        sentence = f"{side.value} is stopped: {reason}"
        self._stopped[strategy, side] = Rejection(
            by=RejectedBy.GATEWAY, side=side, code=code, sentence=sentence, at=now
        )

    def open(self, code: str) -> None:
        """Open all sides that were shut with this code."""
        self._stopped = {key: one for key, one in self._stopped.items() if one.code != code}

    def _add(self, order: Order, by: RejectedBy, code: str, sentence: str, now: float) -> None:
        self._keep(order, _shut_out(order, by, code, sentence, now))

    def _keep(self, order: Order, one: Rejection) -> None:
        found = self._found.setdefault((order.strategy, order.side), [])
        if len(found) < _KEPT_MAX:
            found.append(one)


def _shut_out(order: Order, by: RejectedBy, code: str, sentence: str, now: float) -> Rejection:
    return Rejection(
        by=by,
        side=order.side,
        code=code,
        sentence=sentence,
        at=now,
        price=order.price,
        quantity=order.quantity,
    )


def _by_a_limit(order: Order, refusal: Refusal, now: float) -> Rejection:
    one = _shut_out(order, RejectedBy.LIMITS, refusal.code.value, refusal.sentence, now)
    return msgspec.structs.replace(one, opening=refusal.opening)


def _is_of(order: Order, one: Rejection) -> bool:
    return (one.price, one.quantity) == (order.price, order.quantity)


def _said_now(
    order: Order, said: Sequence[Rejection], reasons: str | tuple[Refusal, ...], now: float
) -> list[Rejection]:
    """An order's rejections of now, in place of those that may have been kept before."""
    # Rejections by the venue, or on the way to it, cannot be checked again here.
    kept = [one for one in said if one.code in {"venue_rejected", "not_sent"}]
    if kept:
        return kept
    if isinstance(reasons, str):
        forbidden = _shut_out(order, RejectedBy.GATEWAY, "not_permitted", reasons, now)
        fresh = [forbidden] if said else []
    else:
        # Its price is outdated: a limit of prices says nothing about the next order.
        codes = _OF_HOLDINGS | {one.code for one in said}
        fresh = [_by_a_limit(order, each, now) for each in reasons if each.code.value in codes]
    known = {(one.code, one.sentence): one for one in said}
    return [known.get((one.code, one.sentence), one) for one in fresh]
