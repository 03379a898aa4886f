"""Changes quantities: by the inventory skew, to whole lots, and to what can be paid."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

from trading.core.decimals import ONE, ZERO
from trading.core.identifiers import Currency
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.decisions.decision import Gate, Quote
from trading.strategies.pure_market_making.gates import gate, named
from trading.strategies.pure_market_making.inventory import Inventory
from trading.strategies.pure_market_making.proposal import Change, Modifier

_SHARE = Decimal("0.0001")


def inventory_skew(inventory: Inventory, *, target_base: Decimal, base_range: Decimal) -> Modifier:
    """
    Less of what would lead away from the target, as much more of what leads towards it.

    Args:
        inventory: All that is held.
        target_base: The share of base currency, by value, that is aimed at.
        base_range: Distance from the target at which a side vanishes, in base currency; above 0.
    """
    bid = bid_ratio(inventory, target_base, base_range)
    ask = 2 - bid

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        ratio = bid if quote.side is Side.BUY else ask
        if ratio > ZERO:
            return quote.of(quote.quantity * ratio), None
        return None, gate(
            "inventory_skew",
            quote.side,
            "{quote} is skewed to nothing: {share} of the portfolio is in base currency, the"
            " target is {target}",
            quote=named(quote),
            share=round(inventory.base_share, 4),
            target=target_base,
            reach=_reach(inventory, base_range),
        )

    return lambda proposal: proposal.each(change)


def bid_ratio(inventory: Inventory, target_base: Decimal, base_range: Decimal) -> Decimal:
    """
    The factor of bids, from 0 to 2; that of asks is 2 less that.

    It falls in a straight line from 2, a range below the target, over 1 at it, to 0 a range above;
    the range is never more than half of the portfolio.
    """
    portfolio = inventory.value
    if portfolio <= ZERO:
        return ONE  # nothing to lean on: the budget has the last word
    wanted = portfolio * target_base
    reach = min(base_range * inventory.price, portfolio / 2)
    below = wanted - inventory.base_value
    if below <= ZERO:
        return max(ZERO, ONE + below / reach)
    reach_below = min(reach, wanted)
    return Decimal(2) if below >= reach_below else ONE + below / reach_below


def _reach(inventory: Inventory, base_range: Decimal) -> Decimal:
    """How far from the target a side vanishes, as a share of the portfolio, rounded down."""
    share = min(base_range * inventory.price / inventory.value, Decimal("0.5"))
    return share.quantize(_SHARE, rounding=ROUND_FLOOR)


def on_tick_and_lot(instrument: Instrument) -> Change:
    """Bids down, asks up, quantities down: the only rounding there is."""

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        quantity = instrument.quantity_down(quote.quantity)
        if quantity <= ZERO:
            return None, gate(
                "quantity_too_small",
                quote.side,
                "{quote} wants {quantity} {base}, less than a lot of {lot}",
                quote=named(quote),
                quantity=quote.quantity,
                base=instrument.base,
                lot=instrument.lot_size,
            )
        rounded = Quote(
            side=quote.side,
            price=instrument.price_away(quote.side, quote.price),
            quantity=quantity,
            level=quote.level,
            post_only=quote.post_only,
        )
        return rounded, None

    return change


def within_budget(
    instrument: Instrument, budget: Mapping[Currency, Decimal], maker_fee: Decimal
) -> Change:
    """
    Nearest levels first, no more than the account can pay; the last one affordable shrinks.

    It remembers what is spent, so it is good for one proposal. A buy needs its fee as well. A
    rebate is no money to spend: it comes after the fill.
    """
    unit_fee = ONE + max(ZERO, maker_fee)
    quote_money, base_money = budget.get(instrument.quote, ZERO), budget.get(instrument.base, ZERO)
    quote_left, base_left = quote_money, base_money

    def change(quote: Quote) -> tuple[Quote | None, Gate | None]:
        nonlocal quote_left, base_left
        buying = quote.side is Side.BUY
        unit = quote.price * unit_fee if buying else ONE
        left = quote_left if buying else base_left
        cost = quote.quantity * unit
        # Money is spent nearest first: a level that had to shrink leaves nothing to others.
        rest = max(ZERO, left - cost)
        if buying:
            quote_left = rest
        else:
            base_left = rest
        if cost <= left:
            return quote, None
        affordable = instrument.quantity_down(left / unit)
        whole = quote_money if buying else base_money
        shut = _short_of_money(quote, affordable, instrument, (whole, cost - left))
        return (quote.of(affordable) if affordable > ZERO else None), shut

    return change


def _short_of_money(
    quote: Quote, affordable: Decimal, instrument: Instrument, money: tuple[Decimal, Decimal]
) -> Gate:
    """The gate; ``money`` is the whole budget, and what is missing for this quote."""
    budget, short = money
    sentence = (
        "{quote} can pay for {affordable} of {quantity} {base} at {price}"
        " from a budget of {budget} {currency}"
    )
    return gate(
        "budget_shrunk" if affordable > ZERO else "budget",
        quote.side,
        sentence if affordable > ZERO else sentence.replace("{affordable}", "nothing", 1),
        quote=named(quote),
        affordable=affordable,
        quantity=quote.quantity,
        base=instrument.base,
        price=quote.price,
        budget=budget,
        short=short,
        currency=instrument.quote if quote.side is Side.BUY else instrument.base,
    )
