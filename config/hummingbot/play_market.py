"""
The simulated market that an imported configuration runs on: its pairs, and the play money for it.

A Hummingbot file names the pair but no price, and a simulator needs one to begin with.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation

import attrs

from config.hummingbot.importing import Importing
from trading.core.decimals import ONE, ZERO, decimal_text
from trading.core.identifiers import Currency, Pair
from trading.simulator.core.pair import DEFAULT_PAIRS, SimulatedPair

_DOLLARS: Mapping[str, str] = {
    **dict.fromkeys(("USDT", "USDC", "USD", "DAI", "BUSD", "TUSD", "FDUSD", "USDE"), "1"),
    **dict.fromkeys(("BTC", "WBTC"), "60000"),
    **dict.fromkeys(("ETH", "WETH"), "2600"),
    **dict.fromkeys(("BNB", "BCH"), "500"),
    **dict.fromkeys(("SOL", "XMR", "AAVE"), "150"),
    **dict.fromkeys(("LTC", "AVAX", "LINK"), "30"),
    **dict.fromkeys(("DOT", "ATOM", "UNI"), "5"),
    **dict.fromkeys(("XRP", "ADA", "MATIC", "POL"), "0.5"),
    **dict.fromkeys(("DOGE", "XLM", "TRX", "ALGO"), "0.1"),
    **dict.fromkeys(("SHIB", "PEPE"), "0.00001"),
    "EUR": "1.1",
    "GBP": "1.3",
    "ZAR": "0.0545",
    "HBOT": "0.005",
}
"""Rough prices in dollars, of past years: a made-up market needs the order of magnitude only."""

_QUOTES = ("USDT", "USDC", "BUSD", "TUSD", "FDUSD", "USD", "DAI", "EUR", "ZAR", "BTC", "ETH", "BNB")
_PAIR = re.compile(r"([A-Z0-9]{2,20})[-/]([A-Z0-9]{2,20})")
_ORDER_DOLLARS = Decimal(50)
"""The assumed value of an order where no price is known."""
_SETS = 20
"""The play money is enough for so many whole sets of orders on each side."""
_TYPICAL_ORDERS = 5
_PLACES_MAX = 8
_FRACTION_DIGITS_MAX = 16
_DIGITS_MAX = 10
_SMALLEST, _LARGEST = Decimal("1e-8"), Decimal(10) ** 12


@attrs.frozen(kw_only=True)
class PlayMarket:
    """
    The pairs and balances of the simulator that a configuration needs.

    Args:
        pairs: Those that the simulator lacks, or has with other rules.
        balances: The play money, by currency.
        begins_at: The price that the traded pair's market begins with, for people.
    """

    pairs: tuple[SimulatedPair, ...]
    balances: Mapping[str, Decimal]
    begins_at: Decimal


def symbol_of(text: str) -> str:
    """The exchange's symbol of a pair."""
    return re.sub(r"[-/]", "", text.upper())


def currencies_of(text: str) -> tuple[str, str] | None:
    """Base and quote of a pair, as people write it; ``None`` where that cannot be said."""
    upper = text.upper()
    if match := _PAIR.fullmatch(upper):
        return match[1], match[2]
    known = next((pair for pair in DEFAULT_PAIRS if pair.symbol == upper), None)
    if known is not None:
        return known.base, known.quote
    quote = next((quote for quote in _QUOTES if upper.endswith(quote)), "")
    base = upper.removesuffix(quote)
    return (base, quote) if quote and _PAIR.fullmatch(f"{base}-{quote}") else None


def play_market(importing: Importing) -> PlayMarket | None:
    """The play market of an import; ``None`` where there is no pair or no amount to go by."""
    text = _text(importing, "pair")
    currencies = currencies_of(text)
    sets = _sets(importing)
    if currencies is None or not sets:
        return None
    base, quote = currencies
    largest = max(sum(amounts, ZERO) for amounts in sets)
    first = min(amount for amounts in sets for amount in amounts)
    if not _SMALLEST <= first <= largest < _LARGEST:
        return None
    known = _known(symbol_of(text))
    price = _price(base, quote, first) if known is None else known.start_price
    within = _within(importing, price)
    if known is None or not known.active:
        traded = _made_up(base, quote, within, [each for amounts in sets for each in amounts])
    elif within != price:
        traded = attrs.evolve(
            known, start_price=within, tick_size=min(known.tick_size, _tick(within))
        )
    else:
        traded = known
    pairs = [traded] if traded is not known else []
    other = _other(importing, traded)
    if other is not None and other.symbol != traded.symbol:
        pairs.append(other)
    return PlayMarket(
        pairs=tuple(pairs),
        balances={
            base: _rounded(_share(importing, largest, of_base=True)),
            quote: _rounded(_share(importing, largest, of_base=False) * traded.start_price),
        },
        begins_at=traded.start_price,
    )


def whole_lots(importing: Importing) -> None:
    """
    Round amounts down to whole lots, as Hummingbot does before it sends them.

    Only where the pair's own rules are known: a made-up pair gets a lot size to fit.
    """
    known = _known(symbol_of(_text(importing, "pair")))
    if known is None or not known.active:
        return
    lot = ONE.scaleb(-known.base_decimal_places)
    for key in ("order_amount", "order_level_amount"):
        amount = _number(importing.lines.get(key, ""))
        given = importing.given.get(key)
        if amount is None or given is None or abs(amount) >= _LARGEST or amount % lot == ZERO:
            continue
        whole = amount.quantize(lot, rounding=ROUND_FLOOR)
        if whole <= ZERO < amount:
            continue  # below the smallest order: the remark on that says more
        importing.write(key, decimal_text(whole))
        importing.changed(
            key,
            given,
            f"{decimal_text(amount)} is no multiple of {known.symbol}'s lot of"
            f" {decimal_text(lot)}: rounded down, as it was there before it was sent",
        )


