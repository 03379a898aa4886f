"""
Days of paper trading in virtual time, and what has grown meanwhile.

    make long-run                    (or python -m tests.engine.long_run [--days 7] [--every 6])

At the end of every few hours it counts what lives: the process's memory, objects, tasks, the most
that waited in a mailbox, and the largest container under each name, be it an object's attribute or
a local of a task. Whatever has grown from the middle of the run to its end has to be known here
with its bound; exit code 1 says that something has none, or is beyond it.

The market is quieter than that of ``make paper``, so that a week can be waited for (half an hour of
a processor's time): what could grow grows with orders, fills and prices, and of these there are
plenty. ``--busy`` leaves it as it is.
"""

import argparse
import gc
import json
import logging
import sys
import tempfile
import time
import types
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import attrs
import structlog
import trio
from typing_extensions import override

from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.storage.ledger_database import open_to_write
from tests.support.inline_ledger import TroubledLedger
from tests.support.whole_engine import (
    DOGE,
    NoDisk,
    Rig,
    in_virtual_time,
    simulated_world,
    start_rig,
)
from trading.core.identifiers import Currency
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange

_HOUR_S = 3_600.0
QUIET = SyntheticFlow(
    limit_orders_per_s=0.25,
    lifetime_s=240.0,
    market_orders_per_s=0.05,
    # As far in a second as the busy market goes: the orders are fewer, the price moves as much.
    volatility=0.00006,
)
OVERRIDES = (
    "strategies.doge.order_refresh_time=15",
    # All orders of a set are replaced each time: what remembers orders is full in a day or two.
    'strategies.doge.order_refresh_tolerance_pct="0 %"',
    # Play money must last for the days, and no limit may end them.
    "strategies.doge.limits.max_base_holding=1000000",
    "strategies.doge.limits.max_fills_in_row=100000",
    "strategies.doge.limits.max_daily_loss=1000000",
    "strategies.doge.limits.max_drawdown=1000000",
    "strategies.doge.inventory_skew_enabled=true",
    "strategies.doge.inventory_range_multiplier=20",
)
_NOTED_FROM = 50
"""Entries: smaller containers are no leak that an engine would notice in a week."""


@attrs.frozen(kw_only=True)
class Census:
    """
    What lives at one moment.

    Args:
        at_s: Virtual seconds since the start.
        wall_s: Real seconds since the start.
        rss_kb: Resident memory of the process.
        objects: All that Python's collector knows of.
        types: The same by type, the commonest only.
        mailboxes: Messages that waited at most, by mailbox.
        containers: Entries of the largest container of each owner.
    """

    at_s: float
    wall_s: float
    rss_kb: int
    objects: int
    tasks: int
    orders: int
    fills: int
    mailboxes: Mapping[str, int]
    containers: Mapping[str, int]
    types: Mapping[str, int]


def census(rig: Rig, began: float) -> Census:
    """Count everything now."""
    gc.collect()
    everything = gc.get_objects()
    meters = rig.system.wires.meters.peek()
    performance = rig.system.wires.strategies[DOGE].performance.peek()
    assert meters is not None
    assert performance is not None
    return Census(
        at_s=trio.current_time(),
        wall_s=round(time.monotonic() - began, 1),
        rss_kb=_rss_kb(),
        objects=len(everything),
        tasks=trio.lowlevel.current_statistics().tasks_living,
        orders=performance.orders_placed,
        fills=performance.fills,
        mailboxes=dict(meters.depths_max),
        containers=_containers(everything),
        types=dict(Counter(type(one).__qualname__ for one in everything).most_common(40)),
    )


def _rss_kb() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("a process has a resident size")


def _containers(everything: list[Any]) -> dict[str, int]:
    """The largest container under each name: an object's attribute, or a local of a task."""
    found: dict[str, int] = {}
    for one in everything:
        for name, value in _kept(one):
            if isinstance(value, dict | list | set | frozenset | tuple | deque):
                size = len(value)
                if size >= _NOTED_FROM:
                    found[name] = max(found.get(name, 0), size)
    return found


