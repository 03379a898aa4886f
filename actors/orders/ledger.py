"""The ledger's actor: makes orders, fills and balances durable, and adds up their results."""

from collections.abc import Mapping, Sequence

import attrs
import structlog
import trio

from actors.orders.inbox import DurableInbox
from actors.ports.facts import FactBoard
from actors.ports.journal_wire import CommitBell
from actors.ports.ledger_store import LedgerStore, Slow
from actors.ports.ports import JournalBatch, Latest, WallClock
from trading.core.errors import Fatal, FatalReason
from trading.core.identifiers import Pair, StrategyName, strategy_of
from trading.core.instrument import Instrument
from trading.journal import reading
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded
from trading.journal.moment import Moment
from trading.journal.performance import Performance, PerformanceFold
from trading.journal.remembered import Remembered, RememberedFold
from trading.journal.tables import PAIRS, Query, Statement
from trading.journal.writer import JournalWriter
from trading.readiness.lease import Component

log = structlog.get_logger()

_UNTIL_REVOKED = float("inf")
_LOCKED_PAUSE_S = 0.2


@attrs.frozen(kw_only=True)
class LedgerActor:
    """
    Writes the journal and remembers it; starts first and stops last, so that no restart loses it.

    Everything that waits is committed together, so that a slow disk makes commits larger and not
    the queue longer. What nobody waits for gathers for a moment before it is committed. What has a
    receipt is durable. What was not committed when a life ended is for the next one; a posting at
    which two lives have failed is left out.

    Ports:
        postings: Intents, order events, fills, balances, halts, in order (lossless, kept
            across lives).
        bell: Rung when what was posted is to be committed.
        remembered: What the gateway begins a life with (newest; durable).
        performance: The sums of each strategy's entries of this session (newest).
        facts: Whether the ledger can be written.

    Args:
        instruments: The rules of each strategy's pair, for its base and quote currency.
        session: This run's number, under which the store has it already.
        venue: Whose orders are remembered.
        patience_s: A commit that takes longer stops the quotes until it is done.
        locked_max_s: How long another program may keep the database locked; meanwhile nothing is
            quoted and postings wait.
        last_will_s: To commit what is still waiting when the actor ends.

    Raises:
        Fatal: The store cannot be written or read: no order may leave any more.
    """

    store: LedgerStore
    postings: DurableInbox[JournalBatch]
    bell: CommitBell
    remembered: Latest[Remembered]
    performance: Mapping[StrategyName, Latest[Performance]]
    facts: FactBoard
    instruments: Mapping[StrategyName, Latest[Instrument]]
    session: int
    venue: str
    wall_clock: WallClock
    patience_s: float = 5.0
    locked_max_s: float = 300.0
    last_will_s: float = 3.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        self.postings.begin_life()
        life = await _begin(self)
        self.remembered.put(life.remembered.value)
        life.writable()
        task_status.started()
        try:
            if len(self.postings):  # a former life has left them
                self.bell.ring()
            while True:
                await self.bell.wait(self.store.look_every_s)
                if self.postings.messages():
                    await life.commit_all()
                else:
                    await life.require_its_files()
        finally:
            # The actors that stopped before this one may have posted something last: commit it too.
            with trio.move_on_after(self.last_will_s, shield=True) as last_will:
                await life.finish()
            if last_will.cancelled_caught:
                log.error("ledger_last_will", lost=len(self.postings), deadline_s=self.last_will_s)


async def _begin(ledger: LedgerActor) -> "_Life":
    now = Moment(trio.current_time(), ledger.wall_clock())

    def read(
        query: Query,
    ) -> tuple[Remembered, int, list[OrderRecorded | FillBooked]]:
        return (
            reading.remembered(query, ledger.venue, now),
            reading.events_written(query),
            reading.session_entries(query, ledger.session, now),
        )

    remembered, events, entries = await ledger.store.read(read)
    figures = _Figures(ledger.performance, ledger.instruments)
    figures.add(entries)
    return _Life(
        ledger=ledger,
        remembered=RememberedFold(remembered),
        scribe=JournalWriter(ledger.session, ledger.venue, events),
        figures=figures,
    )


