"""An order gateway and an account socket at the simulated venue, and who instructs them."""

from collections.abc import Sequence
from decimal import Decimal

import attrs
import msgspec
import trio

from actors.account.account_socket import AccountSocketActor
from actors.net.rate_gate import RateGate
from actors.orders.gateway import OrderGatewayActor
from actors.orders.strategy_ports import GatewayPorts, SharedState
from actors.ports.facts import FactBoard
from actors.ports.lossless import Lossless, SendPort, drain
from actors.ports.ports import JournalBatch, Latest, Wakeup
from tests.support.builders import DOGE, DOGE_RULES, FEES, MAKER, a_top, ready
from tests.support.ledger_rig import Books
from tests.support.lives import Life, begin, begin_again_and_again, until
from tests.support.simulated_venue import EPOCH_NS, SimulatedVenue, open_gate, wall_clock
from trading.account.account import AccountView
from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, ClientOrderIds, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import Balance, TopOfBook, Trade
from trading.decisions.decision import Amend, Decision, Quote
from trading.gateway.audit import Begun, Handled
from trading.gateway.routing import Deadlines, RoutingPolicy
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded, OrdersIntended
from trading.messages.account import AccountSessionOpened, OrderNews
from trading.messages.gateway import FlatProof, Instruction, Rejection, WorkingOrders
from trading.orders.order import Fill, Order, OrderStatus
from trading.readiness.lease import Component, Readiness
from trading.risk import RiskLimits
from trading.strategies.config import StrategyConfig
from trading.strategies.interface import View
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT


class _Nobody:
    """Whoever decides is the test."""

    def begin(self, now: float) -> None:
        raise AssertionError(f"asked to begin at {now}")

    def decide(self, view: View, state: None) -> tuple[Decision, None]:
        raise AssertionError(f"asked to decide about {view}, {state}")


_NOBODY = _Nobody()


@attrs.frozen
class _NotedSend:
    """The wire to the ledger; what is posted is noted at once."""

    wire: SendPort[JournalBatch]
    posted: list[LedgerEntry]

    def send_nowait(self, batch: JournalBatch, /) -> None:
        self.wire.send_nowait(batch)
        self.posted.extend(batch.entries)

    async def send(self, batch: JournalBatch, /) -> None:
        await self.wire.send(batch)
        self.posted.extend(batch.entries)

    def statistics(self) -> trio.MemoryChannelStatistics:
        return self.wire.statistics()


