"""The doctor's step that compares the account's balances with the orders to be quoted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from config.strategies.base import StrategySettings
from engine.doctor.context import DoctorContext
from engine.doctor.findings import Finding, failure, fine, warning
from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import Currency
from trading.core.instrument import Instrument
from trading.core.listed import Listed, OddRow, first_of
from trading.core.market import Balance, Side
from trading.decisions.decision import Quote
from trading.risk import RiskLimits

_DEPOSIT = (
    "deposit or buy what is missing, or configure other amounts, fewer levels or less to hold back"
)
_OTHER_LIMITS = (
    "choose other limits (docs/risk.md: holdings are all that the account has), other amounts, or"
    " another balance"
)


@attrs.frozen(kw_only=True)
class _Need:
    """
    The funds that one side of one strategy needs.

    Args:
        first: For the order next to the market.
        all_levels: For all of them.
        held_back: The amount that the limits forbid to spend.
    """

    currency: Currency
    first: Decimal
    all_levels: Decimal
    held_back: Decimal


async def check_balances(examination: DoctorContext) -> Finding:
    """Whether the account can pay for the orders that the strategies want, at today's prices."""
    listed = await examination.ask(examination.party.venue.balances())
    held = {balance.currency: balance for balance in listed}
    if (odd := _odd_balance(examination, listed)) is not None:
        return failure(str(odd), "wait until the venue's list is right again")
    unaffordable, short, enough = [], [], []
    closed: list[str] = []
    half: list[str] = []
    for name, strategy in examination.traded().items():
        instrument = examination.learnt.instruments[strategy.pair]
        price = examination.learnt.prices[strategy.pair]
        # The wish itself, before anything that the strategy makes of balances and of the market.
        target_quotes = strategy.target_quotes(price)
        needs = _needs(strategy, instrument, target_quotes)
        shut = shut_sides(strategy, instrument, target_quotes, held)
        whole = len(shut) == len({quote.side for quote in target_quotes})
        (closed if whole else half).extend(
            f"{name} ({side.value}): {why}" for side, why in shut.items()
        )
        if small := _too_small(instrument, target_quotes):
            unaffordable.append(f"{name}: {small}")
        elif not any(_has(held, need) >= need.first for need in needs):
            unaffordable.append(f"{name}: {'; '.join(_said(held, need) for need in needs)}")
        short += [f"{name}: {_said(held, n)}" for n in needs if _has(held, n) < n.all_levels]
        enough += [_said(held, need) for need in needs if _has(held, need) >= need.all_levels]
    if unaffordable:
        return failure(f"not one order could be placed: {'; '.join(unaffordable)}", _DEPOSIT)
    if closed:
        return failure(f"the limits shut every order: {'; '.join(closed)}", _OTHER_LIMITS)
    told = [f"the limits shut one side: {'; '.join(half)}"] if half else []
    told += [f"not for all orders: {'; '.join(short)}"] if short else []
    if told:
        return warning("; ".join(told), _DEPOSIT if short else _OTHER_LIMITS)
    return fine(f"enough for every order: {'; '.join(enough)}")


def _odd_balance(examination: DoctorContext, listed: Listed[Balance]) -> OddRow | None:
    """A row of one of our currencies that cannot be read."""
    held = {balance.currency for balance in listed}
    rules = examination.learnt.instruments
    ours = [rules[strategy.pair] for strategy in examination.settings.strategies.values()]
    found = (
        first_of(listed.odd, currency, listed=currency in held)
        for instrument in ours
        for currency in (instrument.base, instrument.quote)
    )
    return next((row for row in found if row is not None), None)


def _needs(
    strategy: StrategySettings, instrument: Instrument, target_quotes: Sequence[Quote]
) -> Sequence[_Need]:
    limits = strategy.risk_limits
    asks = [quote.quantity for quote in target_quotes if quote.side is Side.SELL]
    bids = [quote.quantity * quote.price for quote in target_quotes if quote.side is Side.BUY]
    sides = (
        (instrument.base, asks, limits.min_base_holding),
        (instrument.quote, bids, limits.min_quote_holding),
    )
    return [
        _Need(
            currency=currency,
            first=amounts[0],
            all_levels=sum(amounts, ZERO),
            held_back=held_back or ZERO,
        )
        for currency, amounts, held_back in sides
        if amounts
    ]


def shut_sides(
    strategy: StrategySettings,
    instrument: Instrument,
    target_quotes: Sequence[Quote],
    held: Mapping[Currency, Balance],
) -> Mapping[Side, str]:
    """
    The sides whose every order would be beyond a limit with what the account holds now, and why.

    One by one, with no other order open: what is shut then stays shut until the holdings change,
    which they do not if both sides are.
    """
    base, quote = (_total(held, each) for each in (instrument.base, instrument.quote))
    limits, found = strategy.risk_limits, dict[Side, str]()
    for side in Side:
        reasons = [
            _beyond(limits, each, instrument, base=base, quote=quote)
            for each in target_quotes
            if each.side is side
        ]
        if reasons and all(reasons):
            found[side] = str(reasons[0])
    return found


def _beyond(
    limits: RiskLimits,
    target_quotes: Quote,
    instrument: Instrument,
    *,
    base: Decimal,
    quote: Decimal,
) -> str | None:
    """Which limit one order would break by itself, in words; ``None`` for none."""
    worth, buys = target_quotes.quantity * target_quotes.price, target_quotes.side is Side.BUY
    given, received = (worth, target_quotes.quantity) if buys else (target_quotes.quantity, worth)
    of, to = (instrument.quote, instrument.base) if buys else (instrument.base, instrument.quote)
    names = ("quote", "base") if buys else ("base", "quote")
    left, held = (quote - given, base + received) if buys else (base - given, quote + received)
    low = limits.min_quote_holding if buys else limits.min_base_holding
    high = limits.max_base_holding if buys else limits.max_quote_holding
    if limits.max_order_notional is not None and worth > limits.max_order_notional:
        most = decimal_text(limits.max_order_notional)
        return (
            f"an order is worth {_rounded(worth)} {instrument.quote}, max_order_notional is {most}"
        )
    if low is not None and left < low:
        return f"{_rounded(left)} {of} would be left, min_{names[0]}_holding is {decimal_text(low)}"
    if high is not None and held > high:
        return (
            f"{_rounded(held)} {to} would be held, max_{names[1]}_holding is {decimal_text(high)}"
        )
    return None


def _total(held: Mapping[Currency, Balance], currency: Currency) -> Decimal:
    balance = held.get(currency)
    return ZERO if balance is None else balance.total


def _too_small(instrument: Instrument, target_quotes: Sequence[Quote]) -> str | None:
    """Why the venue would refuse the smallest order for what it is worth."""
    worth = min(quote.quantity * quote.price for quote in target_quotes)
    if worth >= instrument.notional_min:
        return None
    least = f"{decimal_text(instrument.notional_min)} {instrument.quote}"
    return (
        f"an order is worth {_rounded(worth)} {instrument.quote}, below {instrument.pair}'s minimum"
        f" of {least}"
    )


def _has(held: Mapping[Currency, Balance], need: _Need) -> Decimal:
    """The usable balance; the reserves of orders that are open now count as available."""
    return _total(held, need.currency) - need.held_back


def _said(held: Mapping[Currency, Balance], need: _Need) -> str:
    kept = f" ({decimal_text(need.held_back)} held back)" if need.held_back else ""
    usable = _rounded(_has(held, need))
    return f"{_rounded(need.all_levels)} of {usable} {need.currency}{kept}"


def _rounded(amount: Decimal) -> str:
    return decimal_text(amount.quantize(Decimal("1e-8")))
