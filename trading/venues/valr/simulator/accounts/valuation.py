"""The value of a currency's unit in the venue's reference currency."""

from collections.abc import Mapping
from decimal import Decimal

from trading.core.decimals import ONE
from trading.core.identifiers import Currency, Pair
from trading.venues.valr.simulator.core.listing import Listing

_REFERENCES = (Currency("USDC"), Currency("USDT"))
"""Dollars, each taken for one."""
_STEP = Decimal("0.000000000001")


class Valuation:
    """By the last traded prices, over one pair or over two that share a currency."""

    def __init__(self, listings: Mapping[Pair, Listing]) -> None:
        self._listings = listings
        currencies = {rules.base: None for rules in (row.rules for row in listings.values())}
        currencies |= {row.rules.quote: None for row in listings.values()}
        self._paths = {currency: self._path(currency) for currency in currencies}

    def worth(self, currency: Currency) -> Decimal | None:
        """``None`` where no pair leads to the reference currency."""
        if currency in _REFERENCES:
            return ONE
        path = self._paths.get(currency)
        if path is None:
            return None
        worth = ONE
        for listing, bought in path:
            price = listing.grid.price(listing.last)
            worth = worth / price if bought else worth * price
        return worth.quantize(_STEP)

    def _path(self, currency: Currency) -> tuple[tuple[Listing, bool], ...] | None:
        """Pairs to trade through, and whether their base is bought."""
        steps = self._steps(currency)
        for reached, step in steps.items():
            if reached in _REFERENCES:
                return (step,)
        for reached, step in steps.items():
            for beyond, second in self._steps(reached).items():
                if beyond in _REFERENCES:
                    return step, second
        return None

    def _steps(self, currency: Currency) -> dict[Currency, tuple[Listing, bool]]:
        steps: dict[Currency, tuple[Listing, bool]] = {}
        for listing in self._listings.values():
            if listing.rules.base == currency:
                steps.setdefault(listing.rules.quote, (listing, False))
            elif listing.rules.quote == currency:
                steps.setdefault(listing.rules.base, (listing, True))
        return steps