@attrs.define(kw_only=True)
class GatewayRig:
    """Everything around a gateway; its lives are the test's to begin."""

    nursery: trio.Nursery
    site: SimulatedVenue
    deadlines: Deadlines = attrs.field(factory=Deadlines)
    terms: RoutingPolicy = attrs.field(factory=RoutingPolicy)
    limits: RiskLimits = attrs.field(
        factory=lambda: RiskLimits(
            price_collar=Decimal(9), last_trade_collar=Decimal(9), max_book_age_s=1e9
        )
    )
    books: Books = attrs.field(factory=lambda: Books(wall_ns=EPOCH_NS))
    posted: list[LedgerEntry] = attrs.field(factory=list)
    keeps_books: bool = True
    facts: FactBoard = attrs.field(factory=FactBoard)
    top: Latest[TopOfBook] = attrs.field(factory=Latest)
    last_trade: Latest[Trade] = attrs.field(factory=Latest)
    account: Latest[AccountView] = attrs.field(factory=Latest)
    breach: Latest[str] = attrs.field(factory=Latest)
    rules_doubted: Latest[str] = attrs.field(factory=Latest)
    ids: ClientOrderIds = attrs.field(factory=lambda: ClientOrderIds("test", 1))
    bell: Wakeup = attrs.field(factory=Wakeup)
    gate: RateGate = attrs.field(factory=open_gate)
    instructions: Lossless[Instruction] = attrs.field(factory=lambda: Lossless.of(0))
    news: Lossless[OrderNews] = attrs.field(factory=lambda: Lossless.of(1000))
    requests: Lossless[str] = attrs.field(factory=lambda: Lossless.of(0))
    balances: Lossless[Balance] = attrs.field(factory=lambda: Lossless.of(1000))
    ledger: Lossless[JournalBatch] = attrs.field(factory=lambda: Lossless.of(1000))
    session: Latest[AccountSessionOpened] = attrs.field(factory=Latest)
    flat: Latest[FlatProof] = attrs.field(factory=Latest)
    readiness: Latest[Readiness] = attrs.field(init=False)
    instrument: Latest[Instrument] = attrs.field(init=False)
    stopping: Latest[str] = attrs.field(init=False)
    halt: Latest[str] = attrs.field(init=False)
    working: Latest[WorkingOrders] = attrs.field(factory=Latest)
    config: Latest[StrategyConfig] = attrs.field(init=False)
    tape: list[Begun | Handled] = attrs.field(factory=list, repr=False)
    number: int = 0

    def __attrs_post_init__(self) -> None:
        self.readiness, self.instrument = Latest(self.bell), Latest(self.bell)
        self.config = Latest(self.bell)
        self.limit(self.limits)
        self.stopping, self.halt = Latest(self.bell), Latest(self.bell)
        self.readiness.put(ready())
        self.instrument.put(DOGE_RULES)
        self.top.put(a_top("0.0999", "0.1001"))
        self.account.put(
            AccountView(
                balances={
                    currency: Balance(currency=currency, available=amount, reserved=ZERO)
                    for currency, amount in DEMO_ACCOUNT.balances.items()
                },
                fees={DOGE: FEES},
                confirmed_at=0.0,
            )
        )
        self.facts.affirm(Component.ORDER_BOOK, "a test", scope=DOGE, valid_for_s=float("inf"))

    def limit(self, limits: RiskLimits) -> None:
        """Give the strategy these limits from now on."""
        self.limits = limits
        self.config.put(StrategyConfig(strategy=_NOBODY, limits=limits))

    @property
    def gateway(self) -> OrderGatewayActor:
        self.limit(self.limits)  # a test may have set others meanwhile
        ports = GatewayPorts(
            strategy=MAKER,
            pair=DOGE,
            config=self.config,
            readiness=self.readiness,
            instrument=self.instrument,
            top=self.top,
            last_trade=self.last_trade,
            working=self.working,
        )
        return OrderGatewayActor(
            venue=self.site.venue,
            rest=self.site.rest,
            gate=self.gate,
            ids=self.ids,
            instructions=self.instructions.receive,
            news=self.news.receive,
            session=self.session,
            requests=self.requests.send,
            ledger=_NotedSend(self.ledger.send, self.posted),
            remembered=self.books.remembered,
            strategy_ports={MAKER: ports},
            shared=SharedState(
                account=self.account,
                facts=self.facts,
                instruments={DOGE: self.instrument},
                wall_clock=wall_clock,
                venue_clock=wall_clock,
                rules_doubted={DOGE: self.rules_doubted},
            ),
            stopping=self.stopping,
            halt=self.halt,
            breach=self.breach,
            flat=self.flat,
            bell=self.bell,
            deadlines=self.deadlines,
            terms=self.terms,
            audit=self.tape.append,
        )

    @property
    def account_socket(self) -> AccountSocketActor:
        return AccountSocketActor(
            venue=self.site.venue,
            socket=self.site.socket,
            requests=self.requests.receive,
            news=self.news.send,
            session=self.session,
            balances=self.balances.send,
            facts=FactBoard(),
            consumer_deadline_s=5,
        )

    async def begin_gateway(self) -> Life:
        self.number = 0
        await self.keep_books()
        return await begin(self.nursery, self.gateway)

    async def begin_socket(self) -> Life:
        return await begin_again_and_again(self.nursery, self.account_socket, pause_s=0.5)

    async def reconciled(self) -> None:
        await until(lambda: (view := self.working.read()) is not None and view.reconciled)

    def instruction(
        self,
        *,
        places: Sequence[Quote] = (),
        cancels: Sequence[ClientOrderId] = (),
        amends: Sequence[Amend] = (),
        strategy: StrategyName = MAKER,
    ) -> Instruction:
        """The next instruction."""
        self.number += 1
        return Instruction(
            strategy=strategy,
            number=self.number,
            cancels=tuple(cancels),
            places=tuple(places),
            amends=tuple(amends),
        )

    async def instruct(
        self, *places: Quote, cancels: Sequence[ClientOrderId] = (), amends: Sequence[Amend] = ()
    ) -> None:
        instruction = self.instruction(places=places, cancels=cancels, amends=amends)
        with trio.fail_after(30):
            await self.instructions.send.send(instruction)

    def shut_out(self) -> tuple[Rejection, ...]:
        """Why orders that were instructed do not stand, as the gateway shows it."""
        view = self.working.read()
        return () if view is None else view.shut_out

    @property
    def orders(self) -> tuple[Order, ...]:
        """What the strategy is shown."""
        view = self.working.read()
        return () if view is None else view.orders

    def in_status(self, status: OrderStatus) -> int:
        return sum(order.status is status for order in self.orders)

    def entries(self) -> list[LedgerEntry]:
        """What was posted since the last look."""
        for posting in drain(self.ledger.receive):
            self.books.wire.send.send_nowait(posting)
        entries = list(self.posted)
        self.posted.clear()
        return entries

    def statuses(self) -> list[OrderStatus]:
        """What became of the orders since the last look, as the ledger was told."""
        found: list[OrderStatus] = []
        for entry in self.entries():
            if isinstance(entry, OrdersIntended):
                found += [order.status for order in entry.orders]
            elif isinstance(entry, OrderRecorded):
                found.append(entry.order.status)
        return found

    async def keep_books(self) -> None:
        """A real ledger in memory, and a note of all that is handed to it."""
        if not self.keeps_books:
            return
        self.keeps_books = False
        await begin(self.nursery, self.books.actor)
        self.nursery.start_soon(self._hand_on)

    async def _hand_on(self) -> None:
        async for posting in self.ledger.receive:
            await self.books.wire.send.send(posting)

    def fills(self) -> list[Fill]:
        return [entry.fill for entry in self.entries() if isinstance(entry, FillBooked)]

    async def begin(self) -> None:
        """Have the gateway and the socket live, and wait until orders may leave."""
        await self.begin_gateway()
        await self.begin_socket()
        await self.reconciled()

    async def quote(self, *places: Quote) -> None:
        """Have everything live, and these quotes open at the venue."""
        await self.begin()
        await self.instruct(*places)
        await until(lambda: self.in_status(OrderStatus.OPEN) == len(places))

    async def begin_by_hand(self) -> None:
        """Have the gateway live; the account socket is the test itself."""
        await self.begin_gateway()
        await self.news.send.send(AccountSessionOpened())
        await self.reconciled()

    async def taken(self) -> str:
        """The next frame that the gateway hands over, by its type."""
        with trio.fail_after(5):
            frame = await self.requests.receive.receive()
        return str(msgspec.json.decode(frame)["type"])
