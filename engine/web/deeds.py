"""What a person has the engine do, step by step: halting it, lifting the halt, new settings."""

import contextlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import trio

from actors.net.local_network import LocalNetwork
from config.sections.engine import EngineSettings
from engine.control.client import Refused, answered, conversation
from engine.control.protocol import DOCUMENT_LENGTH_MAX, Ask, Document, Reply, Request
from engine.environment.state_folder import not_reached, socket_name
from engine.web.board import Board
from engine.web.deed import Deed
from engine.web.killing import Killing
from trading.core.errors import Outage

Json = dict[str, Any]

KEPT_MAX = 10
_NEXT_SESSION_S = 30.0
_LOOK_S = 0.25


class NotDone(Exception):
    """Why a deed was not begun, in words."""


class Deeds:
    """
    Carries out deeds, and tells each step.

    Args:
        config: The file that a reload takes.
        overrides: ``KEY=VALUE`` texts that go before it.
    """

    def __init__(
        self,
        board: Board,
        local: LocalNetwork,
        engine: EngineSettings,
        config: Path,
        overrides: tuple[str, ...] = (),
    ) -> None:
        self._board = board
        self._local = local
        self._engine = engine
        self._config = config
        self._overrides = overrides
        self._deeds: list[Deed] = []
        self._shown_text: str | None = None
        self._send, self._receive = trio.open_memory_channel[Callable[[], Any]](4)
        self._board.part("deeds", [])

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        async with trio.open_nursery() as nursery:
            async for carry_out in self._receive:
                # Side by side: a kill waits for nothing.
                nursery.start_soon(carry_out)

    def kill(self, name: str, reason: str) -> int:
        """
        Have the engine halted; its number, under which its steps are told.

        Raises:
            NotDone: The name is not the engine's, or too much is to be done already.
        """
        self._require(name)
        return self._begin("kill", lambda deed: self._kill(deed, reason))

    def resume(self, name: str) -> int:
        """
        Have a halt lifted.

        Raises:
            NotDone: As of ``kill``.
        """
        self._require(name)
        return self._begin("resume", self._resume)

    def reload(self) -> int:
        """
        Have the settings taken over whose differences were shown.

        Raises:
            NotDone: They were not, or the file is another one by now.
        """
        text = self._shown_text
        if text is None:
            raise NotDone("look first at what would change")
        if text != self._text():
            self._shown_text = None
            raise NotDone("the file has changed since its differences were shown: look again")
        self._shown_text = None
        return self._begin("reload", lambda deed: self._reload(deed, text))

    async def differences(self) -> Json:
        """
        What a reload would change.

        Raises:
            NotDone: The file cannot be read, or no engine answers.
        """
        text = self._text()
        try:
            reply = await self._asked(Request(ask=Ask.RELOAD, document=self._document(text, True)))
        except (Outage, Refused) as trouble:
            raise NotDone(str(trouble)) from trouble
        told = reply.content
        fine = not told["problems"] and not any(one["refused"] for one in told["changes"])
        self._shown_text = text if fine and told["changes"] else None
        return {
            "changes": told["changes"],
            "problems": told["problems"],
            "fine": fine,
            "begins_anew": told["begins_anew"],
        }

    def read(self, number: int) -> None:
        """Somebody has read how a deed ended."""
        for deed in self._deeds:
            deed.read = deed.read or (deed.number == number and deed.ended)
        self._show()

    async def _kill(self, deed: Deed, reason: str) -> None:
        killing = Killing(
            local=self._local,
            engine=self._engine,
            deed=deed,
            reason=reason,
            step=partial(self._step, deed),
        )
        ending = await killing.run()
        words = ending.words if ending.answered else f"{ending.words}. {self._on_a_terminal(deed)}"
        self._end(deed, ending.step, words, well=ending.step == "flat")

    async def _resume(self, deed: Deed) -> None:
        reply = await self._asked(Request(ask=Ask.RESUME))
        halt = reply.content.get("halt")
        if halt:
            self._end(deed, "still_halted", f"the halt stands: {halt}", well=False)
        else:
            self._end(deed, "resumed", "resumed: each strategy quotes at its next look", well=True)

    async def _reload(self, deed: Deed, text: str) -> None:
        before = await self._session()
        reply = await self._asked(Request(ask=Ask.RELOAD, document=self._document(text, False)))
        told = reply.content
        count = len(told["changes"])
        if told["applied"] and told["begins_anew"]:
            deed.begins_anew = True
            self._step(deed, "applied", f"taken over: {count} changed; the session ends flat")
            await self._next_session(before)
            self._end(deed, "begun", "the next session has begun", well=True)
        elif told["applied"]:
            self._end(deed, "applied", f"applied: {count} changed", well=True)
        else:
            why = "; ".join(
                [*map(str, told["problems"]), *(str(one["refused"]) for one in told["changes"])]
            )
            self._end(deed, "refused", f"nothing was changed: {why}", well=False)

    async def _session(self) -> object:
        return (await self._asked(Request(ask=Ask.STATUS))).content["status"]["session"]

    async def _next_session(self, before: object) -> None:
        """Wait until another session than this one answers."""
        with trio.move_on_after(_NEXT_SESSION_S):
            while True:
                with contextlib.suppress(Outage):
                    if await self._session() != before:
                        return
                await trio.sleep(_LOOK_S)
        raise Outage(
            f"no next session answers within {_NEXT_SESSION_S:g} s of the end of the one before"
        )

    async def _asked(self, request: Request) -> Reply:
        """
        Ask once: what was asked may have been done by an engine that ended before it answered.

        Raises:
            Outage: There is no engine, or it does not answer.
        """
        try:
            async with conversation(self._local, socket_name(self._engine)) as spoken:
                return await answered(spoken.ask(request))
        except Outage as outage:
            raise Outage(not_reached(self._engine, outage)) from outage

    def _on_a_terminal(self, deed: Deed) -> str:
        return f"On a terminal: `engine {deed.kind} {self._config}`"

    def _begin(self, kind: str, carry_out: Callable[[Deed], Any]) -> int:
        number = self._deeds[-1].number + 1 if self._deeds else 1
        deed = Deed(number, kind)

        async def guarded() -> None:
            try:
                await carry_out(deed)
            except (Outage, Refused) as trouble:
                words = f"NOT DONE as far as is known: {trouble}. {self._on_a_terminal(deed)}"
                self._end(deed, "failed", words, well=False)

        try:
            self._send.send_nowait(guarded)
        except trio.WouldBlock:
            raise NotDone("too much is to be done already") from None
        self._deeds = [*self._deeds[1 - KEPT_MAX :], deed]
        self._step(deed, "asked", "asked")
        return number

    def _require(self, name: str) -> None:
        if name != self._engine.name:
            raise NotDone(f"this engine's name is {self._engine.name!r}: type it")

    def _document(self, text: str, dry_run: bool) -> Document:  # noqa: FBT001  # of the protocol
        name = str(self._config.absolute())
        return Document(name=name, text=text, overrides=self._overrides, dry_run=dry_run)

    def _text(self) -> str:
        try:
            text = self._config.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise NotDone(f"{self._config} cannot be read: {error}") from error
        if len(text) > DOCUMENT_LENGTH_MAX:
            raise NotDone(f"{self._config} is longer than {DOCUMENT_LENGTH_MAX} characters")
        return text

    def _step(self, deed: Deed, step: str, words: str) -> None:
        deed.steps.append({"step": step, "words": words, "at": self._board.now_ms()})
        self._show()

    def _end(self, deed: Deed, step: str, words: str, *, well: bool) -> None:
        deed.ended, deed.well = True, well
        self._step(deed, step, words)

    def _show(self) -> None:
        self._board.part("deeds", [deed.shown() for deed in self._deeds])
