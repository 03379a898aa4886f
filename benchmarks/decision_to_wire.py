"""
From a strategy's decision to the frame for the network, all in one run: compare the ratios.

    python -m benchmarks.decision_to_wire [DECISIONS] [FOLDER]

One order a decision goes through the gateway as it runs: checked against all limits, made durable,
checked again, made into a frame. Three ledgers: one that gives receipts at once and keeps nothing,
SQLite in memory, and SQLite on a disk (WAL, synchronous=FULL, a thread). FOLDER says which disk.
"""

import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import msgspec
import structlog
import trio
import trio.lowlevel

from engine.storage.ledger_store import ThreadedLedgerStore
from tests.support.builders import a_quote
from tests.support.gateway_rig import GatewayRig
from tests.support.simulated_venue import EPOCH_NS, serve_exchange
from trading.journal.remembered import Remembered
from trading.journal.tables import SESSIONS
from trading.messages.account import RequestRefused
from trading.orders.request_ids import Request, request_id


async def keep_nothing(rig: GatewayRig, _folder: Path) -> None:
    """Receipts at once, and no ledger at all."""
    rig.keeps_books = False
    rig.books.remembered.put(Remembered())

    async def give() -> None:
        async for posting in rig.ledger.receive:
            if posting.receipt is not None:
                posting.receipt.give()

    rig.nursery.start_soon(give)


async def in_memory(_rig: GatewayRig, _folder: Path) -> None:
    """The ledger as tests have it."""


async def on_disk(rig: GatewayRig, folder: Path) -> None:
    """The ledger as live trading has it."""
    store = await ThreadedLedgerStore.open(folder / "ledger.sqlite")
    await store.commit([SESSIONS.insert(1, "test", rig.books.venue, 0, EPOCH_NS)])
    rig.books.store = store  # type: ignore[assignment]


async def measure(decisions: int, prepare: Callable[..., object], folder: Path) -> float:
    """Microseconds from the decision to the frame, the median."""
    taken: list[float] = []
    async with trio.open_nursery() as nursery:
        rig = GatewayRig(nursery=nursery, site=await serve_exchange(nursery))
        # Faster than any strategy may be: what is measured is the way, not the wait for its turn.
        rig.limits = attrs.evolve(rig.limits, max_instructions_per_minute=1_000_000)
        await prepare(rig, folder)  # type: ignore[misc]
        await rig.begin_by_hand()
        for _ in range(decisions):
            began = time.perf_counter()
            await rig.instruct(a_quote())
            frame = await rig.requests.receive.receive()
            taken.append(time.perf_counter() - began)
            order_id = msgspec.json.decode(frame)["payload"]["customerOrderId"]
            refused = request_id(Request.PLACE, order_id)
            await rig.news.send.send(RequestRefused(request_id=refused, reason="a benchmark"))
            while rig.orders:
                await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    return statistics.median(taken) * 1e6


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    decisions = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    parent = sys.argv[2] if len(sys.argv) > 2 else None
    ways = {
        "no ledger, receipts at once": keep_nothing,
        "SQLite in memory": in_memory,
        "SQLite on disk, synchronous=FULL": on_disk,
    }
    fastest = None
    for name, prepare in ways.items():
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            microseconds = trio.run(measure, decisions, prepare, Path(folder))
        fastest = fastest or microseconds
        sys.stdout.write(f"{name:34} {microseconds:8.0f} us  {microseconds / fastest:5.1f}\n")


if __name__ == "__main__":
    main()
