"""What a venue says of itself, as far as a first configuration needs it."""

from collections.abc import Mapping
from decimal import Decimal

import attrs

from config.source.problems import Refused
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument

_SHOWN_MAX = 12


@attrs.frozen(kw_only=True)
class Market:
    """
    A pair as it is now.

    Args:
        bid, ask: The best prices, in quote currency.
        held: What the account has of both currencies; ``None`` where it was not asked.
    """

    instrument: Instrument
    bid: Decimal
    ask: Decimal
    held: Mapping[Currency, Decimal] | None = None

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2


def find_pair(text: str, listed: Mapping[Pair, Instrument]) -> Instrument:
    """
    The pair that is meant by a name, or by a few letters of it.

    Raises:
        Refused: There is none, or there are several: it names them.
    """
    letters = "".join(one for one in text.upper() if one.isalnum())
    traded = {pair: each for pair, each in listed.items() if each.active}
    if not letters:
        raise Refused("is empty", "type some letters of a pair, such as btcz")
    if (exact := traded.get(Pair(letters))) is not None:
        return exact
    found = [each for pair, each in sorted(traded.items()) if letters in pair]
    if len(found) == 1:
        return found[0]
    if not found:
        some = ", ".join(map(name_of, list(traded.values())[:_SHOWN_MAX]))
        raise Refused(f'no pair that is traded has "{text}" in its name', f"there are: {some}")
    names = ", ".join(map(name_of, found[:_SHOWN_MAX]))
    more = f", and {len(found) - _SHOWN_MAX} more" if len(found) > _SHOWN_MAX else ""
    raise Refused(f'"{text}" may be {names}{more}', "type one of them")


def name_of(instrument: Instrument) -> str:
    """A pair as a configuration writes it: ``DOGE-USDT``."""
    return f"{instrument.base}-{instrument.quote}"
