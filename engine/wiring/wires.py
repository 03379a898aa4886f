"""Every wire of the engine. The wires belong to the system and outlive the actors' lives."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs
import trio

from actors.net.key_standing import KeyStanding
from actors.ports.alert_book import AlertBook
from actors.ports.facts import FactBoard
from actors.ports.frames import FrameWire
from actors.ports.journal_wire import JournalWire
from actors.ports.lossless import Lossless
from actors.ports.operator_orders import OperatorOrder
from actors.ports.ports import Latest, OptionalBell, RecentItems, Wakeup
from actors.ports.recording_files import RecordingState
from actors.ports.stalls import Stalls
from actors.ports.tap import Tap
from actors.watch.meter import Meters
from config.settings import Settings
from trading.account.account import AccountView
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Balance, SeenPrices, TopOfBook, Trade
from trading.decisions.decision import Decision
from trading.journal.performance import Performance
from trading.journal.remembered import Remembered
from trading.messages.account import AccountSessionOpened, OrderNews
from trading.messages.gateway import FlatProof, Instruction, WorkingOrders
from trading.messages.market import BookNews
from trading.readiness.gate_clock import GateClock
from trading.readiness.lease import Milestones, Readiness
from trading.strategies.config import StrategyConfig
from trading.strategies.interface import ReferencePrice

_BOOK_CAPACITY = 1_000  # changes: seconds of a wild market; then TCP makes the venue wait
_ACCOUNT_CAPACITY = 1_000  # news: far more than all our orders can cause at once
_LEDGER_CAPACITY = 1_000  # postings: no order should ever wait for the ledger
_TRADES_SHOWN = 100  # more between two looks of a strategy are counted, not shown
_OPERATOR_CAPACITY = 16  # orders: a person gives one, a monitor that panics a few


@attrs.frozen(kw_only=True)
class StrategyPorts:
    """
    One strategy's newest wires, for the actors around it and for the views.

    Those about its pair, ``top`` and ``instrument``, it shares with others on the same pair.
    """

    pair: Pair
    bell: Wakeup
    freed: OptionalBell
    readiness: Latest[Readiness]
    milestones: Latest[Milestones]
    top: Latest[TopOfBook]
    instrument: Latest[Instrument]
    working: Latest[WorkingOrders]
    decision: Latest[Decision]
    performance: Latest[Performance]
    clock: GateClock
    other_market: Latest[SeenPrices]
    custom_price: Latest[ReferencePrice]
    config: Latest[StrategyConfig]

    def levels_seen(self) -> int | None:
        """At how many levels of each side of the book the strategy looks; ``None`` for all."""
        config = self.config.peek()
        return None if config is None else config.levels_seen


def levels_seen(ports: Sequence[StrategyPorts]) -> int | None:
    """At how many levels some strategies look, all together; ``None`` for all."""
    counts = [port.levels_seen() for port in ports]
    return max(0 if each is None else each for each in counts) if None not in counts else None


@attrs.frozen(kw_only=True)
class Wires:
    """
    All wires of an engine.

    Args:
        watch: Rung for the task that decides about the end: a proof, the end of a recording.
        held: What all working orders hold together, by currency.
        stopping: Why the run is ending; nothing is quoted any more.
        halt: Why nothing may be quoted until a person resumes; empty while quoting is allowed.
        breach: The limit that was breached, which must become a halt.
        operator: The operator's commands.
        meters: Measurements of the engine itself.
        flat: The gateway's proof, under a halt or at the end, that nothing is left.
        proof: The closeout's proof, at the very end.
        stalls: Moments after which all that was received before is old.
        key: Whether our key still works; the clock is compared when that is in doubt.
        rules_doubted: Why each pair's rules may have changed, until they are read anew.
        lateness: The event loop's, in seconds: the worst of the last moments.
        tap: What the session's recording is to hold; ``None`` where none is made.
        recording: How it is getting on.
        listed: Every pair of the venue, with its rules, as last read.
        successor: The settings of the next session, for which this one is to end.
        alerts: What was told to a person, and what waits; absent where nobody is to be told.
    """

    strategies: Mapping[StrategyName, StrategyPorts]
    readiness_bell: Wakeup
    gateway_bell: Wakeup
    halt_bell: Wakeup
    watch: Wakeup
    facts: FactBoard
    account: Latest[AccountView]
    held: Latest[Mapping[Currency, Decimal]]
    stopping: Latest[str]
    halt: Latest[str]
    breach: Latest[str]
    operator: Lossless[OperatorOrder]
    flat: Latest[FlatProof]
    proof: Latest[FlatProof]
    recording_ended: Latest[str]
    stalls: Stalls
    key: KeyStanding
    lateness: Latest[float]
    ledger: JournalWire
    remembered: Latest[Remembered]
    instructions: Lossless[Instruction]
    order_news: Lossless[OrderNews]
    session: Latest[AccountSessionOpened]
    balances: Lossless[Balance]
    requests: FrameWire
    books: Mapping[Pair, Lossless[BookNews]]
    renewals: Lossless[Pair]
    order_types: Mapping[Pair, Latest[frozenset[str]]]
    rules_bell: Wakeup
    rules_doubted: Mapping[Pair, Latest[str]]
    last_trades: Mapping[Pair, RecentItems[Trade]]
    meters: Latest[Meters]
    tap: Tap | None
    recording: Latest[RecordingState]
    listed: Latest[Mapping[Pair, Instrument]]
    successor: Latest[Settings]
    alerts: Latest[AlertBook]

    def mailboxes(self) -> dict[str, Lossless[Any]]:
        """Every lossless wire by name, for the views."""
        named: dict[str, Lossless[Any]] = {
            "instructions": self.instructions,
            "order news": self.order_news,
            "account requests": self.requests,
            "balances": self.balances,
            "ledger": self.ledger,
            "book renewals": self.renewals,
            "operator": self.operator,
        }
        return named | {f"book {pair}": wire for pair, wire in self.books.items()}

    def by_pair(self) -> Mapping[Pair, Sequence[StrategyPorts]]:
        """The strategies' wires by their pair: several may trade one."""
        found: dict[Pair, list[StrategyPorts]] = {}
        for port in self.strategies.values():
            found.setdefault(port.pair, []).append(port)
        return found

    def slots(self) -> dict[str, Latest[Any]]:
        """The newest wires that the views show, by name."""
        named: dict[str, Latest[Any]] = {"account": self.account}
        for name, port in self.strategies.items():
            named |= {
                f"{name} readiness": port.readiness,
                f"{name} top of book": port.top,
                f"{name} working orders": port.working,
                f"{name} decision": port.decision,
            }
        return named


