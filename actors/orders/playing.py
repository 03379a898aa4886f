"""Plays scripts of the core where no core runs: when a run ends, and for `engine kill`."""

from collections import deque
from typing import Any, TypeVar

import trio

from actors.net.venue_rest import VenueRest
from actors.orders.ledger_outlet import LedgerOutlet
from actors.orders.questions import CallCarrier
from actors.ports.ports import JournalBatch, WallClock
from trading.gateway.effects import Effect, Journal
from trading.gateway.events import AboutToLeave, Answered, Event, Failed
from trading.gateway.scripts import Script, Scripts
from trading.gateway.seen import Seen
from trading.gateway.turn import Turn

T = TypeVar("T")


class ScriptPlayer:
    """
    Plays one script after another; none of them uses the account's socket.

    Args:
        venue_clock: The venue's wall clock, for scripts that compare times with it.
        outlet: Takes what they journal.

    Attributes:
        turn: What the scripts and the player share.
    """

    def __init__(
        self,
        rest: VenueRest,
        venue_clock: WallClock = lambda: 0,
        outlet: LedgerOutlet | None = None,
    ) -> None:
        self._rest = rest
        self._venue_clock = venue_clock
        self._outlet = outlet
        self.turn = Turn(trio.current_time(), self._seen())

    async def play(self, script: Script[T]) -> T:
        """
        Play a script to its end; its result.

        Raises:
            Exception: Whatever has ended it.
        """
        async with trio.open_nursery() as nursery:
            performance = _Performance(self, nursery)
            performance.begin(script)
            await performance.wait()
            nursery.cancel_scope.cancel()
        return performance.result()  # type: ignore[no-any-return]

    def begin_turn(self) -> None:
        """Note what time it is."""
        self.turn.begin(trio.current_time(), self._seen())

    def journal(self, effect: Journal) -> None:
        """Hand over entries; nobody waits for these to be durable."""
        assert self._outlet is not None, "this player has no ledger"
        self._outlet.post(JournalBatch(effect.entries))

    def carrier(self, performance: "_Performance", nursery: trio.Nursery) -> CallCarrier:
        return CallCarrier(nursery, performance.tell, self._rest)

    def _seen(self) -> Seen:
        return Seen(strategies={}, pairs={}, venue_ns=self._venue_clock())


class _Performance:
    """One script while it is played."""

    def __init__(self, player: ScriptPlayer, nursery: trio.Nursery) -> None:
        self._player = player
        self._scripts = Scripts(player.turn)
        self._carrier = player.carrier(self, nursery)
        self._ended = trio.Event()
        self._waiting = trio.CancelScope()
        self._value: Any = None
        self._error: BaseException | None = None

    def begin(self, script: Script[Any]) -> None:
        self._player.begin_turn()
        self._scripts.start(script, self._end)
        self._go_on()

    def tell(self, event: Event) -> None:
        """Go on with an answer."""
        assert isinstance(event, AboutToLeave | Answered | Failed), event
        self._player.begin_turn()
        self._scripts.take(event)
        self._go_on()

    async def wait(self) -> None:
        """Wait until the script has ended; its pauses end meanwhile."""
        while not self._ended.is_set():
            with trio.move_on_at(self._scripts.wake_at) as self._waiting:
                await self._ended.wait()
            self._player.begin_turn()
            self._go_on()

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._value

    def _go_on(self) -> None:
        self._scripts.run()
        effects: deque[Effect] = deque(self._player.turn.end())
        while effects:
            match effects.popleft():
                case Journal() as journal:
                    self._player.journal(journal)
                case effect:
                    answer = self._carrier.do(effect)
                    assert answer is None, answer
        self._waiting.deadline = self._scripts.wake_at

    def _end(self, value: Any, error: BaseException | None) -> None:
        self._value, self._error = value, error
        self._ended.set()
