"""Moves prices: further out, next to the best of the book, by the transaction costs."""

from decimal import Decimal

from trading.books.depth import others_levels, price_for_volume
from trading.core.decimals import ONE, ZERO
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.decisions.decision import Quote
from trading.strategies.interface import View
from trading.strategies.pure_market_making.features import OrderOptimization
from trading.strategies.pure_market_making.proposal import Modifier, Proposal


def further_out(reference: Decimal, *, bid: Decimal, ask: Decimal) -> Modifier:
    """
    Each side further from the reference price by a fraction of it.

    Args:
        reference: In quote currency.
        bid: 0 or more.
        ask: 0 or more.
    """
    down, up = -reference * bid, reference * ask

    def change(proposal: Proposal) -> Proposal:
        return proposal.showing(_moved(proposal.buys, down), _moved(proposal.sells, up))

    return change


def optimised(view: View, wanted: OrderOptimization) -> Modifier:
    """
    The nearest quote no better than one tick before the next in the book.

    The others keep their distances to it. A quote is only ever moved away from the market.

    Our own orders are taken out of the book first, all of them. A book that is shallower than the
    depth to ignore says nothing: then the quotes stay where they are.
    """

    def change(proposal: Proposal) -> Proposal:
        return proposal.showing(
            _next_in_book(proposal.buys, view, Side.BUY, wanted.bid_depth),
            _next_in_book(proposal.sells, view, Side.SELL, wanted.ask_depth),
        )

    return change


def with_transaction_costs(maker_fee: Decimal) -> Modifier:
    """The maker fee on top of both spreads; a rebate makes them narrower."""
    down, up = ONE - maker_fee, ONE + maker_fee

    def change(proposal: Proposal) -> Proposal:
        return proposal.showing(_scaled(proposal.buys, down), _scaled(proposal.sells, up))

    return change


def _next_in_book(
    quotes: tuple[Quote, ...], view: View, side: Side, depth: Decimal
) -> tuple[Quote, ...]:
    if not quotes:
        return quotes
    buying = side is Side.BUY
    book = others_levels(view.top.bids if buying else view.top.asks, side, view.orders)
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
    return tuple([quote.at(quote.price + move) for quote in quotes])


def _scaled(quotes: tuple[Quote, ...], factor: Decimal) -> tuple[Quote, ...]:
    if factor == ONE:
        return quotes
    return tuple([quote.at(quote.price * factor) for quote in quotes])
