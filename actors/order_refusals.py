"""What kept the orders of each strategy's last instructions from standing, for whoever asks."""

from collections.abc import Iterable, Sequence

from trading.identifiers import StrategyName
from trading.market import Side
from trading.messages.gateway import ShutBy, ShutOut
from trading.orders import Order, OrderStatus
from trading.risk import Refusal

NOT_SENT = "not sent: "
TAKEN_BACK = NOT_SENT + "taken back before its turn came"
"""Nobody kept it from leaving: whoever wanted it wants it no more."""

_KEPT_MAX = 100
"""On each side: more than a set of orders has."""


def by_the_venue(order: Order) -> bool:
    """Whether a rejected order was rejected there, and did not merely never leave."""
    return not order.reason.startswith(NOT_SENT)


class OrderRefusals:
    """The newest of each side; a new instruction for a side begins it anew."""

    def __init__(self) -> None:
        self._found: dict[tuple[StrategyName, Side], list[ShutOut]] = {}
        self._stopped: dict[tuple[StrategyName, Side], ShutOut] = {}

    def of(self, strategy: StrategyName) -> tuple[ShutOut, ...]:
        """What shuts its whole sides first, then single orders."""
        return (
            *(one for (name, _), one in self._stopped.items() if name == strategy),
            *(one for (name, _), found in self._found.items() if name == strategy for one in found),
        )

    def begin(self, strategy: StrategyName, sides: Iterable[Side]) -> None:
        """New orders are instructed: what became of the ones before is of the past."""
        for side in sides:
            self._found.pop((strategy, side), None)

    def refused(self, order: Order, reasons: str | Sequence[Refusal], now: float) -> None:
        """The gateway does not let an order leave."""
        if isinstance(reasons, str):
            self._add(order, ShutBy.GATEWAY, "not_permitted", reasons, now)
            return
        for refusal in reasons:
            self._add(order, ShutBy.LIMITS, refusal.code.value, refusal.sentence, now, refusal)

    def changed(self, orders: Iterable[Order], now: float) -> None:
        """Orders that became what they are now; of interest are the rejected ones."""
        for order in orders:
            if order.status is not OrderStatus.REJECTED or order.reason == TAKEN_BACK:
                continue
            ours = not by_the_venue(order)
            by = ShutBy.GATEWAY if ours else ShutBy.VENUE
            code = "not_sent" if ours else "venue_rejected"
            self._add(order, by, code, order.reason or "the venue gave no reason", now)

    def stop(self, strategy: StrategyName, side: Side, code: str, reason: str, now: float) -> None:
        """A whole side is shut, until it is opened."""
        sentence = f"{side.value} is stopped: {reason}"
        self._stopped[strategy, side] = ShutOut(
            by=ShutBy.GATEWAY, side=side, code=code, sentence=sentence, at=now
        )

    def open(self, code: str) -> None:
        """Whatever was shut with this code is open again."""
        self._stopped = {key: one for key, one in self._stopped.items() if one.code != code}

    def _add(
        self,
        order: Order,
        by: ShutBy,
        code: str,
        sentence: str,
        now: float,
        refusal: Refusal | None = None,
    ) -> None:
        found = self._found.setdefault((order.strategy, order.side), [])
        if len(found) >= _KEPT_MAX:
            return
        found.append(
            ShutOut(
                by=by,
                side=order.side,
                code=code,
                sentence=sentence,
                at=now,
                price=order.price,
                quantity=order.quantity,
                opening=None if refusal is None else refusal.opening,
            )
        )
