"""Shared by both sockets' codecs: the known types, and frames that fit none of them."""

from typing import Any

import msgspec

from trading.core.errors import MalformedFrame
from trading.core.identifiers import Pair
from trading.messages.sockets import Unrecognised
from trading.venues.valr.codec import fields
from trading.venues.valr.wire import frames as wire

_decoder = msgspec.json.Decoder(wire.Kind)
_whose = msgspec.json.Decoder(wire.Whose)

_KIND_LENGTH_MAX = 60
"""Longer than any type that VALR is known to send; what it sends instead may be anything."""


def kinds(union: Any) -> frozenset[str]:
    """The types that a union of frames knows."""
    return frozenset(str(member.__struct_config__.tag) for member in union.__args__)


def unrecognised(frame: str, known: frozenset[str], error: Exception) -> Unrecognised:
    """
    A frame that could not be decoded, as one of a type we do not know.

    Raises:
        MalformedFrame: It is no frame at all, or one of a known type that lacks something.
    """
    try:
        kind = _decoder.decode(frame).type
    except fields.UNREADABLE:
        raise MalformedFrame(str(error), frame, pair_of(frame)) from error
    if kind in known:
        raise MalformedFrame(f"{kind}: {error}", frame, pair_of(frame)) from error
    return Unrecognised(kind[:_KIND_LENGTH_MAX])


def pair_of(frame: str) -> Pair | None:
    """The pair of a frame that cannot be decoded, if that can be read."""
    try:
        whose = _whose.decode(frame)
    except fields.UNREADABLE:
        return None
    pair = whose.ps or whose.currency_pair_symbol
    return None if pair is None else Pair(pair)
