"""An operator's orders to a running engine, kill and resume, and the answers to them."""

from typing import Generic, TypeVar

import attrs
import msgspec
import trio
from attrs import validators

from actors.ports.ports import Receipt
from trading.core.identifiers import ClientOrderId

T = TypeVar("T")


class Answer(Generic[T]):
    """A value that is given once, to one waiting task."""

    def __init__(self) -> None:
        self._given = trio.Event()
        self._value: list[T] = []

    def give(self, value: T) -> None:
        """Give it; only the first counts."""
        if not self._value:
            self._value.append(value)
            self._given.set()

    async def wait(self) -> T:
        """Wait until it is given; for ever if it never is, so bring a deadline."""
        await self._given.wait()
        return self._value[0]


class Flatness(msgspec.Struct, frozen=True, kw_only=True):
    """
    The result of cancelling everything.

    Args:
        proven: The venue's own list shows that nothing of ours is left.
        left: The orders that may still be there, as far as they are known.
        trouble: Why there is no proof, in words; empty when there is.
    """

    proven: bool
    left: tuple[ClientOrderId, ...] = ()
    trouble: str = ""


@attrs.frozen
class KillOrder:
    """
    Quote nothing and cancel everything, until a person resumes.

    Args:
        durable: Given once the halt will survive any restart.
        flat: Given once the venue's list shows that nothing is left, or it took too long.
    """

    reason: str = attrs.field(validator=validators.min_len(1))
    durable: Receipt = attrs.field(factory=Receipt)
    flat: Answer[Flatness] = attrs.field(factory=Answer)


@attrs.frozen
class ResumeOrder:
    """
    Lift a standing halt.

    Args:
        answered: Given once quoting is allowed again, or there was no halt; with what stands then:
            empty, or the reason of a halt that came meanwhile.
    """

    answered: Answer[str] = attrs.field(factory=Answer)


OperatorOrder = KillOrder | ResumeOrder
"""What an operator may ask of a running engine."""
