"""Wrong designs of strategies."""

from collections.abc import Mapping

from msgspec.structs import replace

from tests.wrong_designs.design import Design, put
from trading.orders.completed import CompletedOrders
from trading.strategies.pure_market_making.state import State


def ping_pong_unanswered() -> None:
    """Ping-pong goes on counting fills that were answered long ago."""
    after_fills = State.after_fills

    def grudging(self: State, completed: CompletedOrders, now: float, delay_s: float) -> State:
        after = after_fills(self, completed, now, delay_s)
        return replace(
            after,
            filled_buys=self.filled_buys + max(0, after.buys_seen - self.buys_seen),
            filled_sells=self.filled_sells + max(0, after.sells_seen - self.sells_seen),
        )

    put(State, "after_fills", grudging)


DESIGNS: Mapping[str, Design] = {
    "ping_pong_unanswered": Design(
        ping_pong_unanswered,
        ("tests/trading/strategies/test_pmm_quirks.py",),
        settings=("strategies.doge.ping_pong_enabled=true",),
    ),
}
