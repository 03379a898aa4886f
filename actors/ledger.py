"""Writes down every order event and fill, and knows what they add up to."""

from collections.abc import Mapping

import attrs
import structlog
import trio

from actors.ports import Latest, Posting
from trading.identifiers import StrategyName, strategy_of
from trading.instrument import Instrument
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded
from trading.journal.performance import Performance, PerformanceFold
from trading.journal.remembered import Remembered, RememberedFold

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class LedgerActor:
    """
    First up and last down: what others lose in a restart is still here.

    Ports:
        entries: Every change of an order and every fill, in order (lossless).
        performance: What each strategy's entries add up to (newest).

    Args:
        instruments: The rules of each strategy's pair, for what is base and what is quote.
    """

    postings: trio.MemoryReceiveChannel[Posting]
    remembered: Latest[Remembered]
    performance: Mapping[StrategyName, Latest[Performance]]
    instruments: Mapping[StrategyName, Latest[Instrument]]

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        folds: dict[StrategyName, PerformanceFold] = {}
        remembered = RememberedFold()
        self.remembered.put(remembered.value)
        task_status.started()
        async for posting in self.postings:
            self.remembered.put(remembered.add(posting.entries))
            for entry in posting.entries:
                self._perform(entry, folds)
            if posting.receipt is not None:
                posting.receipt.give()

    def _perform(self, entry: LedgerEntry, folds: dict[StrategyName, PerformanceFold]) -> None:
        strategy = _whose(entry)
        if strategy is None:
            return
        if strategy not in self.performance:
            log.warning("entry_of_no_strategy", strategy=strategy)
            return
        if strategy not in folds:
            # What is base and what is quote stays true when a pair is suspended.
            instrument = self.instruments[strategy].last
            assert instrument is not None, "an order was placed without known rules"
            folds[strategy] = PerformanceFold(instrument)
        folds[strategy].add(entry)
        self.performance[strategy].put(folds[strategy].performance)


def _whose(entry: LedgerEntry) -> StrategyName | None:
    match entry:
        case OrderRecorded(order):
            return order.strategy
        case FillBooked(fill):
            assert fill.client_order_id is not None
            return strategy_of(fill.client_order_id)
        case _:
            return None
