"""The state of pure market making between two looks."""

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from trading.core.market import Side
from trading.orders.completed import CompletedOrder, CompletedOrders
from trading.strategies.pure_market_making.features import MovingPriceBand
from trading.strategies.pure_market_making.hanging import NOTHING_HANGS, Hanging
from trading.strategies.pure_market_making.volatility import Volatility

_EVER = float("-inf")


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Where the moving band lies now."""

    set_at: float
    floor: Decimal
    ceiling: Decimal

    @classmethod
    def around(cls, price: Decimal, wanted: MovingPriceBand, now: float) -> "Band":
        return cls(
            set_at=now, floor=price * (1 + wanted.floor), ceiling=price * (1 + wanted.ceiling)
        )


class State(msgspec.Struct, frozen=True, kw_only=True):
    """
    The timers, and what of the past the next proposal depends on.

    Args:
        create_at: Monotonic seconds before which no new orders are placed.
        refresh_at: Monotonic seconds before which the working set is not refreshed.
        placed_at: Monotonic seconds at which the last set was placed; ``None`` before the first.
        delayed_by_fill: ``create_at`` was set by a fill, not by placing orders.
        buys_seen: Completed buys that the timers know of.
        sells_seen: Completed sells that the timers know of.
        filled_buys: Those that ping-pong still counts.
        filled_sells: Those that ping-pong still counts.
        last_own_price: Of the last order that was filled whole and did not hang.
    """

    create_at: float = _EVER
    refresh_at: float = _EVER
    placed_at: float | None = None
    delayed_by_fill: bool = False
    buys_seen: int = 0
    sells_seen: int = 0
    filled_buys: int = 0
    filled_sells: int = 0
    last_own_price: Decimal | None = None
    band: Band | None = None
    volatility: Volatility | None = None
    hanging: Hanging = NOTHING_HANGS

    def fresh(self, completed: CompletedOrders) -> tuple[CompletedOrder, ...]:
        """The orders completed since the last look, as far as they are told one by one."""
        count = completed.buys + completed.sells - self.buys_seen - self.sells_seen
        return completed.recent[-count:] if count > 0 else ()

    def after_fills(self, completed: CompletedOrders, now: float, delay_s: float) -> "State":
        """
        This state once completed orders are taken in; those that hung change nothing else.

        A fill puts off new orders by the delay, counted from the fill, and pulls the refresh of the
        other side forward to that moment, never back.
        """
        if (completed.buys, completed.sells) == (self.buys_seen, self.sells_seen):
            return self
        hung = [
            order for order in self.fresh(completed) if order.client_order_id in self.hanging.orders
        ]
        hung_buys = sum(order.side is Side.BUY for order in hung)
        buys = completed.buys - self.buys_seen - hung_buys
        sells = completed.sells - self.sells_seen - (len(hung) - hung_buys)
        seen = replace(self, buys_seen=completed.buys, sells_seen=completed.sells)
        if buys <= 0 and sells <= 0:
            return seen
        price, filled_at = self._last_ordinary(completed, now)
        create_at = filled_at + delay_s
        filled_buys, filled_sells = self.filled_buys + buys, self.filled_sells + sells
        # A former life's fills come all at once, and what they have answered is past.
        first_look = self.placed_at is None and not (self.buys_seen or self.sells_seen)
        answered = min(filled_buys, filled_sells)
        if first_look or filled_buys == filled_sells:
            filled_buys, filled_sells = filled_buys - answered, filled_sells - answered
        return replace(
            seen,
            create_at=create_at,
            refresh_at=min(self.refresh_at, create_at),
            delayed_by_fill=True,
            filled_buys=filled_buys,
            filled_sells=filled_sells,
            last_own_price=price,
        )

    def reconfigured(self, now: float) -> "State":
        """
        This state under other parameters.

        The set is looked over at once, and replaced where it does not fit; a pause after a fill
        goes on.
        """
        create_at = self.create_at if self.delayed_by_fill else min(self.create_at, now)
        return replace(self, create_at=create_at, refresh_at=now)

    def after_placing(self, now: float, refresh_s: float) -> "State":
        """This state once a set of orders was placed."""
        create_at = now + refresh_s
        refresh_at = create_at if self.refresh_at <= now else self.refresh_at
        return replace(
            self, create_at=create_at, refresh_at=refresh_at, placed_at=now, delayed_by_fill=False
        )

    def _last_ordinary(
        self, completed: CompletedOrders, now: float
    ) -> tuple[Decimal | None, float]:
        """Price and moment of the last completed order that did not hang."""
        for order in reversed(self.fresh(completed)):
            if order.client_order_id not in self.hanging.orders:
                return order.price, order.at
        return completed.last_price, now if completed.last_at is None else completed.last_at


FRESH = State()
"""What is remembered before the first look."""
