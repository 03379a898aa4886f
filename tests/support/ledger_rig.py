"""A ledger actor on a store in memory, and whoever posts to it."""

import attrs
import trio

from actors.orders.inbox import DurableInbox
from actors.orders.ledger import LedgerActor
from actors.ports.facts import FactBoard
from actors.ports.journal_wire import JournalWire
from actors.ports.ports import JournalBatch, Latest, Receipt
from engine.storage.ledger_database import LedgerDatabase, open_in_memory
from tests.support.builders import DOGE_RULES, MAKER
from tests.support.inline_ledger import Trouble, TroubledLedger
from trading.core.instrument import Instrument
from trading.journal.entries import LedgerEntry
from trading.journal.performance import Performance
from trading.journal.remembered import Remembered
from trading.journal.tables import SESSION_ENDS, SESSIONS

EPOCH_NS = 1_700_000_000 * 10**9
VENUE = "VALR https://api.example"


@attrs.define(kw_only=True)
class Books:
    """
    A ledger's ports and its store; its lives are the test's to begin.

    Args:
        wall_ns: The wall clock when the test's clock was 0.
        database: What is durable; a later run on the same one remembers the former.
    """

    wire: JournalWire = attrs.field(factory=lambda: JournalWire.of(1000))
    remembered: Latest[Remembered] = attrs.field(factory=Latest)
    performance: Latest[Performance] = attrs.field(factory=Latest)
    instrument: Latest[Instrument] = attrs.field(factory=Latest)
    facts: FactBoard = attrs.field(factory=FactBoard)
    trouble: Trouble = attrs.field(factory=Trouble)
    database: LedgerDatabase = attrs.field(factory=open_in_memory)
    store: TroubledLedger = attrs.field(init=False)
    _inboxes: dict[int, DurableInbox[JournalBatch]] = attrs.field(factory=dict, init=False)
    session: int = 1
    venue: str = VENUE
    wall_ns: int = EPOCH_NS

    def __attrs_post_init__(self) -> None:
        self.store = TroubledLedger(self.database, self.trouble)
        self.instrument.put(DOGE_RULES)
        self.open_session(self.session)

    def open_session(self, number: int, venue: str = VENUE) -> None:
        """From now on everything belongs to this session."""
        self.session, self.venue = number, venue
        self.store.database.commit([SESSIONS.insert(number, "test", venue, 0, self.wall_ns)])

    def end_session(self, exit_code: int = 0) -> None:
        self.store.database.commit(
            [SESSION_ENDS.insert(self.session, self.wall_ns, exit_code, "SIGTERM")]
        )

    @property
    def inbox(self) -> DurableInbox[JournalBatch]:
        """The wire's end, that outlives the ledger's lives; a test may lay another wire."""
        return self._inboxes.setdefault(id(self.wire), DurableInbox("ledger", self.wire.receive))

    @property
    def actor(self) -> LedgerActor:
        return LedgerActor(
            store=self.store,
            postings=self.inbox,
            bell=self.wire.bell,
            remembered=self.remembered,
            performance={MAKER: self.performance},
            facts=self.facts,
            instruments={MAKER: self.instrument},
            session=self.session,
            venue=self.venue,
            wall_clock=lambda: self.wall_ns + round(trio.current_time() * 1e9),
        )

    def post(self, *entries: LedgerEntry) -> Receipt:
        receipt = Receipt()
        self.wire.send.send_nowait(JournalBatch(entries, receipt))
        return receipt

    async def book(self, *entries: LedgerEntry) -> None:
        """Post entries one by one and wait until the last is durable."""
        receipt = Receipt()
        for entry in entries:
            receipt = self.post(entry)
        with trio.fail_after(60):
            await receipt.wait()

    @property
    def known(self) -> Remembered:
        """What it says a gateway may begin with."""
        remembered = self.remembered.read()
        assert remembered is not None
        return remembered

    @property
    def figures(self) -> Performance:
        performance = self.performance.read()
        assert performance is not None
        return performance
