"""A result with the mid prices of a recorded market in it."""

from collections.abc import Callable, Iterable
from decimal import Decimal

import attrs
import msgspec

from engine.reports.words import moment
from trading.research.dataset_mids import BareRecord, mids_of
from trading.research.figures import mid_path
from trading.research.result import Result, Run


@attrs.frozen(kw_only=True)
class Market:
    """
    A recorded market of one pair.

    Args:
        name: Where it lies.
        digest: Of its contents.
        latency_max_ns: How long it takes at most from what happens to when it is seen.
        records: Those seen from one moment to another (ns), the book at the former first.
    """

    name: str
    digest: str
    pair: str
    tick: Decimal
    latency_max_ns: int
    records: Callable[[int, int], Iterable[BareRecord]]


class WrongMarket(ValueError):
    """A recorded market is not the one that was traded in."""


def with_market(result: Result, market: Market) -> Result:
    """
    The runs on the market's pair with its mid prices; the others as they were.

    Raises:
        WrongMarket: No run is on its pair, or it knows no price in the time of any.
    """
    if not any(run.pair == market.pair for run in result.runs):
        others = ", ".join(sorted({run.pair for run in result.runs})) or "none"
        raise WrongMarket(f"it is a market of {market.pair}, and what was traded is: {others}")
    head = msgspec.structs.replace(result.head, data=market.name, data_digest=market.digest)
    runs = tuple(_with_mids(run, market) if run.pair == market.pair else run for run in result.runs)
    if not any(run.pair == market.pair and _known(run) for run in runs):
        times = ", ".join(f"{moment(run.from_ns)} to {moment(run.to_ns)}" for run in runs)
        raise WrongMarket(f"it knows no price in the time of what was traded: {times}")
    return msgspec.structs.replace(result, head=head, runs=runs)


def _with_mids(run: Run, market: Market) -> Run:
    # What happened before the end was seen a little later.
    mids = mids_of(market.records(run.from_ns, run.to_ns + market.latency_max_ns), market.tick)
    return msgspec.structs.replace(run, mids=mids, tick=market.tick)


def _known(run: Run) -> bool:
    path = mid_path(run)
    return path is not None and any(True for _ in path.known())
