"""
The venues that there are. A venue is a folder beside this file, and one line here.

A venue's modules are imported only when its kind is asked for.
"""

import functools
import pkgutil
from collections.abc import Mapping

from trading.venues.kind import VenueKind

_SIMULATED = "simulated"
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


def market_kinds() -> Mapping[str, VenueKind]:
    """
    Whose market data is to be had without any settings, by what a command calls it.

    That is the simulated exchange, under a name of its own, and each venue that is only looked at.
    """
    kinds = [venue_kind(name) for name in _KINDS]
    return {
        _SIMULATED if kind.simulated else kind.name: kind
        for kind in kinds
        if kind.simulated or kind.trading is None
    }
