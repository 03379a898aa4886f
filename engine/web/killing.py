"""A kill, asked for until it was answered whole: also by the session that follows the one asked."""

from collections.abc import Callable

import attrs
import trio

from actors.net.local_network import LocalNetwork
from config.sections.engine import EngineSettings
from engine.control.client import Conversation, NoAnswer, answered, conversation
from engine.control.protocol import Ask, Is, Reply, Request
from engine.environment.state_folder import not_reached, running_engine, socket_name, state_folder
from engine.web.deed import Deed
from trading.core.errors import Outage

_FLAT_S = 40.0
"""The engine's own deadline for the proof is shorter."""
_NEXT_SESSION_S = 30.0
_LOOK_S = 0.25


@attrs.frozen(kw_only=True)
class Ending:
    """
    How a kill ended: never more than what an engine has answered.

    Args:
        step: ``flat``, ``not_flat`` or ``failed``.
        answered: Whether an engine has said so.
    """

    step: str
    words: str
    answered: bool = True


@attrs.frozen(kw_only=True)
class Killing:
    """
    One kill.

    Args:
        step: Told each step on the way, and in words.
    """

    local: LocalNetwork
    engine: EngineSettings
    deed: Deed
    reason: str
    step: Callable[[str, str], None]

    async def run(self) -> Ending:
        """
        Ask until flat was answered: whoever asks between two sessions is answered by the next one.

        A kill may be asked for twice: the first reason stands.

        Raises:
            Refused: The engine does not do it.
        """
        give_up_at = trio.current_time() + _NEXT_SESSION_S
        while True:
            try:
                return self._ended(await self._asked())
            except Outage as outage:
                if self._given_up(outage, give_up_at):
                    return self._unanswered(outage)
                if not self.deed.told("again"):
                    words = f"{outage}: the session has ended, and the next one is asked again"
                    self.step("again", words)
            await trio.sleep(_LOOK_S)

    async def _asked(self) -> Reply:
        """
        What an engine answers at last, once the halt is durable.

        Raises:
            Outage: There is no engine, or it has ended meanwhile.
        """
        async with conversation(self.local, socket_name(self.engine)) as spoken:
            durable = await answered(spoken.ask(Request(ask=Ask.KILL, reason=self.reason)))
            if durable.kind is not Is.DURABLE:
                raise Outage(f"the engine answers {durable.kind.value}, not that the halt stands")
            if not self.deed.told("durable"):
                self.step("durable", f"the halt is durable: {durable.content.get('halt', '')}")
            return await self._flat(spoken)

    @staticmethod
    async def _flat(spoken: Conversation) -> Reply:
        with trio.move_on_after(_FLAT_S):
            return await spoken.next()
        raise NoAnswer(f"no proof within {_FLAT_S:g} s: orders may be left")

    def _ended(self, flat: Reply) -> Ending:
        self.deed.left = [str(one) for one in flat.content.get("left") or ()]
        if flat.content.get("proven"):
            return Ending(step="flat", words="flat: the venue's list shows that nothing is left")
        trouble = flat.content.get("trouble") or "the venue's list has not shown it"
        return Ending(step="not_flat", words=f"NOT PROVEN FLAT: {trouble}")

    def _given_up(self, outage: Outage, at: float) -> bool:
        """Whether another session will not answer: none follows, or the one that runs is stuck."""
        return (
            isinstance(outage, NoAnswer)
            or trio.current_time() >= at
            or running_engine(state_folder(self.engine)) is None
        )

    def _unanswered(self, outage: Outage) -> Ending:
        trouble = not_reached(self.engine, outage)
        if self.deed.told("durable"):
            words = f"NOT PROVEN FLAT: the halt stands, and then {trouble}"
            return Ending(step="not_flat", words=words, answered=False)
        words = f"NOT HALTED as far as is known: {trouble}"
        if isinstance(outage, NoAnswer):
            words += ". What it was asked waits: it halts as soon as it goes on"
        return Ending(step="failed", words=words, answered=False)
