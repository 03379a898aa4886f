"""Prices moved for a reason."""

from collections.abc import Mapping
from decimal import Decimal

import attrs

from trading.decimals import ONE, ZERO
from trading.depth import price_for_volume, without_own
from trading.instrument import Instrument
from trading.market import Side
from trading.strategies.interface import Quote, View
from trading.strategies.pure_market_making.features import OrderOptimization
from trading.strategies.pure_market_making.proposal import Modifier, Proposal


def further_out(reference: Decimal, extra: Mapping[Side, Decimal]) -> Modifier:
    """
    Each side further from the reference price by a fraction of it.

    Args:
        reference: In quote currency.
        extra: By side; 0 or more.
    """
    moves = {Side.BUY: -reference * extra[Side.BUY], Side.SELL: reference * extra[Side.SELL]}

    def change(proposal: Proposal) -> Proposal:
        return attrs.evolve(
            proposal,
            buys=_moved(proposal.buys, moves[Side.BUY]),
            sells=_moved(proposal.sells, moves[Side.SELL]),
        )

    return change


def optimised(view: View, wanted: OrderOptimization) -> Modifier:
    """
    The nearest quote no better than one tick before the next in the book; the others keep their
    distances to it. A quote is only ever moved away from the market.

    Our own orders are taken out of the book first, all of them. A book that is shallower than the
    depth to ignore says nothing: then the quotes stay where they are.
    """  # noqa: D205
    depths = {Side.BUY: wanted.bid_depth, Side.SELL: wanted.ask_depth}

    def change(proposal: Proposal) -> Proposal:
        return attrs.evolve(
            proposal,
            buys=_next_in_book(proposal.buys, view, Side.BUY, depths[Side.BUY]),
            sells=_next_in_book(proposal.sells, view, Side.SELL, depths[Side.SELL]),
        )

    return change


def with_transaction_costs(maker_fee: Decimal) -> Modifier:
    """The maker fee on top of both spreads; a rebate makes them narrower."""
    factors = {Side.BUY: ONE - maker_fee, Side.SELL: ONE + maker_fee}

    def change(proposal: Proposal) -> Proposal:
        return attrs.evolve(
            proposal,
            buys=_scaled(proposal.buys, factors[Side.BUY]),
            sells=_scaled(proposal.sells, factors[Side.SELL]),
        )

    return change


def _next_in_book(
    quotes: tuple[Quote, ...], view: View, side: Side, depth: Decimal
) -> tuple[Quote, ...]:
    if not quotes:
        return quotes
    buying = side is Side.BUY
    book = without_own(view.top.bids if buying else view.top.asks, side, view.orders)
    edge = price_for_volume(book, depth)
    if edge is None:
        return quotes
    nearest = quotes[0].price
    wanted = _one_tick_better(edge, side, view.instrument)
    first = min(nearest, wanted) if buying else max(nearest, wanted)
    return quotes if first == nearest else _scaled(quotes, first / nearest)


def _one_tick_better(price: Decimal, side: Side, instrument: Instrument) -> Decimal:
    if side is Side.BUY:
        return instrument.price_up(price) + instrument.tick_size
    return instrument.price_down(price) - instrument.tick_size


def _moved(quotes: tuple[Quote, ...], move: Decimal) -> tuple[Quote, ...]:
    if move == ZERO:
        return quotes
    return tuple(attrs.evolve(quote, price=quote.price + move) for quote in quotes)


def _scaled(quotes: tuple[Quote, ...], factor: Decimal) -> tuple[Quote, ...]:
    if factor == ONE:
        return quotes
    return tuple(attrs.evolve(quote, price=quote.price * factor) for quote in quotes)
