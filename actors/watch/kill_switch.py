"""The kill switch: halts at once and through every restart, until a person resumes."""

from collections import deque
from collections.abc import Callable, Mapping

import attrs
import structlog
import trio

from actors.ports.lossless import SendPort, deliver
from actors.ports.operator_orders import Flatness, KillOrder, OperatorOrder, ResumeOrder
from actors.ports.ports import JournalBatch, Latest, Receipt, Wakeup
from trading.core.errors import Outage
from trading.core.identifiers import ClientOrderId, StrategyName
from trading.journal.entries import Halted, LedgerEntry, Resumed
from trading.journal.remembered import Remembered
from trading.messages.gateway import FlatProof, WorkingOrders

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class KillSwitchActor:
    """
    Halts at an operator's order, or when a limit of money breaks; only an operator resumes.

    A halt works from the moment it is asked for, before it is written down: the gateway cancels
    everything and refuses all. Resuming works only once it is written down. So a failure on the way
    leaves the halt standing.

    Ports:
        orders: The operator's (lossless).
        breach: The limit of money that was broken; taken from the slot once the halt stands.
        remembered: What the ledger knows: a standing halt of a former run is put back.
        halt: Why nothing may be quoted; written here alone.
        ledger: Each halt and its end (lossless).
        flat: The gateway's proof, under a halt, that nothing is left; one from before it is
            withdrawn.
        working: Each strategy's orders, for the alarm to name them.
        bell: Rung when a breach, what is remembered, or a proof changes.

    Args:
        booking_deadline_s: For the ledger to write an entry down.
        flat_deadline_s: From the halt until it is proven flat; later is an alarm.

    Raises:
        Outage: The ledger does not take an entry; the next life tries again.
    """

    orders: trio.MemoryReceiveChannel[OperatorOrder]
    breach: Latest[str]
    remembered: Latest[Remembered]
    halt: Latest[str]
    ledger: SendPort[JournalBatch]
    flat: Latest[FlatProof]
    working: Mapping[StrategyName, Latest[WorkingOrders]]
    bell: Wakeup
    booking_deadline_s: float = 20.0
    flat_deadline_s: float = 10.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        # Nothing is quoted before it is known whether a halt stands: other actors start later.
        while (remembered := self.remembered.read()) is None:
            await self.bell.wait()
        life = _Life(self)
        life.begin(remembered.halt)
        task_status.started()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(life.obey)
            nursery.start_soon(life.watch)
            nursery.start_soon(life.book)


@attrs.frozen
class _Booking:
    """Entries to write down, and what follows once they are; without entries, all before."""

    entries: tuple[LedgerEntry, ...]
    then: Callable[[], None]


@attrs.frozen
class _Pending:
    """A proof that is waited for."""

    by: float
    tell: Callable[[Flatness], None]


