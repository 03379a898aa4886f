"""Asks a running engine for its status, again and again, through all of its restarts."""

from collections.abc import Callable
from typing import Any

import attrs
import trio

from actors.net.local_network import LocalNetwork
from config.sections.engine import EngineSettings
from engine.control.client import Conversation, Refused, conversation
from engine.control.protocol import Ask, Request
from engine.environment.state_folder import not_reached, running_engine, socket_name, state_folder
from engine.web.bars import Run
from engine.web.board import Board, figures
from engine.web.moments import Moments
from engine.web.view import (
    boxes_part,
    engine_part,
    explained,
    slow_parts,
    strategy_parts,
    tree_part,
)
from engine.web.words import changing, side_kind, state_of
from trading.core.errors import Outage

Json = dict[str, Any]

OPEN_S = 0.5
"""Between two looks while a page is open."""

IDLE_S = 2.0
"""While none is; the engine's socket closes a connection that is idle for a minute."""

CHANGING_S = 20.0
"""So long an engine may be silent between two of its sessions before that is a trouble."""

_ANSWER_S = 5.0
_AGAIN_S = 1.0
_SLOW_LOOKS = 10
_GAP_MS = 5_000


@attrs.define
class _Memory:
    """What was seen of one strategy before."""

    quoted_at: float = -1.0


class Feed:
    """
    Keeps one connection to the engine, and puts what it says on the board.

    Args:
        answered: Called with each status, once it is on the board.
    """

    def __init__(
        self,
        board: Board,
        local: LocalNetwork,
        engine: EngineSettings,
        answered: Callable[[Json], None] = lambda _status: None,
    ) -> None:
        self._board = board
        self._local = local
        self._engine = engine
        self._answered = answered
        self._moments = Moments()
        self._memories: dict[str, _Memory] = {}
        self._looks = 0
        self._gone_since: int | None = None
        self._session: object = None
        self._changing_at: float | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        self._gone("not asked yet", kind="ended")
        task_status.started()
        while True:
            try:
                async with conversation(self._local, socket_name(self._engine)) as spoken:
                    await self._listen(spoken)
            except (Outage, trio.TooSlowError) as trouble:
                self._unheard(Outage(str(trouble) or f"no answer within {_ANSWER_S:g} s"))
            except Refused as refused:
                self._gone(f"the engine refuses to tell its status: {refused}", kind="other")
            except _OtherVersion as other:
                self._gone(str(other), kind="other")
            await self._pause(_AGAIN_S)

    async def _listen(self, spoken: Conversation) -> None:
        while True:
            with trio.fail_after(_ANSWER_S):
                reply = await spoken.ask(Request(ask=Ask.STATUS))
            self._take(reply.content.get("status"))
            await self._pause(OPEN_S if len(self._board.clients) else IDLE_S)

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until a page is opened."""
        with trio.move_on_after(seconds):
            if seconds <= OPEN_S:
                await trio.sleep(seconds)
            await self._board.clients.opened.wait()

    def _unheard(self, trouble: Outage) -> None:
        held = running_engine(state_folder(self._engine)) is not None
        if held and self._between_sessions:
            self._gone("the next session begins", kind="changing")
        else:
            self._gone(self._no_engine(trouble), kind="silent" if held else "ended")

    @property
    def _between_sessions(self) -> bool:
        began = self._changing_at
        return began is not None and trio.current_time() - began < CHANGING_S

    def _no_engine(self, trouble: Outage) -> str:
        return (
            f"no engine answers at {socket_name(self._engine)}; state directory"
            f" {state_folder(self._engine).parent}: {not_reached(self._engine, trouble)}"
        )

    def _gone(self, why: str, *, kind: str) -> None:
        if self._gone_since is None:
            self._gone_since = self._board.now_ms()
        self._board.part("absent", {"since": self._gone_since, "why": why, "kind": kind})

    def _take(self, status: object) -> None:
        """
        Put a status on the board.

        Raises:
            _OtherVersion: It is not as this version writes it.
        """
        try:
            assert isinstance(status, dict), "the answer has no status"
            status["sequence"]
            self._put(status)
        except (AssertionError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise _OtherVersion(
                f"the engine that answers is of another version than this page ({error!r} in its"
                " status): restart whichever is older"
            ) from error
        if self._gone_since is not None:
            self._gone_since = None
        self._board.part("absent", None)
        self._answered(status)

    def _put(self, status: Json) -> None:
        board, now_ms, moments = self._board, self._board.now_ms(), self._moments
        if not changing(status):
            self._changing_at = None
        elif self._changing_at is None:
            self._changing_at = trio.current_time()
        if status["session"] != self._session:
            self._session, self._looks = status["session"], 0
            self._memories.clear()
        board.part("engine", engine_part(status, now_ms, moments))
        sides = explained(status)
        for name, strategy in status["strategies"].items():
            self._put_strategy(name, strategy, sides[name]["sides"], status, now_ms)
        board.part("messengers", status["alerts"])
        board.part("tree", tree_part(status, now_ms, moments))
        board.part("boxes", boxes_part(status))
        self._looks += 1
        moments.forget_the_rest()

    def _put_strategy(
        self, name: str, strategy: Json, sides: Json, status: Json, now_ms: int
    ) -> None:
        board = self._board
        memory = self._memories.setdefault(name, _Memory())
        now = trio.current_time()
        if memory.quoted_at < 0 or any(side["quoting"] for side in sides.values()):
            memory.quoted_at = now
        state = state_of(status, strategy, sides, now - memory.quoted_at)
        for part, content in strategy_parts(name, strategy, sides, state, now_ms, self._moments):
            board.part(f"{name}/{part}", content)
        if self._looks % _SLOW_LOOKS == 0:
            for part, content in slow_parts(strategy):
                board.part(f"{name}/{part}", content)
        board.point(name, figures(strategy, now_ms / 1000))
        self._put_states(name, strategy, sides, status, now_ms)

    def _put_states(
        self, name: str, strategy: Json, sides: Json, status: Json, now_ms: int
    ) -> None:
        def put(bar: str, kind: str, code: str, gates: list[Json]) -> None:
            run = Run(now_ms, now_ms, kind, code, gates)
            self._board.state(name, bar, run, gap_ms=_GAP_MS)

        if status["halt"]:
            put("lease", "halted", "halted", [])
        else:
            lapsed = [key for key, one in strategy["components"].items() if not one["holds"]]
            put("lease", "quoting" if strategy["ready"] else "missing", ", ".join(lapsed), [])
        for side, known in sides.items():
            put(side, *side_kind(known), known["gates"])
        for component, known in strategy["components"].items():
            put(f"component {component}", "quoting" if known["holds"] else "missing", "", [])


class _OtherVersion(Exception):
    """What the engine says is not what this version understands."""
