"""The quotes that the strategy wants, regardless of timers and working orders."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.core.market import Side
from trading.decisions.decision import Gate, Quote
from trading.strategies.interface import View
from trading.strategies.pure_market_making.inventory import Inventory, spread_growth
from trading.strategies.pure_market_making.modifiers.levels import largest_sum, levels
from trading.strategies.pure_market_making.modifiers.permission import allowed_by, never_crossing
from trading.strategies.pure_market_making.modifiers.prices import (
    further_out,
    optimised,
    with_transaction_costs,
)
from trading.strategies.pure_market_making.modifiers.quantities import (
    inventory_skew,
    on_tick_and_lot,
    within_budget,
)
from trading.strategies.pure_market_making.modifiers.sides import ping_pong, price_band
from trading.strategies.pure_market_making.parameters import Parameters
from trading.strategies.pure_market_making.proposal import Modifier, Proposal
from trading.strategies.pure_market_making.reference import (
    Reference,
    find_reference,
    inventory_cost_gate,
)
from trading.strategies.pure_market_making.state import FRESH, State


def propose(view: View, parameters: Parameters, state: State = FRESH) -> Proposal:
    """The quotes for this view, and why there are no more of them."""
    reference = find_reference(view, parameters, state.last_own_price)
    if isinstance(reference, Gate):
        return Proposal(gates=(reference,))
    return propose_around(reference, view, parameters, state)


def propose_around(
    reference: Reference, view: View, parameters: Parameters, state: State
) -> Proposal:
    """The quotes around a reference price that is known."""
    proposal = levels(reference, parameters)
    if reference.sell_price is None:
        proposal = proposal.without(Side.SELL, [inventory_cost_gate(view)])
    for modifier in _target_modifiers(reference, view, parameters, state):
        proposal = modifier(proposal)
    return permitted(proposal, view, state, take_if_crossed=parameters.take_if_crossed)


def permitted(
    proposal: Proposal, view: View, state: State, *, take_if_crossed: bool = False
) -> Proposal:
    """What may be sent of a set, on tick and lot; hanging orders to renew have been paid first."""
    spendable = budget(view, state)
    if state.hanging.due:
        due = renewals(view, state, take_if_crossed=take_if_crossed)
        spendable = _less(spendable, due.quotes, view)
    return _permitted(proposal, view, spendable, take_if_crossed)


def renewals(view: View, state: State, *, take_if_crossed: bool = False) -> Proposal:
    """What takes the place of hanging orders that were too old, as far as it may be sent."""
    due = state.hanging.due
    proposal = Proposal(
        buys=tuple(quote for quote in due if quote.side is Side.BUY),
        sells=tuple(quote for quote in due if quote.side is Side.SELL),
    )
    return _permitted(proposal, view, budget(view, state), take_if_crossed)


def budget(view: View, state: State = FRESH) -> Mapping[Currency, Decimal]:
    """
    What a new set could use: what is available, and what the old set would give back.

    That is the remaining quantity only, and never more than the account reports as reserved: an
    order that the venue has not seen yet reserves nothing. Hanging orders give nothing back.
    """
    base, quote = view.instrument.base, view.instrument.quote
    held = {base: ZERO, quote: ZERO}
    for order in view.orders:
        if order.client_order_id in state.hanging.orders:
            continue
        if order.side is Side.BUY:
            held[quote] += order.remaining_quantity * order.price
        else:
            held[base] += order.remaining_quantity
    return {
        currency: balance.available + min(balance.reserved, amount)
        for currency, amount in held.items()
        if (balance := view.balances.get(currency)) is not None
    }


def _target_modifiers(
    reference: Reference, view: View, parameters: Parameters, state: State
) -> Iterator[Modifier]:
    """Sides, then prices, then quantities; all that is wanted, exact."""
    price = reference.price
    if parameters.price_floor is not None or parameters.price_ceiling is not None:
        yield price_band(price, floor=parameters.price_floor, ceiling=parameters.price_ceiling)
    if parameters.moving_price_band is not None and state.band is not None:
        band = state.band
        yield price_band(price, floor=band.floor, ceiling=band.ceiling, kind="moving")
    if parameters.ping_pong_enabled and (state.filled_buys or state.filled_sells):
        yield ping_pong(buys=state.filled_buys, sells=state.filled_sells)
    inventory = Inventory.of(view, price)
    yield from _wider(inventory, parameters, state)
    if parameters.order_optimization is not None:
        yield optimised(view, parameters.order_optimization)
    if parameters.add_transaction_costs:
        yield with_transaction_costs(view.fees.maker)
    if parameters.inventory_skew is not None:
        skew = parameters.inventory_skew
        yield inventory_skew(
            inventory,
            target_base=skew.target_base,
            base_range=largest_sum(parameters) * skew.range_multiplier,
        )


def _wider(inventory: Inventory, parameters: Parameters, state: State) -> Iterator[Modifier]:
    """What the spreads grow by, for all reasons together."""
    bid = ask = ZERO
    if parameters.volatility_spread is not None and state.volatility is not None:
        bid = ask = state.volatility.extra_spread(parameters.volatility_spread)
    if parameters.spread_skew is not None:
        skew = parameters.spread_skew
        growth = spread_growth(inventory, skew.target_base, skew.strength)
        bid += growth[0] * parameters.bid_spread
        ask += growth[1] * parameters.ask_spread
    if bid or ask:
        yield further_out(inventory.price, bid=bid, ask=ask)


def _permitted(
    proposal: Proposal,
    view: View,
    spendable: Mapping[Currency, Decimal],
    take_if_crossed: bool,  # noqa: FBT001 - its callers name it
) -> Proposal:
    """The one rounding, and what may be sent of the rest."""
    # What may take pays the higher fee.
    fee = max(view.fees.maker, view.fees.taker) if take_if_crossed else view.fees.maker
    changes = [
        on_tick_and_lot(view.instrument),
        *(() if take_if_crossed else (never_crossing(view.top),)),
        within_budget(view.instrument, spendable, fee),
        allowed_by(view.instrument),
    ]
    return proposal.each(*changes)


def _less(
    spendable: Mapping[Currency, Decimal], quotes: tuple[Quote, ...], view: View
) -> dict[Currency, Decimal]:
    left = dict(spendable)
    unit_fee = 1 + max(ZERO, view.fees.maker)
    for quote in quotes:
        if quote.side is Side.BUY:
            left[view.instrument.quote] -= quote.price * quote.quantity * unit_fee
        else:
            left[view.instrument.base] -= quote.quantity
    return left
