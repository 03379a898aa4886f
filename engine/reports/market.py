"""A result with the mid prices of a recorded market in it."""

from collections.abc import Callable, Iterable
from decimal import Decimal

import attrs
import msgspec

from trading.research.dataset_mids import BareRecord, mids_of
from trading.research.result import MidSeries, Result, Run


@attrs.frozen(kw_only=True)
class Market:
    """
    A recorded market of one pair.

    Args:
        name: Where it lies.
        digest: Of its contents.
        records: Those from one moment to another (ns), the book at the former first.
    """

    name: str
    digest: str
    pair: str
    tick: Decimal
    records: Callable[[int, int], Iterable[BareRecord]]


def with_market(result: Result, market: Market) -> Result:
    """
    The runs on the market's pair with its mid prices; the others as they were.

    Raises:
        ValueError: No run is on its pair.
    """
    if not any(run.pair == market.pair for run in result.runs):
        others = ", ".join(sorted({run.pair for run in result.runs})) or "none"
        raise ValueError(f"it is a market of {market.pair}, and what was traded is: {others}")
    head = msgspec.structs.replace(result.head, data=market.name, data_digest=market.digest)
    runs = tuple(_with_mids(run, market) if run.pair == market.pair else run for run in result.runs)
    return msgspec.structs.replace(result, head=head, runs=runs)


def _with_mids(run: Run, market: Market) -> Run:
    mids: MidSeries = mids_of(market.records(run.from_ns, run.to_ns), market.tick)
    return msgspec.structs.replace(run, mids=mids, tick=market.tick)
