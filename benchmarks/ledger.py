"""
What an order pays for being durable before it leaves, all in one run: compare the ratios.

    python benchmarks/ledger.py [DECISIONS] [FOLDER]

A decision of four orders is posted to the ledger actor and waited for until its receipt comes:
on a disk (WAL, synchronous=FULL), on the same disk without waiting for it (synchronous=OFF), and
in memory, each through a thread, and in memory without one. FOLDER says which disk.
"""

import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import trio

from actors.orders.inbox import DurableInbox
from actors.orders.ledger import LedgerActor
from actors.ports.facts import FactBoard
from actors.ports.journal_wire import JournalWire
from actors.ports.ledger_store import LedgerStore
from actors.ports.ports import JournalBatch, Latest, Receipt
from engine.storage.ledger_database import open_in_memory, open_to_write
from engine.storage.ledger_store import InlineLedgerStore, ThreadedLedgerStore
from trading.core.identifiers import ClientOrderIds, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.journal.entries import OrdersIntended
from trading.journal.performance import Performance
from trading.journal.remembered import Remembered
from trading.journal.tables import SESSIONS
from trading.orders.order import Order

MAKER = StrategyName("maker")
LEVELS = 4
VENUE = "nowhere"

Open = Callable[[Path], Awaitable[LedgerStore]]


async def on_disk(path: Path) -> LedgerStore:
    return await ThreadedLedgerStore.open(path)


async def on_disk_without_waiting(path: Path) -> LedgerStore:
    database = open_to_write(path)
    database._connection.execute("PRAGMA synchronous = OFF")  # only to compare
    return ThreadedLedgerStore(database)


async def in_memory(_path: Path) -> LedgerStore:
    return ThreadedLedgerStore(open_in_memory())


async def in_memory_without_thread(_path: Path) -> LedgerStore:
    return InlineLedgerStore(open_in_memory())


def decision(ids: ClientOrderIds) -> OrdersIntended:
    now = trio.current_time()
    orders = tuple(
        Order(
            client_order_id=ids.next(MAKER),
            strategy=MAKER,
            pair=Pair("DOGEUSDT"),
            side=Side.BUY,
            price=Decimal("0.09990"),
            quantity=Decimal(40),
            created_at=now,
            changed_at=now,
        )
        for _ in range(LEVELS)
    )
    return OrdersIntended(orders, now, Decimal("0.1"))


async def measure(open_store: Open, decisions: int, folder: str) -> list[float]:
    """Seconds from each posting to its receipt, sorted."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        store = await open_store(Path(place) / "state" / "bench" / "ledger.sqlite")
        await store.commit([SESSIONS.insert(1, "bench", VENUE, 1, time.time_ns())])
        wire = JournalWire.of(1000)
        ledger = LedgerActor(
            store=store,
            postings=DurableInbox("ledger", wire.receive),
            bell=wire.bell,
            remembered=Latest[Remembered](),
            facts=FactBoard(),
            performance={MAKER: Latest[Performance]()},
            instruments={MAKER: Latest[Instrument]()},
            session=1,
            venue=VENUE,
            wall_clock=time.time_ns,
        )
        ids, seconds = ClientOrderIds("bench", 1), []
        async with trio.open_nursery() as nursery:
            await nursery.start(ledger.run)
            for _ in range(decisions):
                receipt = Receipt()
                began = time.perf_counter()
                await wire.send.send(JournalBatch((decision(ids),), receipt))
                await receipt.wait()
                seconds.append(time.perf_counter() - began)
            nursery.cancel_scope.cancel()
        await store.aclose()
    return sorted(seconds)


def main() -> None:
    decisions = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    folder = sys.argv[2] if len(sys.argv) > 2 else "."
    ways: dict[str, Open] = {
        "disk, synchronous=FULL": on_disk,
        "disk, synchronous=OFF": on_disk_without_waiting,
        "memory, with a thread": in_memory,
        "memory, without": in_memory_without_thread,
    }
    print(f"{decisions} decisions of {LEVELS} orders, from posting to receipt, in milliseconds")
    print(f"{'':24}{'median':>10}{'99 %':>10}{'worst':>10}{'ratio':>8}")
    results = {
        name: trio.run(measure, open_store, decisions, folder) for name, open_store in ways.items()
    }
    base = results["memory, without"][decisions // 2]
    for name, seconds in results.items():
        median, high, worst = seconds[decisions // 2], seconds[decisions * 99 // 100], seconds[-1]
        figures = "".join(f"{value * 1000:10.3f}" for value in (median, high, worst))
        print(f"{name:24}{figures}{median / base:8.1f}")


if __name__ == "__main__":
    main()
