"""Carries out what scripts of the gateway ask for; what comes of it are events."""

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
import trio
from typing_extensions import override

from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.ports.lossless import SendPort
from trading.core.errors import Fatal, Outage, OutcomeUnknown, Rejected
from trading.gateway.effects import (
    Drop,
    Effect,
    EnterLanes,
    LetGo,
    Log,
    SendCall,
    SendFrame,
    Ticket,
)
from trading.gateway.events import AboutToLeave, Answered, Event, Failed

log = structlog.get_logger()


class _Withheld(Exception):
    """A call is kept back at the last moment."""


class CallCarrier:
    """
    Carries out what needs REST alone; each call is a task of its own, and can be dropped.

    Args:
        tell: Takes each answer that does not come at once.
    """

    def __init__(
        self, nursery: trio.Nursery, tell: Callable[[Event], None], rest: VenueRest
    ) -> None:
        self._nursery = nursery
        self._tell = tell
        self._rest = rest
        # Bound once: the module's own logger is bound anew for each line.
        self._log = log.bind()
        self._under_way: dict[Ticket, trio.CancelScope] = {}
        self._let_go: set[Ticket] = set()

    def do(self, effect: Effect) -> Event | None:
        """Carry out an effect, or begin to; its answer, where that is known at once."""
        match effect:
            case Log(level, event, fields):
                getattr(self._log, level.value)(event, **fields)
            case SendCall(ticket):
                self._begin(ticket, partial(self._call, effect))
            case LetGo(ticket):
                self._let_go.add(ticket)
            case Drop(ticket):
                if (scope := self._under_way.pop(ticket, None)) is not None:
                    scope.cancel()
            case _:
                raise AssertionError(f"nobody carries out {effect}")
        return None

    def _begin(self, ticket: Ticket, work: Callable[[], Awaitable[Event | None]]) -> None:
        self._under_way[ticket] = trio.CancelScope()
        self._nursery.start_soon(self._work, ticket, self._under_way[ticket], work)

    async def _work(
        self, ticket: Ticket, scope: trio.CancelScope, work: Callable[[], Awaitable[Event | None]]
    ) -> None:
        answer = None
        with scope:
            answer = await work()
        self._under_way.pop(ticket, None)
        if answer is not None:
            self._tell(answer)

    async def _call(self, effect: SendCall) -> Event | None:
        confirm = partial(self._confirm, effect.ticket) if effect.confirmed else None
        try:
            value = await self._rest.call(effect.call, effect.priority, confirm)
        except _Withheld:
            return None
        except (Rejected, OutcomeUnknown, Outage, Fatal) as error:
            return Failed(effect.ticket, error)
        return Answered(effect.ticket, value)

    def _confirm(self, ticket: Ticket) -> None:
        """Ask whether a call may leave; nothing of it was sent."""
        self._tell(AboutToLeave(ticket))
        if ticket not in self._let_go:
            raise _Withheld
        self._let_go.discard(ticket)


class QuestionCarrier(CallCarrier):
    """
    Carries out all that scripts ask for: room in the rate limits, frames, calls.

    Args:
        requests: Frames to the account socket (capacity 0: taken means handed to the network).
        handover_s: Seconds that the socket may take for a frame.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        tell: Callable[[Event], None],
        rest: VenueRest,
        *,
        gate: RateGate,
        requests: SendPort[str],
        handover_s: float,
    ) -> None:
        super().__init__(nursery, tell, rest)
        self._gate = gate
        self._requests = requests
        self._handover_s = handover_s
        self._frames: deque[tuple[SendFrame, float]] = deque()
        self._sending = False

    @override
    def do(self, effect: Effect) -> Event | None:
        match effect:
            case EnterLanes():
                return self._enter(effect)
            case SendFrame():
                return self._send(effect)
            case _:
                return super().do(effect)

    def _enter(self, effect: EnterLanes) -> Event | None:
        if wait_s := self._gate.enter_at_once(effect.lanes, effect.priority):
            self._begin(effect.ticket, partial(self._enter_after, wait_s, effect))
            return None
        return Answered(effect.ticket)

    async def _enter_after(self, wait_s: float, effect: EnterLanes) -> Event | None:
        await trio.sleep(wait_s)
        await self._gate.enter(effect.lanes, effect.priority)
        return Answered(effect.ticket)

    def _send(self, effect: SendFrame) -> Event | None:
        """Hand over a frame: at once, or behind those that wait, so that none overtakes another."""
        if not self._sending:
            try:
                self._requests.send_nowait(effect.frame)
            except trio.WouldBlock:
                self._sending = True
                self._nursery.start_soon(self._send_waiting)
            else:
                return Answered(effect.ticket, value=True)
        self._frames.append((effect, trio.current_time() + self._handover_s))
        return None

    async def _send_waiting(self) -> None:
        while self._frames:
            effect, until = self._frames.popleft()
            with trio.move_on_at(until) as patience:
                await self._requests.send(effect.frame)
            self._tell(Answered(effect.ticket, value=not patience.cancelled_caught))
        self._sending = False
