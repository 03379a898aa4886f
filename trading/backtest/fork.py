"""From a live session's moment on: what a backtest takes over."""

from collections.abc import Mapping
from decimal import Decimal

import attrs
import msgspec

from trading.core.decimals import decimal_text
from trading.core.identifiers import StrategyName
from trading.journal.remembered import Remembered
from trading.orders.order import Order
from trading.strategies.looking import StrategyLife


@attrs.frozen(kw_only=True)
class Seed:
    """
    An order that worked at that moment.

    Args:
        at_s: When it came to the venue, monotonic seconds of the session.
    """

    order: Order
    at_s: float


@attrs.frozen(kw_only=True)
class Fork:
    """
    A session at one moment. Seconds are its own monotonic ones: so are those of the backtest.

    Args:
        at_s: That moment.
        seeds: Orders that worked, oldest first. Each waits in its queue from when it came.
        remembered: What the ledger knew.
        lives: Of the strategies, as they were after their last look before.
    """

    at_s: float
    seeds: tuple[Seed, ...]
    remembered: Remembered
    lives: Mapping[StrategyName, StrategyLife]

    @property
    def first_s(self) -> float:
        """When the first of its orders came, or the moment itself."""
        return min([self.at_s, *(seed.at_s for seed in self.seeds)])


def placing_frame(order: Order) -> str:
    """What places an order at the simulated exchange, with all of it that was left."""
    payload: dict[str, str | bool | Decimal] = {
        "side": order.side.value.upper(),
        "quantity": decimal_text(order.quantity),
        "price": decimal_text(order.price),
        "pair": order.pair,
        "postOnly": order.post_only,
        "customerOrderId": order.client_order_id,
        "timeInForce": order.time_in_force.value,
    }
    frame = {
        "type": "PLACE_LIMIT_ORDER",
        "clientMsgId": f"place/{order.client_order_id}",
        "payload": payload,
    }
    return msgspec.json.encode(frame).decode()