def _known(symbol: str) -> SimulatedPair | None:
    return next((pair for pair in DEFAULT_PAIRS if pair.symbol == symbol), None)


def _text(importing: Importing, key: str) -> str:
    return importing.lines.get(key, "").strip('"')


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _sets(importing: Importing) -> list[list[Decimal]]:
    """The amounts of the orders of each side."""
    return [amounts for amounts in _all_sets(importing) if amounts]


def _all_sets(importing: Importing) -> Iterator[list[Decimal]]:
    first = _number(importing.lines.get("order_amount", ""))
    step = _number(importing.lines.get("order_level_amount", "")) or ZERO
    count = _number(importing.lines.get("order_levels", "")) or ONE
    if first is not None and ONE <= count <= 50:  # noqa: PLR2004  # no more are taken
        yield [first + level * step for level in range(int(count))]
    for side in ("buy", "sell"):
        own = [each for each in importing.overrides.values() if each["side"] == f'"{side}"']
        yield [amount for each in own if (amount := _number(each["amount"])) is not None]
    for side in ("bid", "ask"):
        listed = importing.lines.get(f"{side}_order_level_amounts", "").strip("[]").split(",")
        yield [amount for each in listed if (amount := _number(each)) is not None]


def _price(base: str, quote: str, amount: Decimal) -> Decimal:
    dollars = Decimal(_DOLLARS.get(quote, "1"))
    if base in _DOLLARS:
        return _short(Decimal(_DOLLARS[base]) / dollars)
    return _short(_ORDER_DOLLARS / amount / dollars)


def _short(price: Decimal) -> Decimal:
    """A price rounded to three digits, which are enough for a made-up one."""
    digit = ONE.scaleb(price.adjusted() - 2)
    return price.quantize(digit) if price >= digit else price


def _within(importing: Importing, price: Decimal) -> Decimal:
    """The price, moved to where neither price_ceiling nor price_floor shuts a side."""
    ceiling = _number(importing.lines.get("price_ceiling", ""))
    floor = _number(importing.lines.get("price_floor", ""))
    above, below = ceiling or price * 2, floor or price / 2
    if below < price < above or below <= ZERO or above <= ZERO:
        return price
    if ceiling is not None and floor is not None:
        return (ceiling + floor) / 2 if floor < ceiling else price
    return _short(ceiling * Decimal("0.9") if ceiling is not None else below * Decimal("1.1"))


def _tick(price: Decimal) -> Decimal:
    """The tick size: five digits of a price, so 0.01 % of it is a tick or more."""
    return ONE.scaleb(max(price.adjusted() - 4, -_DIGITS_MAX - 2))


def _made_up(base: str, quote: str, price: Decimal, amounts: list[Decimal]) -> SimulatedPair:
    first, largest = min(amounts), max(amounts)
    tick = _tick(price)
    # Every amount written is whole lots, and a typical order is at least some hundred lots.
    finest = max(_places(amount) for amount in amounts)
    places = min(max(finest, -first.adjusted() + 2, 0), _PLACES_MAX)
    places = min(places, _FRACTION_DIGITS_MAX - max(0, -tick.adjusted()))
    lot = ONE.scaleb(-places)
    typical = max(_TYPICAL_ORDERS * first, 20 * lot) * price
    return SimulatedPair(
        symbol=Pair(f"{base}{quote}"),
        base=Currency(base),
        quote=Currency(quote),
        tick_size=tick,
        base_decimal_places=places,
        min_base=lot,
        max_base=ONE.scaleb(max(largest.adjusted(), 0) + 3),
        min_quote=ONE.scaleb((lot * price).adjusted()),
        max_quote=ONE.scaleb(max((largest * price).adjusted(), 0) + 4),
        start_price=price,
        typical_notional=_rounded(typical),
    )


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _other(importing: Importing, traded: SimulatedPair) -> SimulatedPair | None:
    """The market that is only a price source, where the simulator lacks it."""
    text = _text(importing, "price_source_market")
    currencies = currencies_of(text)
    known = _known(symbol_of(text))
    if currencies is None or (known is not None and known.active):
        return None
    base, quote = currencies
    price = _price(base, quote, ONE) if base in _DOLLARS else traded.start_price
    return _made_up(base, quote, price, [_short(_ORDER_DOLLARS / price)])


def _share(importing: Importing, largest: Decimal, *, of_base: bool) -> Decimal:
    """Play money in base currency: by inventory_target_base_pct, for one set at the least."""
    leans = importing.has_sessions or importing.on("inventory_skew_enabled")
    text = importing.lines.get("inventory_target_base_pct", "") if leans else ""
    target = _number(text.strip('" %'))
    share = (Decimal(50) if target is None else min(max(target, ZERO), Decimal(100))) / 100
    return max(2 * _SETS * largest * (share if of_base else 1 - share), largest)


def _rounded(amount: Decimal) -> Decimal:
    digit = ONE.scaleb(amount.adjusted() - 2)
    return amount.quantize(digit, rounding=ROUND_CEILING)
