"""
The venues that there are. A venue is a folder beside this file, and one line here.

A venue's modules are imported only when its kind is asked for.
"""

import functools
import pkgutil

from trading.venues.kind import VenueKind

_KINDS = {
    "binance": "trading.venues.binance.kind:BINANCE",
    "valr": "trading.venues.valr.kind:VALR",
}


def venue_names() -> tuple[str, ...]:
    """The names of all venues, as a configuration says them."""
    return tuple(_KINDS)


@functools.cache
def venue_kind(name: str) -> VenueKind:
    """
    The venue of a name.

    Raises:
        KeyError: There is none.
    """
    kind = pkgutil.resolve_name(_KINDS[name])
    assert isinstance(kind, VenueKind), f"{_KINDS[name]} is no kind of venue"
    assert kind.name == name, f"{_KINDS[name]} calls itself {kind.name}"
    return kind
