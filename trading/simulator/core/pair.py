"""One pair's rules, as a simulated exchange lists it, and the pairs that are listed by default."""

from decimal import Decimal

import attrs
from attrs import validators

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair

_FRACTION_DIGITS_MAX = 16
"""Price times quantity must stay exact within a Decimal's 28 digits."""


def positive(_: object, field: "attrs.Attribute[Decimal]", value: Decimal) -> None:
    """Refuse a number that is not above zero; an attrs validator that raises ``ValueError``."""
    if not (value.is_finite() and value > ZERO):
        raise ValueError(f"{field.name} is above zero, not {value}")


@attrs.frozen(kw_only=True)
class SimulatedPair:
    """
    One pair's rules, and where its synthetic market begins.

    Args:
        tick_size: Price step, in quote currency.
        base_decimal_places: Quantities are truncated to it.
        min_base: Smallest order, in base currency.
        max_base: Largest order, in base currency.
        min_quote: Smallest price times quantity, in quote currency.
        max_quote: Largest price times quantity, in quote currency.
        start_price: In quote currency.
        typical_notional: Median size of a synthetic limit order, in quote currency.
    """

    symbol: Pair
    base: Currency
    quote: Currency
    tick_size: Decimal = attrs.field(validator=positive)
    base_decimal_places: int = attrs.field(validator=[validators.ge(0), validators.le(8)])
    min_base: Decimal = attrs.field(validator=positive)
    max_base: Decimal = attrs.field(validator=positive)
    min_quote: Decimal = attrs.field(validator=positive)
    max_quote: Decimal = attrs.field(validator=positive)
    start_price: Decimal = attrs.field(validator=positive)
    typical_notional: Decimal = attrs.field(default=Decimal(200), validator=positive)
    active: bool = True

    def __attrs_post_init__(self) -> None:
        exponent = self.tick_size.as_tuple().exponent
        assert isinstance(exponent, int)
        if max(0, -exponent) + self.base_decimal_places > _FRACTION_DIGITS_MAX:
            raise ValueError(f"{self.symbol}: tick and lot have too many decimal places together")
        if self.start_price < 100 * self.tick_size:
            raise ValueError(f"{self.symbol}: start_price leaves no room for a book below it")


def _pair(
    symbol: str, base: str, quote: str, *, active: bool = True, **rules: str
) -> SimulatedPair:
    """A pair from the texts in which its rules are published."""
    decimals = {
        name: Decimal(text) for name, text in rules.items() if name != "base_decimal_places"
    }
    return SimulatedPair(
        symbol=Pair(symbol),
        base=Currency(base),
        quote=Currency(quote),
        base_decimal_places=int(rules["base_decimal_places"]),
        active=active,
        **decimals,
    )


DEFAULT_PAIRS: tuple[SimulatedPair, ...] = (
    _pair(
        *("DOGEUSDT", "DOGE", "USDT"),
        tick_size="0.00001",
        base_decimal_places="0",
        min_base="4",
        max_base="500000",
        min_quote="0.5",
        max_quote="200000",
        start_price="0.1",
    ),
    _pair(
        *("BTCUSDT", "BTC", "USDT"),
        tick_size="0.01",
        base_decimal_places="5",
        min_base="0.00001",
        max_base="10",
        min_quote="0.5",
        max_quote="500000",
        start_price="60000",
        typical_notional="1000",
    ),
    _pair(
        *("BTCZAR", "BTC", "ZAR"),
        tick_size="1",
        base_decimal_places="8",
        min_base="0.00001",
        max_base="8",
        min_quote="10",
        max_quote="5000000",
        start_price="1100000",
        typical_notional="15000",
    ),
    _pair(
        *("ETHZAR", "ETH", "ZAR"),
        tick_size="1",
        base_decimal_places="8",
        min_base="0.0002",
        max_base="240",
        min_quote="10",
        max_quote="5000000",
        start_price="48000",
        typical_notional="8000",
    ),
    _pair(
        *("XMRETH", "XMR", "ETH"),
        active=False,
        tick_size="0.00000001",
        base_decimal_places="8",
        min_base="0.0189",
        max_base="64",
        min_quote="0.0075",
        max_quote="25",
        start_price="0.06",
    ),
)
