"""An order gateway and an account socket at the simulated venue, and who instructs them."""

from collections.abc import Sequence

import attrs
import msgspec
import trio

from actors.account_socket import AccountSocketActor
from actors.facts import FactBoard
from actors.order_gateway import Deadlines, Desk, OrderGatewayActor
from actors.ports import Bell, Latest, Posting, drain
from actors.rate_gate import RateGate
from engine.wires import Lossless
from tests.support.builders import DOGE, DOGE_RULES, MAKER, ready
from tests.support.lives import Life, begin, begin_again_and_again, until
from tests.support.simulated_venue import SimulatedVenue, open_gate
from trading.identifiers import ClientOrderId, ClientOrderIds, StrategyName
from trading.instrument import Instrument
from trading.journal.entries import FillBooked, LedgerEntry
from trading.market import Balance
from trading.messages import (
    AccountSessionOpened,
    FlatProof,
    Instruction,
    OrderNews,
    WorkingOrders,
)
from trading.orders import Fill, Order, OrderStatus
from trading.readiness import Readiness
from trading.strategies.interface import Quote


@attrs.define(kw_only=True)
class GatewayRig:
    """Everything around a gateway; its lives are the test's to begin."""

    nursery: trio.Nursery
    site: SimulatedVenue
    deadlines: Deadlines = Deadlines()
    ids: ClientOrderIds = attrs.field(factory=lambda: ClientOrderIds("test", 1))
    bell: Bell = attrs.field(factory=Bell)
    gate: RateGate = attrs.field(factory=open_gate)
    instructions: Lossless[Instruction] = attrs.field(factory=lambda: Lossless.of(0))
    news: Lossless[OrderNews] = attrs.field(factory=lambda: Lossless.of(1000))
    requests: Lossless[str] = attrs.field(factory=lambda: Lossless.of(0))
    balances: Lossless[Balance] = attrs.field(factory=lambda: Lossless.of(1000))
    ledger: Lossless[Posting] = attrs.field(factory=lambda: Lossless.of(1000))
    session: Latest[AccountSessionOpened] = attrs.field(factory=Latest)
    flat: Latest[FlatProof] = attrs.field(factory=Latest)
    readiness: Latest[Readiness] = attrs.field(init=False)
    instrument: Latest[Instrument] = attrs.field(init=False)
    stopping: Latest[str] = attrs.field(init=False)
    halt: Latest[str] = attrs.field(init=False)
    working: Latest[WorkingOrders] = attrs.field(factory=Latest)
    number: int = 0

    def __attrs_post_init__(self) -> None:
        self.readiness, self.instrument = Latest(self.bell), Latest(self.bell)
        self.stopping, self.halt = Latest(self.bell), Latest(self.bell)
        self.readiness.put(ready())
        self.instrument.put(DOGE_RULES)

    @property
    def gateway(self) -> OrderGatewayActor:
        desk = Desk(
            pair=DOGE,
            readiness=self.readiness,
            instrument=self.instrument,
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
            ledger=self.ledger.send,
            desks={MAKER: desk},
            stopping=self.stopping,
            halt=self.halt,
            flat=self.flat,
            bell=self.bell,
            deadlines=self.deadlines,
        )

    @property
    def account_socket(self) -> AccountSocketActor:
        return AccountSocketActor(
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
        return await begin(self.nursery, self.gateway)

    async def begin_socket(self) -> Life:
        return await begin_again_and_again(self.nursery, self.account_socket, pause_s=0.5)

    async def reconciled(self) -> None:
        await until(lambda: (view := self.working.peek()) is not None and view.reconciled)

    def instruction(
        self,
        *,
        places: Sequence[Quote] = (),
        cancels: Sequence[ClientOrderId] = (),
        strategy: StrategyName = MAKER,
    ) -> Instruction:
        """The next instruction."""
        self.number += 1
        return Instruction(
            strategy=strategy, number=self.number, cancels=tuple(cancels), places=tuple(places)
        )

    async def instruct(self, *places: Quote, cancels: Sequence[ClientOrderId] = ()) -> None:
        with trio.fail_after(30):
            await self.instructions.send.send(self.instruction(places=places, cancels=cancels))

    @property
    def orders(self) -> tuple[Order, ...]:
        """What the strategy is shown."""
        view = self.working.peek()
        return () if view is None else view.orders

    def in_status(self, status: OrderStatus) -> int:
        return sum(order.status is status for order in self.orders)

    def entries(self) -> list[LedgerEntry]:
        return [entry for posting in drain(self.ledger.receive) for entry in posting.entries]

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
