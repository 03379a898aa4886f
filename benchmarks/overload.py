"""
Orders that get out where more is decided than may be sent: an eager and a patient strategy.

    python -m benchmarks.overload

In virtual time, so the same on any machine. Ten seconds, five orders a second at most, a decision
each 20 ms: the eager strategy replaces whatever is there, the patient one only what has arrived.
What is counted: orders that the venue has seen, orders that never left, and cancels that were sent
for such. Once with a ledger that is durable at once, once with 30 ms a commit.
"""

import contextlib
import logging
import sys

import structlog
import trio
import trio.testing

from tests.actors.test_overload import (
    Wanted,
    eager,
    intended,
    patient,
    recorded,
    seen_by_the_venue,
    traded,
)
from tests.support.gateway_rig import GatewayRig
from tests.support.simulated_venue import serve_exchange
from trading.orders.order import OrderStatus


async def count(temper: Wanted, commit_s: float, found: list[tuple[int, int, int]]) -> None:
    """Orders out, orders that never left, cancels sent for those."""
    async with trio.open_nursery() as nursery:
        rig = GatewayRig(nursery=nursery, site=await serve_exchange(nursery))
        entries = await traded(rig, temper, commit_s)
        seen, meant = seen_by_the_venue(rig), intended(entries)
        asked = recorded(entries, OrderStatus.CANCEL_PENDING)
        in_vain = {order.client_order_id for order in asked} - seen
        found.append((len(seen), len(meant - seen), len(in_vain)))
        nursery.cancel_scope.cancel()


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for commit_s in (0.0, 0.03):
        for temper in (patient, eager):
            found: list[tuple[int, int, int]] = []
            clock = trio.testing.MockClock(autojump_threshold=0)
            # The gateway's last will finds its way cut off: the exchange ends beside it.
            with contextlib.suppress(BaseExceptionGroup):
                trio.run(count, temper, commit_s, found, clock=clock)
            out, never, in_vain = found[0]
            sys.stdout.write(
                f"commit {commit_s * 1000:2.0f} ms, {temper.__name__:8}"
                f"{out:4} out, {never:4} never left, {in_vain:3} cancels for those\n"
            )


if __name__ == "__main__":
    main()
