"""From the body of a success to a value, or to the one error that a body can be."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from trading.errors import MalformedFrame
from trading.venues.valr import fields

T = TypeVar("T")
W = TypeVar("W")


def reader(shape: type[W], read: Callable[[W], T]) -> Callable[[bytes], T]:
    decoder = msgspec.json.Decoder(shape)

    def decode(body: bytes) -> T:
        try:
            return read(decoder.decode(body))
        except (*fields.UNREADABLE, ValueError) as error:
            raise MalformedFrame(str(error), body) from error

    return decode