def lay_wires(pairs: Mapping[StrategyName, Pair], tap: Tap | None = None) -> Wires:
    """The wires of an engine with these strategies; ``tap`` where its session is recorded."""
    readiness_bell, gateway_bell, halt_bell = Wakeup(), Wakeup(), Wakeup()
    rules_bell, watch = Wakeup(), Wakeup()
    bells = {name: Wakeup() for name in pairs}
    on = {pair: [bells[name] for name in pairs if pairs[name] == pair] for pair in pairs.values()}
    tops = {pair: Latest[TopOfBook](*those) for pair, those in on.items()}
    instruments = {pair: Latest[Instrument](*those, gateway_bell) for pair, those in on.items()}
    return Wires(
        strategies={
            name: StrategyPorts(
                pair=pair,
                bell=bells[name],
                freed=OptionalBell(bells[name]),
                readiness=Latest(bells[name], gateway_bell),
                milestones=Latest(),
                top=tops[pair],
                instrument=instruments[pair],
                working=Latest(bells[name]),
                decision=Latest(),
                performance=Latest(),
                clock=GateClock(trio.current_time()),
                other_market=Latest(bells[name]),
                custom_price=Latest(bells[name]),
                config=Latest(bells[name], gateway_bell),
            )
            for name, pair in pairs.items()
        },
        readiness_bell=readiness_bell,
        gateway_bell=gateway_bell,
        halt_bell=halt_bell,
        watch=watch,
        facts=FactBoard(readiness_bell),
        account=Latest(*bells.values()),
        held=Latest(),
        stopping=Latest(gateway_bell),
        halt=Latest(gateway_bell),
        breach=Latest(halt_bell),
        operator=Lossless.of(_OPERATOR_CAPACITY),
        flat=Latest(watch, halt_bell),
        proof=Latest(),
        recording_ended=Latest(watch),
        stalls=Stalls(rules_bell),
        key=KeyStanding(forgiving=True),
        lateness=Latest(),
        ledger=JournalWire.of(_LEDGER_CAPACITY),
        remembered=Latest(halt_bell),
        # Taken means being carried out: no decision waits in a buffer and grows old.
        instructions=Lossless.of(0),
        order_news=Lossless.of(_ACCOUNT_CAPACITY),
        session=Latest(),
        balances=Lossless.of(_ACCOUNT_CAPACITY),
        requests=FrameWire.of(0),
        # One request of each pair is all there can be, for each waits for its snapshot.
        renewals=Lossless.of(len(on)),
        order_types={pair: Latest(rules_bell) for pair in on},
        rules_bell=rules_bell,
        rules_doubted={pair: Latest(rules_bell) for pair in on},
        last_trades={pair: RecentItems(_TRADES_SHOWN, *those) for pair, those in on.items()},
        meters=Latest(),
        tap=tap,
        recording=Latest(),
        listed=Latest(),
        successor=Latest(watch),
        alerts=Latest(),
        books={pair: Lossless.of(_BOOK_CAPACITY) for pair in on},
    )
