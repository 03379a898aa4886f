"""Quotes at fixed distances from the reference price, not yet on tick nor lot."""

from decimal import Decimal

from trading.core.decimals import ONE, ZERO
from trading.core.market import Side
from trading.decisions.decision import Gate, Quote
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.parameters import Parameters, levels_of
from trading.strategies.pure_market_making.proposal import Proposal
from trading.strategies.pure_market_making.reference import Reference


def levels(reference: Reference, parameters: Parameters) -> Proposal:
    """Levels, or the orders that are to be shown instead of them."""
    make = _own if parameters.own_levels else _even
    sell_price = reference.sell_price
    return Proposal(
        buys=make(reference.price, Side.BUY, parameters),
        sells=() if sell_price is None else make(sell_price, Side.SELL, parameters),
        gates=_gates(parameters) if parameters.own_levels else (),
    )


def _gates(parameters: Parameters) -> tuple[Gate, ...]:
    return tuple(
        gate(
            "no_level",
            side,
            "none of the {count} orders that replace the levels is a {side}",
            count=len(parameters.own_levels),
            side=side.value,
        )
        for side in Side
        if not levels_of(parameters.own_levels, side)
    )


def largest_sum(parameters: Parameters) -> Decimal:
    """Quantity of all levels of both sides together, in base currency."""
    if parameters.own_levels:
        return sum((level.amount for level in parameters.own_levels), ZERO)
    count = parameters.order_levels
    further = Decimal(count * (count - 1)) / 2 * parameters.order_level_amount
    return 2 * (count * parameters.order_amount + further)


def _even(price: Decimal, side: Side, parameters: Parameters) -> tuple[Quote, ...]:
    buying = side is Side.BUY
    spread = parameters.bid_spread if buying else parameters.ask_spread
    quotes: list[Quote] = []
    for level in range(parameters.order_levels):
        distance = spread + level * parameters.order_level_spread
        quotes.append(
            Quote(
                side=side,
                price=price * (ONE - distance if buying else ONE + distance),
                quantity=parameters.order_amount + level * parameters.order_level_amount,
                level=level,
                post_only=not parameters.take_if_crossed,
            )
        )
    return tuple(quotes)


def _own(price: Decimal, side: Side, parameters: Parameters) -> tuple[Quote, ...]:
    wanted = sorted(levels_of(parameters.own_levels, side), key=lambda level: level.spread)
    return tuple(
        Quote(
            side=side,
            price=price * (ONE - own.spread if side is Side.BUY else ONE + own.spread),
            quantity=own.amount,
            level=level,
            post_only=not parameters.take_if_crossed,
        )
        for level, own in enumerate(wanted)
    )