def _kept(one: Any) -> Iterator[tuple[str, Any]]:
    kind = type(one)
    if isinstance(one, types.CoroutineType):
        local = {} if one.cr_frame is None else one.cr_frame.f_locals
        yield from ((f"{one.__qualname__}: {name}", value) for name, value in local.items())
    elif kind.__module__.partition(".")[0] in _PACKAGES:
        attributes = {**dict.fromkeys(_slots(kind)), **getattr(one, "__dict__", {})}
        for name in attributes:
            yield f"{kind.__qualname__}.{name}", getattr(one, name, None)


def _slots(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots


_PACKAGES = {
    *("trading", "config", "actors", "engine", "trio", "structlog"),
    *("httpx", "httpcore", "h11", "wsproto", "trio_websocket"),
}

BOUNDS = {
    # Of the engine: what was heard of twice must not count twice, however late it comes.
    **dict.fromkeys(
        (
            *("OrderTracker._orders", "OrderTracker._by_venue_id", "OrderTracker._seen_alive"),
            "AnswerDeadlines._settles_from",
            *("FillCount._trades", "FillCount._filled", "FillCount._fills", "ProfitWatch._trades"),
            *("PerformanceFold._trades", "PerformanceFold._statuses"),
        ),
        20_100,
    ),
    "RememberedFold._ended": 500,
    "RememberedFold._numbers": 600,  # of the ended, and of those that work
    "RememberedFold._fills": 5_000,
    "Remembered.ended": 500,
    "Remembered.fills": 5_000,
    "CompletedOrders.recent": 100,
    "SeenTrades.recent": 100,
    "RecentItems._recent": 100,
    # Prices that were met come again: each is parsed once.
    "BookSide.by_text": 21_000,
    "BookSide._by_price": 21_000,
    # Of the simulated exchange, which stands for a venue with a history.
    **dict.fromkeys(
        ("OrderStore._by_id", "OrderStore._by_number", "OrderStore._by_customer_id"), 20_100
    ),
    "OrderStore._closed": 20_001,
    "OrderStore.fills": 20_000,
    "Listing.trades": 5_000,
    "Grid._price_texts": 20_000,
    "Candles._minutes": 14 * 24 * 60,
    "BackgroundFlow._resting": 1_000,
    "MatchingBook._orders": 1_000,
    # Of trio: deadlines that were given up are swept out now and then.
    "Deadlines._heap": 2_000,
}
"""What may grow, and how far: the most entries that a container of that name ever has."""

_MAILBOX_MAX = 200
_TASKS_MORE_MAX = 10
_ANYTHING_GROWS = 1.1


def troubles(counted: Sequence[Census]) -> list[str]:
    """What has grown from the middle of a run to its end without a bound; empty if nothing has."""
    before, after = counted[len(counted) // 2 - 1], counted[-1]
    found = []
    for name, size in after.containers.items():
        was, bound = before.containers.get(name, _NOTED_FROM), BOUNDS.get(name, 0)
        if size > bound and size > was * _ANYTHING_GROWS + _NOTED_FROM:
            found.append(f"{name} grew from {was} to {size}, beyond its bound of {bound}")
    if after.tasks > before.tasks + _TASKS_MORE_MAX:
        found.append(f"tasks grew from {before.tasks} to {after.tasks}")
    for mailbox, peak in after.mailboxes.items():
        if peak > _MAILBOX_MAX:
            found.append(f"{peak} messages waited in {mailbox!r}")
    return found


class FilesOnDisk(NoDisk):
    """Ledgers are files, as in a real run: their rows are no memory of the engine."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    @override
    async def open_ledger(self, path: Path) -> TroubledLedger:
        if path not in self.ledgers:
            database = open_to_write(self._folder / "ledger.sqlite")
            self.ledgers[path] = TroubledLedger(database, self.trouble)
        return self.ledgers[path]


def with_the_market(flow: SyntheticFlow) -> Callable[[VenueConnection, World], VenueConnection]:
    """The same engine, at an exchange with one pair and this market."""

    def change(party: VenueConnection, world: World) -> VenueConnection:
        balances = {Currency("DOGE"): Decimal(500_000), Currency("USDT"): Decimal(50_000)}
        settings = ExchangeSettings(
            pairs=DEFAULT_PAIRS[:1],
            accounts=(attrs.evolve(DEMO_ACCOUNT, balances=balances),),
            synthetic=flow,
        )
        warm_up_s = 60.0
        exchange = SimulatedExchange(
            settings, Random(1), world.wall_clock() - round(warm_up_s * 1e9)
        )
        exchange.advance(warm_up_s)
        return attrs.evolve(party, exchange=exchange)

    return change


async def run_for(
    duration_s: float,
    every_s: float,
    folder: Path,
    *,
    seed: int = 1,
    flow: SyntheticFlow = QUIET,
    overrides: Sequence[str] = (),
    tell: Callable[[Census], None] = lambda _census: None,
) -> list[Census]:
    """Run an engine for so long, and count at every so many virtual seconds."""
    world = attrs.evolve(simulated_world(seed), disk=FilesOnDisk(folder))
    began, counted = time.monotonic(), list[Census]()
    async with trio.open_nursery() as nursery:
        rig = await start_rig(
            nursery, *OVERRIDES, *overrides, seed=seed, world=world, party_of=with_the_market(flow)
        )
        await rig.until(rig.quoting, within_s=30)
        for number in range(1, round(duration_s / every_s) + 1):
            await trio.sleep_until(number * every_s)
            counted.append(census(rig, began))
            tell(counted[-1])
        nursery.cancel_scope.cancel()
    return counted


_COLUMNS = ("hours", "RSS MB", "objects", "tasks", "waited", "orders", "fills", "real s")


def _row(counted: Census) -> str:
    cells = (
        f"{counted.at_s / _HOUR_S:.0f}",
        f"{counted.rss_kb / 1000:.1f}",
        *(counted.objects, counted.tasks, max(counted.mailboxes.values())),
        *(counted.orders, counted.fills, f"{counted.wall_s:.0f}"),
    )
    return " ".join(f"{cell:>9}" for cell in cells)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=float, default=7, help="of virtual time")
    parser.add_argument("--every", type=float, default=6, help="hours between two counts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--busy", action="store_true", help="the market of make paper")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--out", type=Path, help="every count in full, one JSON object a line")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.stdout.write(" ".join(f"{name:>9}" for name in _COLUMNS) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        counted = in_virtual_time(
            given.seed,
            lambda: run_for(
                given.days * 24 * _HOUR_S,
                given.every * _HOUR_S,
                Path(folder),
                seed=given.seed,
                flow=SyntheticFlow() if given.busy else QUIET,
                overrides=given.set,
                tell=lambda census: _tell(census, given.out),
            ),
        )
    grown = troubles(counted)
    for name, size in sorted(counted[-1].containers.items(), key=lambda item: -item[1]):
        before = counted[len(counted) // 2 - 1].containers.get(name, 0)
        bound = BOUNDS.get(name)
        sys.stdout.write(f"{name:<36} {before:>7} -> {size:>7}  bound {bound or '-'}\n")
    for trouble in grown:
        sys.stdout.write(f"GROWS: {trouble}\n")
    return int(bool(grown))


def _tell(census: Census, out: Path | None) -> None:
    sys.stdout.write(_row(census) + "\n")
    sys.stdout.flush()
    if out is not None:
        with out.open("a") as file:
            file.write(json.dumps(attrs.asdict(census)) + "\n")


if __name__ == "__main__":
    sys.exit(main())
