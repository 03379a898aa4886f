"""The client of a running engine's operator socket, as commands use it."""

import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import attrs
import trio

from actors.net.lines import Lines, LineTooLong
from actors.net.local_network import LocalNetwork
from engine.control.protocol import (
    REPLY_LENGTH_MAX,
    Is,
    NotUnderstood,
    Reply,
    Request,
    read_reply,
    request_line,
)
from trading.core.errors import Outage

T = TypeVar("T")

_ANSWER_DEADLINE_S = 25.0


class NoAnswer(Outage):
    """The engine took what it was asked, and says nothing: it may yet do it."""


class Refused(Exception):
    """The engine refuses what it was asked, and says why."""


@attrs.frozen
class Conversation:
    """One connection to a running engine."""

    lines: Lines

    async def ask(self, request: Request) -> Reply:
        """
        Ask, and wait for the first reply.

        Raises:
            Outage: The engine has gone, or its answer cannot be read.
            Refused: It says no.
        """
        await self.lines.send(request_line(request))
        return await self.next()

    async def next(self) -> Reply:
        """
        Wait for another reply; bring a deadline.

        Raises:
            Outage: The engine has gone, or its answer cannot be read.
            Refused: It says no.
        """
        try:
            line = await self.lines.receive()
            if line is None:
                raise Outage("the engine closed the connection")
            reply = read_reply(line)
        except (NotUnderstood, LineTooLong) as error:
            raise Outage(str(error)) from error
        if reply.kind is Is.REFUSED:
            raise Refused(str(reply.content.get("why")))
        return reply


@contextlib.asynccontextmanager
async def conversation(local: LocalNetwork, name: str) -> AsyncIterator[Conversation]:
    """
    Talk to the engine behind a door.

    Raises:
        Outage: There is none.
    """
    stream = await local.connect(name)
    try:
        yield Conversation(Lines(stream, length_max=REPLY_LENGTH_MAX))
    finally:
        await trio.aclose_forcefully(stream)


async def answered(step: Awaitable[T]) -> T:
    """
    What an engine answers in good time.

    Raises:
        NoAnswer: It does not.
    """
    with trio.move_on_after(_ANSWER_DEADLINE_S):
        return await step
    raise NoAnswer(f"no answer within {_ANSWER_DEADLINE_S:g} s")
