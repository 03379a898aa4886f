"""The simulated operator of the engine, who starts, stops, halts and resumes it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from random import Random
from typing import Any, Protocol

import trio

from engine.control.client import Refused, answered, conversation
from engine.control.halting import kill_alive
from engine.control.protocol import Ask, Request
from engine.environment.state_folder import socket_name
from engine.simulation.process import Process
from engine.simulation.site import Site
from trading.core.errors import Outage

_LOOKS_EVERY_S = 5.0
_LEAVES_A_HALT_S = (20.0, 90.0)
_ONLY_STRATEGY = "only strategy "
"""How the supervisor of one strategy of several is called."""


def gave_up_a_strategy(entry: Mapping[str, Any]) -> bool:
    """Whether an event says that one of several strategies is not started any more."""
    actor = str(entry.get("actor", ""))
    return str(entry["event"]) == "actor_escalated" and actor.startswith(_ONLY_STRATEGY)


class HaltRequests(Protocol):
    """Takes the operator's requests for halts; ``engine.simulation.checks.halts`` checks them."""

    def asked_to_kill(self) -> Callable[[], None]:
        """A halt is asked for; call what is returned once it is said to be durable."""
        ...

    def claimed_flat(self) -> None:
        """A kill has said that nothing of ours is left at the venue."""
        ...

    def resuming(self) -> AbstractContextManager[None]:
        """While a halt is asked to be lifted, which may happen without an answer."""
        ...


class Operator:
    """
    A person, or a service manager, with the engine's own commands.

    Args:
        random: Of how long things take.
        halts: Told of what is asked for, and of what a kill claims.
        restart_s: How long it takes to start an engine again, from and to.
    """

    def __init__(
        self, site: Site, random: Random, halts: HaltRequests, restart_s: tuple[float, float]
    ) -> None:
        self._restart_s = restart_s
        self._site = site
        self._random = random
        self._halts = halts
        self._hurry = trio.Event()
        self._last = False
        self._stopped: Process | None = None
        self._bereft: Process | None = None
        self._restarted: Process | None = None
        self.started = trio.Event()

    def hurry(self) -> None:
        """Have everything that an operator can do done at once."""
        self._hurry.set()
        self._hurry = trio.Event()

    def logged(self, entry: Mapping[str, Any]) -> None:
        """Read the log, as far as it asks for an operator."""
        if entry["event"] == "side_stopped":
            self._stopped = self._site.process
        elif gave_up_a_strategy(entry):
            self._bereft = self._site.process

    @property
    def misses_a_strategy(self) -> bool:
        """Whether the engine that runs has given one of its strategies up."""
        return self._bereft is not None and self._bereft is self._site.process

    def go_home(self) -> None:
        """The next end of the engine is the last."""
        self._last = True

    async def keep_running(self, nursery: trio.Nursery, ended: Callable[[Process], None]) -> None:
        """Start an engine, and another whenever one has ended."""
        while not self._last:
            process = self._site.new_process()
            self._site.note("process_started", number=process.number)
            nursery.start_soon(process.live)
            self.started.set()
            await process.over.wait()
            self._site.note("process_ended", number=process.number, how=_how(process))
            ended(process)
            if not self._last:
                await self._let_stand(process)

    async def _let_stand(self, process: Process) -> None:
        """Wait for as long as a person takes who did not expect the end."""
        if process is not self._restarted:
            await self._pause(*self._restart_s)

    async def watch_for_halts(self) -> None:
        """Lift a halt of the engine's own, after having looked into it."""
        while True:
            await trio.sleep(_LOOKS_EVERY_S)
            process = self._site.process
            if process is None or process.system is None:
                continue
            if process.system.wires.halt.read():
                await self._pause(*_LEAVES_A_HALT_S)
                await self.resume()
            elif self._stopped is process:
                # As `engine explain` advises: look into it, then kill and resume.
                await self._pause(*_LEAVES_A_HALT_S)
                self._stopped = None
                if await self.kill("a side was stopped"):
                    await self.resume()
            elif self.misses_a_strategy:
                await self._pause(*_LEAVES_A_HALT_S)
                self.restart()

    def restart(self) -> None:
        """Stop an engine and start it again at once: what brings a strategy back."""
        process = self._restarted = self._site.process
        if process is not None:
            process.stop.ask("the operator starts it anew")

    async def resume(self) -> None:
        """``engine resume --confirm``; an engine that does not run cannot be resumed."""
        try:
            async with conversation(
                self._site.local_sockets, socket_name(self._site.settings.engine)
            ) as spoken:
                # Without a running engine nothing was asked for: a halt outlives that.
                with self._halts.resuming():
                    await answered(spoken.ask(Request(ask=Ask.RESUME)))
            self._site.note("resumed_by_operator")
        except (Outage, Refused) as trouble:
            self._site.note("resume_failed", cause=str(trouble))

    async def kill(self, reason: str) -> bool:
        """``engine kill``; whether a running engine was told."""
        process, durable = self._site.process, self._halts.asked_to_kill()
        try:
            async with conversation(
                self._site.local_sockets, socket_name(self._site.settings.engine)
            ) as spoken:
                outcome = await kill_alive(spoken, reason, lambda _line: durable())
        except (Outage, Refused) as trouble:
            self._site.note("kill_failed", cause=str(trouble))
            return False
        self._site.note("killed_by_operator", flat=outcome.flat, left=list(outcome.left))
        if outcome.flat and process is self._site.process:
            self._halts.claimed_flat()
        return True

    async def _pause(self, least: float, most: float) -> None:
        hurry = self._hurry
        with trio.move_on_after(self._random.uniform(least, most)):
            await hurry.wait()


def _how(process: Process) -> str:
    ended = process.ended
    assert ended is not None
    if ended.summary is not None:
        return f"exit code {int(ended.summary.exit_code)}: {ended.summary.ended_by}"
    return "killed" if ended.killed else repr(ended.fatal or ended.defect)