@attrs.define(kw_only=True)
class _Life:
    """
    One life of the ledger.

    Args:
        slow: A commit takes long, and quotes are stopped until it is done.
        broken: A commit failed: nothing more is tried.
    """

    ledger: LedgerActor
    remembered: RememberedFold
    scribe: JournalWriter
    figures: "_Figures"
    pairs: set[Pair] = attrs.field(factory=set)
    slow: bool = False
    broken: bool = False

    async def commit_all(self) -> None:
        """Commit everything that waits, in one transaction."""
        inbox = self.ledger.postings
        batch = inbox.messages()
        entries = [entry for posting in batch for entry in posting.entries]
        if entries:
            await self._written(self._statements(batch))
        for posting in batch:
            inbox.done()
            if posting.receipt is not None:
                posting.receipt.give()
        if entries:
            # A waiting reader has waited for the first figures: the others are made when needed.
            self.ledger.remembered.renew(self.remembered.add(entries))
            self.figures.add(entries)

    def _statements(self, batch: Sequence[JournalBatch]) -> Sequence[Statement]:
        now = Moment(trio.current_time(), self.ledger.wall_clock())
        statements, inbox = self._new_pairs(), self.ledger.postings
        for posting in batch:
            inbox.take(posting)
            for entry in posting.entries:
                statements += self.scribe.write(entry, now)
        inbox.handled()
        return statements

    async def require_its_files(self) -> None:
        """Check that the ledger's files exist, even though nothing is to be written."""
        try:
            await self.ledger.store.require_its_files()
        except Fatal as fatal:
            self._break(fatal)
            raise

    def _break(self, fatal: Fatal) -> None:
        self.broken = True
        self.ledger.facts.revoke(Component.LEDGER, str(fatal))

    async def _written(self, statements: Sequence[Statement]) -> None:
        """Have statements committed; one that takes long stops the quotes meanwhile."""
        try:
            await self._commit(statements)
        except Fatal as fatal:
            self._break(fatal)
            raise
        if self.slow:
            self.slow = False
            self.writable()

    async def _commit(self, statements: Sequence[Statement]) -> None:
        """Commit; while another program has the database locked, again and again."""
        began, locked = trio.current_time(), False
        give_up_at = began + self.ledger.locked_max_s
        slow = Slow(began + self.ledger.patience_s, self._takes_long)
        while True:
            try:
                await self.ledger.store.commit(statements, slow)
            except Fatal as fatal:
                if fatal.reason is not FatalReason.PASSING or trio.current_time() >= give_up_at:
                    raise
                if not locked:
                    log.error("ledger_locked", cause=str(fatal))  # noqa: TRY400  # one line
                locked = True
                if trio.current_time() >= slow.at:
                    slow.tell()
                await trio.sleep(_LOCKED_PAUSE_S)
                continue
            if locked:
                log.info("ledger_unlocked")
            return

    def _takes_long(self) -> None:
        """Stop the quotes until a commit is done that takes long."""
        if not self.slow:
            self.slow = True
            reason = f"a commit takes longer than {self.ledger.patience_s:g} s"
            self.ledger.facts.revoke(Component.LEDGER, reason)

    def writable(self) -> None:
        """Affirm the ledger, also without a commit; only one that hangs or fails revokes it."""
        self.ledger.facts.affirm(Component.LEDGER, "it can be written", valid_for_s=_UNTIL_REVOKED)

    async def finish(self) -> None:
        if not self.broken and not self.ledger.postings.poisoned:
            await self.commit_all()

    def _new_pairs(self) -> list[Statement]:
        known = [slot.last for slot in self.ledger.instruments.values() if slot.last is not None]
        new = [instrument for instrument in known if instrument.pair not in self.pairs]
        self.pairs |= {instrument.pair for instrument in new}
        return [PAIRS.insert(each.pair, each.base, each.quote) for each in new]


class _Figures:
    """The sums of each strategy's entries, once its pair's rules are known."""

    def __init__(
        self,
        performance: Mapping[StrategyName, Latest[Performance]],
        instruments: Mapping[StrategyName, Latest[Instrument]],
    ) -> None:
        self._performance = performance
        self._instruments = instruments
        self._folds: dict[StrategyName, PerformanceFold] = {}
        self._waiting: dict[StrategyName, list[LedgerEntry]] = {name: [] for name in performance}

    def add(self, entries: list[LedgerEntry] | list[OrderRecorded | FillBooked]) -> None:
        for entry in entries:
            strategy = _whose(entry)
            if strategy is None:
                continue
            if strategy not in self._waiting:
                log.warning("entry_of_no_strategy", strategy=strategy)
                continue
            self._waiting[strategy].append(entry)
        for strategy, waiting in self._waiting.items():
            # The base and quote currencies stay known when a pair is suspended.
            instrument = self._instruments[strategy].last
            if not waiting or instrument is None:
                continue
            fold = self._folds.get(strategy)
            if fold is None:
                fold = self._folds[strategy] = PerformanceFold(instrument)
            for entry in waiting:
                fold.add(entry)
            waiting.clear()
            self._performance[strategy].put(fold.performance)


def _whose(entry: LedgerEntry) -> StrategyName | None:
    match entry:
        case OrderRecorded(order):
            return order.strategy
        case FillBooked(fill):
            assert fill.client_order_id is not None
            return strategy_of(fill.client_order_id)
        case _:
            return None