class _Life:
    """One life of the kill switch: its three tasks and what they share."""

    def __init__(self, switch: KillSwitchActor) -> None:
        self._switch = switch
        self._bookings: deque[_Booking] = deque()
        self._to_book = Wakeup()
        self._resuming = 0
        self._pending: list[_Pending] = []

    def begin(self, remembered: str) -> None:
        """Put back the halt of a former run; write down one that a former life could not."""
        standing = self._switch.halt.read()
        if standing is None and not remembered:
            return
        if standing is None:
            self._switch.flat.withdraw()
            self._switch.halt.put(remembered)
            log.warning(
                "halted", reason=remembered, since="a former run", cure="engine resume --confirm"
            )
        elif not remembered:
            self._book(Halted(standing, trio.current_time()))
        self._expect_flat(_nobody)

    # Obeying the operator.

    async def obey(self) -> None:
        async for order in self._switch.orders:
            match order:
                case KillOrder():
                    self._halt(order.reason, order.durable.give)
                    self._expect_flat(order.flat.give)
                case ResumeOrder():
                    self._resume(order)

    def _halt(self, reason: str, durable: Callable[[], None]) -> None:
        """Halt at once, and have it written down; the first reason stands."""
        if self._switch.halt.read() is not None and not self._resuming:
            log.warning("halted_already", reason=reason)
            self._book(then=durable)
            return
        self._switch.flat.withdraw()
        self._switch.halt.put(reason)
        log.warning("halted", reason=reason, cure="engine resume --confirm")
        self._book(Halted(reason, trio.current_time()), then=durable)

    def _resume(self, order: ResumeOrder) -> None:
        if self._switch.halt.read() is None:
            self._book(then=lambda: order.answered.give(""))
            return
        self._resuming += 1

        def resumed() -> None:
            self._resuming -= 1
            # A halt that came while this was being written down is written down after it.
            if any(isinstance(entry, Halted) for each in self._bookings for entry in each.entries):
                order.answered.give(self._switch.halt.read() or "")
                return
            self._switch.halt.withdraw()
            self._give_up_proofs("somebody resumed")
            log.warning("resumed")
            order.answered.give("")

        self._book(Resumed(trio.current_time()), then=resumed)

    # Watching for breaches and for the proof.

    async def watch(self) -> None:
        while True:
            if (breach := self._switch.breach.read()) is not None:
                if self._switch.halt.read() is None or self._resuming:
                    self._halt(breach, _nothing)
                    self._expect_flat(_nobody)
                self._switch.breach.withdraw()
            self._tell_of_proofs()
            soonest = min((each.by for each in self._pending), default=float("inf"))
            with trio.move_on_at(soonest):
                await self._switch.bell.wait()

    def _expect_flat(self, tell: Callable[[Flatness], None]) -> None:
        by = trio.current_time() + self._switch.flat_deadline_s
        self._pending.append(_Pending(by, tell))
        self._switch.bell.ring()

    def _tell_of_proofs(self) -> None:
        if not self._pending:
            return
        proof = self._switch.flat.read()
        if proof is not None and proof.proven:
            log.info("halt_flat")
            for each in self._pending:
                each.tell(Flatness(proven=True))
            self._pending.clear()
            return
        late = [each for each in self._pending if each.by <= trio.current_time()]
        if late:
            left = self._left(proof)
            trouble = f"not proven flat within {self._switch.flat_deadline_s:g} s of the halt"
            log.error("halt_not_flat", orders=left, trouble=trouble)
            for each in late:
                each.tell(Flatness(proven=False, left=left, trouble=trouble))
                self._pending.remove(each)

    def _left(self, proof: FlatProof | None) -> tuple[ClientOrderId, ...]:
        """Which orders may still be there: by the venue's list, and by what the gateway knows."""
        listed = () if proof is None else proof.left
        named = [each.client_order_id for each in listed if each.client_order_id is not None]
        for slot in self._switch.working.values():
            if (working := slot.read()) is not None:
                named += [order.client_order_id for order in working.orders]
        return tuple(dict.fromkeys(named))

    def _give_up_proofs(self, why: str) -> None:
        for each in self._pending:
            each.tell(Flatness(proven=False, left=self._left(None), trouble=why))
        self._pending.clear()

    # Writing entries down, one after the other.

    def _book(self, *entries: LedgerEntry, then: Callable[[], None] | None = None) -> None:
        self._bookings.append(_Booking(entries, then or _nothing))
        self._to_book.ring()

    async def book(self) -> None:
        while True:
            while self._bookings:
                await self._make_durable(self._bookings[0].entries)
                self._bookings.popleft().then()
            await self._to_book.wait()

    async def _make_durable(self, entries: tuple[LedgerEntry, ...]) -> None:
        receipt = Receipt()
        deadline_s = self._switch.booking_deadline_s
        await deliver(self._switch.ledger, JournalBatch(entries, receipt), deadline_s)
        with trio.move_on_after(deadline_s) as patience:
            await receipt.wait()
        if patience.cancelled_caught:
            raise Outage(f"the ledger did not write down a halt or its end within {deadline_s:g} s")


def _nothing() -> None:
    """What follows an entry that no caller waits for."""


def _nobody(flatness: Flatness) -> None:
    """The receiver of a proof that no operator waits for; the log has it."""
