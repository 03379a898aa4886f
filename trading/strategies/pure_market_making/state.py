"""What the strategy remembers between two looks: two timers and what it knows of its fills."""

import attrs

from trading.strategies.interface import CompletedOrders


@attrs.frozen(kw_only=True)
class State:
    """
    The timers.

    Args:
        create_at: Monotonic seconds before which no new orders are placed.
        refresh_at: Monotonic seconds before which the working set is not refreshed.
        delayed_by_fill: ``create_at`` was set by a fill, not by placing orders.
        buys_seen: Completed buys that the timers know of.
        sells_seen: Completed sells that the timers know of.
    """

    create_at: float
    refresh_at: float
    delayed_by_fill: bool = False
    buys_seen: int = 0
    sells_seen: int = 0

    def after_fills(self, completed: CompletedOrders, now: float, delay_s: float) -> "State":
        """
        These timers once completed orders are taken in.

        A fill puts off new orders by the delay, counted from the fill, and pulls the refresh of the
        other side forward to that moment, never back.
        """
        seen = attrs.evolve(self, buys_seen=completed.buys, sells_seen=completed.sells)
        if completed.buys <= self.buys_seen and completed.sells <= self.sells_seen:
            return seen
        filled_at = completed.last_at if completed.last_at is not None else now
        create_at = filled_at + delay_s
        return attrs.evolve(
            seen,
            create_at=create_at,
            refresh_at=min(self.refresh_at, create_at),
            delayed_by_fill=True,
        )

    def after_placing(self, now: float, refresh_s: float) -> "State":
        """These timers once a set of orders was placed."""
        create_at = now + refresh_s
        refresh_at = create_at if self.refresh_at <= now else self.refresh_at
        return attrs.evolve(self, create_at=create_at, refresh_at=refresh_at, delayed_by_fill=False)
