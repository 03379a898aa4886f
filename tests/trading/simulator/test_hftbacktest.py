"""
The same orders on the same recording as hftbacktest 2.4.4 had them.

``hftbacktest_orders.json`` was made with it, from the same records: every 4.5 s or so a post-only
bid of 0.01 BTC at the best bid, or 20 or 40 ticks below, looked at after 4 s and then cancelled;
orders take 10 ms to the exchange and answers 10 ms back. A row is the time, the price in ticks, the
status (1 open, 2 expired, 3 filled, 5 partly filled), how long after the time that came about, and
the lots that are left, for each queue model. Trades through a price fill all of an order there.
"""

import gzip
from collections.abc import Iterator
from itertools import chain, takewhile
from pathlib import Path

import msgspec
import pytest

from tests.support.recorded import recorded_folder
from tests.support.recorded_market import buy
from trading.simulator.core.flows import RecordedFlow, Through
from trading.simulator.market.beginning import recording_of
from trading.simulator.market.raw_rows import raw_rows
from trading.simulator.market.replay import RecordedMarket
from trading.simulator.market.two_clocks import Row

_MS = 1_000_000
_LATENCY_NS = 10 * _MS
_LOOKED_AT_NS = 4_000 * _MS
_LOTS = 1000
_OPEN, _EXPIRED, _FILLED, _PARTLY = 1, 2, 3, 5

Fate = tuple[int, int, int]
"""Status, nanoseconds after the order was sent, lots left."""


Ordered = tuple[int, int, int, int, int]


@pytest.fixture(scope="module")
def oracle() -> dict[str, list[Ordered]]:
    file = Path(__file__).with_name("hftbacktest_orders.json")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, list[Ordered]])


@pytest.fixture(scope="module")
def rows(oracle: dict[str, list[Ordered]]) -> list[Row]:
    files = sorted(recorded_folder("market-data/binance-spot").glob("btcusdt_*.gz"))
    lines = chain.from_iterable(gzip.decompress(file.read_bytes()).splitlines() for file in files)
    end_ns = max(orders[-1][0] for orders in oracle.values()) + 2 * _LOOKED_AT_NS
    return list(takewhile(lambda row: row[1] < end_ns, raw_rows(lines, RecordedFlow())))


@pytest.mark.parametrize("model", ["risk_averse", "power:2", "log"])
def test_orders_fare_as_in_hftbacktest(
    model: str, oracle: dict[str, list[Ordered]], rows: list[Row]
) -> None:
    orders = [(order[0], order[1]) for order in oracle[model]]
    theirs = [order[2:] for order in oracle[model]]
    flow = RecordedFlow(queue=model, through=Through.WHOLE)
    assert _play(RecordedMarket(recording_of(rows), flow), orders, rows[0][1]) == theirs


def _play(market: RecordedMarket, orders: list[tuple[int, int]], began_ns: int) -> list[Fate]:
    fates: list[Fate] = []
    left: list[int] = []
    deeds = [(sent + _LATENCY_NS, number, True) for number, (sent, _) in enumerate(orders)]
    deeds += [
        (sent + _LOOKED_AT_NS + _LATENCY_NS, number, False)
        for number, (sent, _) in enumerate(orders)
    ]
    for at_ns, number, places in sorted(deeds):
        for when_ns, maker, lots in _fills_until(market, began_ns, at_ns):
            left[maker] -= lots
            after_ns = when_ns - orders[maker][0]
            if after_ns + _LATENCY_NS <= _LOOKED_AT_NS:
                fates[maker] = (_PARTLY if left[maker] else _FILLED, after_ns, left[maker])
        if not places:
            market.cancel(number + 1)
            continue
        placement = market.place(buy(orders[number][1], _LOTS, number + 1, post_only=True))
        fates.append((_OPEN if placement.rests else _EXPIRED, _LATENCY_NS, _LOTS))
        left.append(_LOTS)
    return fates


def _fills_until(
    market: RecordedMarket, began_ns: int, until_ns: int
) -> Iterator[tuple[int, int, int]]:
    """When, which order and how many lots, as the exchange dates it."""
    while (at_s := market.next_event_at()) is not None:
        at_ns = began_ns + round(at_s * 1_000_000_000)
        if at_ns > until_ns:
            return
        for execution in market.step():
            if execution.maker_owner is not None:
                # Floats of seconds are exact to some nanoseconds; its clock counts milliseconds.
                yield round(at_ns, -6), execution.maker - 1, execution.quantity
