"""The step of an examination that compares what the account holds with what would be quoted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from config.strategy_base import StrategySettings
from engine.examination import Examination
from engine.findings import Finding, failure, fine, warning
from trading.decimals import ZERO, decimal_text
from trading.identifiers import Currency
from trading.instrument import Instrument
from trading.market import Balance, Side
from trading.strategies.interface import Quote

_DEPOSIT = (
    "deposit or buy what is missing, or configure other amounts, fewer levels or less to hold back"
)


@attrs.frozen(kw_only=True)
class _Need:
    """
    What one side of one strategy takes from an account.

    Args:
        first: For the order next to the market.
        all_levels: For all of them.
        held_back: What the limits forbid to spend.
    """

    currency: Currency
    first: Decimal
    all_levels: Decimal
    held_back: Decimal


async def check_balances(examination: Examination) -> Finding:
    """Whether the account can pay for the orders that the strategies want, at today's prices."""
    listed = await examination.ask(examination.party.venue.balances())
    held = {balance.currency: balance for balance in listed}
    unaffordable, short, enough = [], [], []
    for name, strategy in examination.settings.strategies.items():
        instrument = examination.learnt.instruments[strategy.pair]
        price = examination.learnt.prices[strategy.pair]
        # The wish itself, before anything that the strategy makes of balances and of the market.
        wish = strategy.wish(price)
        needs = _needs(strategy, instrument, wish)
        if small := _too_small(instrument, wish):
            unaffordable.append(f"{name}: {small}")
        elif not any(_has(held, need) >= need.first for need in needs):
            unaffordable.append(f"{name}: {'; '.join(_said(held, need) for need in needs)}")
        short += [f"{name}: {_said(held, n)}" for n in needs if _has(held, n) < n.all_levels]
        enough += [_said(held, need) for need in needs if _has(held, need) >= need.all_levels]
    if unaffordable:
        return failure(f"not one order could be placed: {'; '.join(unaffordable)}", _DEPOSIT)
    if short:
        return warning(f"not for all orders: {'; '.join(short)}", _DEPOSIT)
    return fine(f"enough for every order: {'; '.join(enough)}")


def _needs(
    strategy: StrategySettings, instrument: Instrument, wish: Sequence[Quote]
) -> Sequence[_Need]:
    limits = strategy.risk_limits
    asks = [quote.quantity for quote in wish if quote.side is Side.SELL]
    bids = [quote.quantity * quote.price for quote in wish if quote.side is Side.BUY]
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


def _too_small(instrument: Instrument, wish: Sequence[Quote]) -> str | None:
    """Why the venue would refuse the smallest order for what it is worth."""
    worth = min(quote.quantity * quote.price for quote in wish)
    if worth >= instrument.notional_min:
        return None
    least = f"{decimal_text(instrument.notional_min)} {instrument.quote}"
    return (
        f"an order is worth {_rounded(worth)} {instrument.quote}, below {instrument.pair}'s minimum"
        f" of {least}"
    )


def _has(held: Mapping[Currency, Balance], need: _Need) -> Decimal:
    """What may be used; orders that are open now give back what they hold."""
    balance = held.get(need.currency)
    return (ZERO if balance is None else balance.total) - need.held_back


def _said(held: Mapping[Currency, Balance], need: _Need) -> str:
    kept = f" ({decimal_text(need.held_back)} held back)" if need.held_back else ""
    usable = _rounded(_has(held, need))
    return f"{_rounded(need.all_levels)} of {usable} {need.currency}{kept}"


def _rounded(amount: Decimal) -> str:
    return decimal_text(amount.quantize(Decimal("1e-8")))
