"""Faults in the form of frames and answers: their words, fields and types."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.wire.frames import Json

_STATUSES = ("orderStatusType", "status")
_WORDS = ("side", "orderSide", "takerSide", "orderType", "timeInForce")
_NEEDED = (
    *("orderId", "id", "price", "quantity", "originalPrice", "originalQuantity"),
    *("remainingQuantity", "orderStatusType", "side", "orderSide", "currencyPair", "tradedAt"),
    *("available", "reserved", "currency", "success", "symbol", "tickSize", "minBaseAmount"),
    *("active", "orderTypes", "a", "b", "sq", "cs", "Asks", "Bids", "SequenceNumber", "Checksum"),
)
"""Fields that every client needs, where they are there at all."""

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?")
"""Texts that may lose their quotes and still be JSON."""

Place = tuple[Any, Any]
"""A list or an object, and where in it."""


def number_texts(value: object) -> Iterator[Place]:
    """Every place in a decoded frame where a number is written as text, however deep."""
    if isinstance(value, dict):
        items: Iterator[tuple[Any, object]] = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    else:
        return
    for key, inner in items:
        if isinstance(inner, str) and _NUMBER.fullmatch(inner):
            yield value, key
        else:
            yield from number_texts(inner)


class Shapes:
    """Spoils frames and answers, as the faults have it; a fault needs something to spoil."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def frame(self, frame: Json | str) -> Json | str:
        """A frame as it is sent; the given one is not changed."""
        if not self._faults.may_strike(_OF_FRAMES):
            return frame
        copy: Json = msgspec.json.decode(
            frame if isinstance(frame, str) else msgspec.json.encode(frame)
        )
        data = copy.get("data", copy.get("d"))
        if data is None:
            return frame
        self._spoil(data)
        if self._faults.strikes(Fault.UNKNOWN_MESSAGE):
            copy["type"] = f"{copy['type']}_V2"
        return copy

    def body(self, body: bytes) -> bytes:
        """A JSON body as it is sent."""
        if not self._faults.may_strike(_SPOILERS):
            return body
        value = msgspec.json.decode(body)
        return msgspec.json.encode(value) if self._spoil(value) else body

    def _spoil(self, data: object) -> bool:
        spoilt = False
        rows = data if isinstance(data, list) else [data]
        for fault, (find, change) in _SPOILERS.items():
            places = [p for row in rows if isinstance(row, dict) and row for p in find(row)]
            if places and self._faults.strikes(fault):
                change(*self._faults.random.choice(places))
                spoilt = True
        return spoilt


def _statuses(row: Json) -> list[Place]:
    return [(row, key) for key in _STATUSES if key in row]


def _words(row: Json) -> list[Place]:
    return [(row, key) for key in _WORDS if key in row]


def _whole(row: Json) -> list[Place]:
    return [(row, "alpha")]


def _fields(row: Json) -> list[Place]:
    return [(row, key) for key in _NEEDED if key in row] or [(row, key) for key in row]


def _numbers(row: Json) -> list[Place]:
    return list(number_texts(row))


def _say_parked(holder: Any, key: Any) -> None:
    holder[key] = "Parked"


def _say_sideways(holder: Any, key: Any) -> None:
    holder[key] = "sideways"


def _add(holder: Any, key: Any) -> None:
    holder[key] = {"since": "2031-01-01T00:00:00Z", "tags": [1, None]}


def _remove(holder: Any, key: Any) -> None:
    del holder[key]


def _unquote(holder: Any, key: Any) -> None:
    holder[key] = msgspec.Raw(holder[key].encode())


_SPOILERS: Mapping[Fault, tuple[Callable[[Json], list[Place]], Callable[[Any, Any], None]]] = {
    Fault.UNKNOWN_STATUS: (_statuses, _say_parked),
    Fault.UNKNOWN_ENUM: (_words, _say_sideways),
    Fault.EXTRA_FIELDS: (_whole, _add),
    Fault.MISSING_FIELD: (_fields, _remove),
    Fault.NUMBER_AS_NUMBER: (_numbers, _unquote),
}
"""What each fault looks for, and does to one of the places found."""
_OF_FRAMES = (*_SPOILERS, Fault.UNKNOWN_MESSAGE)
