"""The original's proposal of orders (its steps 4 a to f), every step with its quirks."""

from collections.abc import Callable, Iterable
from decimal import Decimal

import msgspec

from trading.core.decimals import ONE, ZERO
from trading.core.market import PriceLevel, Side
from trading.strategies.pure_market_making.compat.market import Book, Market, ProposalFailed
from trading.strategies.pure_market_making.compat.skew import skew_ratios
from trading.strategies.pure_market_making.compat.state import CompatState
from trading.strategies.pure_market_making.features import InventorySkew, OwnLevel, PriceType
from trading.strategies.pure_market_making.parameters import Parameters, levels_of


class TargetQuote(msgspec.Struct, frozen=True, kw_only=True):
    """An order under consideration."""

    side: Side
    price: Decimal
    quantity: Decimal


TargetQuotes = dict[Side, list[TargetQuote]]
Step = Callable[[TargetQuotes, CompatState, Market], TargetQuotes]


def propose(state: CompatState, market: Market) -> list[TargetQuote]:
    """
    All bids, then all asks.

    Raises:
        ProposalFailed: The original raises an exception here.
    """
    targets = _base(state, market)
    for step in _STEPS:
        targets = step(targets, state, market)
    return [*targets[Side.BUY], *targets[Side.SELL]]


def reference_price(state: CompatState, market: Market) -> Decimal | None:
    """Of the configured type and source; the mid price where there is none such; else ``None``."""
    if market.custom_price is not None:
        return market.custom_price
    book = market.own if market.reference is None else market.reference
    mid_price = _mid_price(book, market)
    price: Decimal | None
    match state.parameters.price_type:
        case PriceType.BEST_BID:
            price = _best(book.bids, market)
        case PriceType.BEST_ASK:
            price = _best(book.asks, market)
        case PriceType.LAST_PRICE:
            # The original turns a binary float into a decimal as it is, not via its text.
            price = None if book.last_trade is None else Decimal(float(book.last_trade))
        case PriceType.LAST_OWN_TRADE_PRICE:
            price = state.last_own_price
        case PriceType.MID_PRICE | PriceType.INVENTORY_COST:
            price = mid_price
    return mid_price if price is None else price


def known_price(state: CompatState, market: Market) -> Decimal:
    """
    The reference price, where the original compares it with something.

    Raises:
        ProposalFailed: There is none: the original compares with NaN, which raises.
    """
    price = reference_price(state, market)
    if price is None:
        raise ProposalFailed("a price is compared while a side of the book is empty")
    return price


def _best(levels: tuple[PriceLevel, ...], market: Market) -> Decimal | None:
    return market.to_tick(levels[0].price) if levels else None


def _mid_price(book: Book, market: Market) -> Decimal | None:
    bid, ask = _best(book.bids, market), _best(book.asks, market)
    return None if bid is None or ask is None else (ask + bid) / 2


def _base(state: CompatState, market: Market) -> TargetQuotes:
    parameters = state.parameters
    buy_price = sell_price = reference_price(state, market)
    if parameters.price_type is PriceType.INVENTORY_COST:
        sell_price = _above_cost(sell_price, state, market)
    if parameters.own_levels:
        return {
            Side.BUY: _own(parameters.own_levels, Side.BUY, buy_price, market),
            Side.SELL: _own(parameters.own_levels, Side.SELL, sell_price, market),
        }
    return {
        Side.BUY: _levels(parameters, Side.BUY, buy_price, market),
        Side.SELL: _levels(parameters, Side.SELL, sell_price, market),
    }


def _above_cost(price: Decimal | None, state: CompatState, market: Market) -> Decimal | None:
    cost = market.inventory_cost
    if cost is not None:
        if price is None:
            raise ProposalFailed("the inventory's cost is compared with no price")
        return max(cost, price)
    held = market.base + sum(
        (order.quantity for order in state.active.values() if order.side is Side.SELL), ZERO
    )
    if held > ZERO:
        raise ProposalFailed("there is an inventory, but what it cost is not known")
    return price


def _own(
    levels: tuple[OwnLevel, ...], side: Side, reference: Decimal | None, market: Market
) -> list[TargetQuote]:
    if reference is None:
        return []
    sign = -1 if side is Side.BUY else 1
    targets = (
        TargetQuote(
            side=side,
            price=market.to_tick(reference * (ONE + sign * level.spread)),
            quantity=market.to_lot(level.amount),
        )
        for level in levels_of(levels, side)
    )
    return [target for target in targets if target.price > ZERO and target.quantity > ZERO]


def _levels(
    parameters: Parameters, side: Side, reference: Decimal | None, market: Market
) -> list[TargetQuote]:
    if reference is None:
        return []
    sign, spread = (-1, parameters.bid_spread) if side is Side.BUY else (1, parameters.ask_spread)
    targets = (
        TargetQuote(
            side=side,
            price=market.to_tick(
                reference * (ONE + sign * (spread + level * parameters.order_level_spread))
            ),
            quantity=market.to_lot(parameters.order_amount + level * parameters.order_level_amount),
        )
        for level in range(parameters.order_levels)
    )
    # A price of 0 or below is not looked at here.
    return [target for target in targets if target.quantity > ZERO]


def _fixed_band(targets: TargetQuotes, state: CompatState, market: Market) -> TargetQuotes:
    ceiling, floor = state.parameters.price_ceiling, state.parameters.price_floor
    return _within(targets, state, market, floor=floor, ceiling=ceiling)


def _moving_band(targets: TargetQuotes, state: CompatState, market: Market) -> TargetQuotes:
    wanted, band = state.parameters.moving_price_band, state.band
    if wanted is None:
        return targets
    if market.now >= band.set_at + wanted.refresh_time:
        price = reference_price(state, market)
        band.set_at = market.now
        band.floor = None if price is None else (ONE + wanted.floor) * price
        band.ceiling = None if price is None else (ONE + wanted.ceiling) * price
    if band.floor is None or band.ceiling is None:
        raise ProposalFailed("the moving band was set while a side of the book was empty")
    return _within(targets, state, market, floor=band.floor, ceiling=band.ceiling)


def _within(
    targets: TargetQuotes,
    state: CompatState,
    market: Market,
    *,
    floor: Decimal | None,
    ceiling: Decimal | None,
) -> TargetQuotes:
    """Both edges are compared with the configured type of price, not always the mid (Q12)."""
    buys, sells = targets[Side.BUY], targets[Side.SELL]
    if ceiling is not None and known_price(state, market) >= ceiling:
        buys = []
    if floor is not None and known_price(state, market) <= floor:
        sells = []
    return {Side.BUY: buys, Side.SELL: sells}


def _ping_pong(targets: TargetQuotes, state: CompatState, _: Market) -> TargetQuotes:
    if not state.parameters.ping_pong_enabled:
        return targets
    if state.filled_buys == state.filled_sells:
        state.filled_buys = state.filled_sells = 0
    return {
        Side.BUY: targets[Side.BUY][state.filled_buys :],
        Side.SELL: targets[Side.SELL][state.filled_sells :],
    }


def _optimised(targets: TargetQuotes, state: CompatState, market: Market) -> TargetQuotes:
    wanted = state.parameters.order_optimization
    if wanted is None:
        return targets
    depths = {Side.BUY: wanted.bid_depth, Side.SELL: wanted.ask_depth}
    return {
        side: _next_in_book(targets[side], side, depths[side], state, market)
        if targets[side]
        else []
        for side in Side
    }


def _next_in_book(
    targets: list[TargetQuote], side: Side, depth: Decimal, state: CompatState, market: Market
) -> list[TargetQuote]:
    buying = side is Side.BUY
    own = ZERO
    for order in state.active.values():
        if order.side is side:
            own = order.quantity  # of the last one, where the sum was meant (Q4)
    levels = market.own.bids if buying else market.own.asks
    edge = market.ticks_beyond(_price_at_volume(levels, float(depth + own)), side)
    nearest_first = sorted(targets, key=lambda target: target.price, reverse=buying)
    first = nearest_first[0].price
    base = market.to_tick(min(first, edge) if buying else max(first, edge))
    prices = _ladder(base, side, len(targets), state.parameters)
    return [
        msgspec.structs.replace(target, price=price)
        for target, price in zip(nearest_first, prices, strict=True)
    ]


def _price_at_volume(levels: tuple[PriceLevel, ...], volume: float) -> Decimal:
    """The original adds up volumes as binary floats."""
    total = 0.0
    for level in levels:
        total += float(level.quantity)
        if total >= volume:
            return level.price
    raise ProposalFailed("the book is shallower than the depth to optimise in")


def _ladder(base: Decimal, side: Side, count: int, parameters: Parameters) -> Iterable[Decimal]:
    """Not on tick: the venue rounds (Q11). Split levels keep distances, by place in the list."""
    sign = -1 if side is Side.BUY else 1
    spreads = [level.spread for level in levels_of(parameters.split_levels, side)]
    for place in range(count):
        if spreads:
            yield base * (ONE + sign * spreads[place]) / (ONE + sign * spreads[0])
        else:
            yield base * (ONE + sign * parameters.order_level_spread * place)


def _transaction_costs(targets: TargetQuotes, state: CompatState, market: Market) -> TargetQuotes:
    if not state.parameters.add_transaction_costs:
        return targets
    factors = {Side.BUY: ONE - market.fee, Side.SELL: ONE + market.fee}
    return {
        side: [
            msgspec.structs.replace(target, price=market.to_tick(target.price * factors[side]))
            for target in targets[side]
        ]
        for side in Side
    }


def _inventory_skew(targets: TargetQuotes, state: CompatState, market: Market) -> TargetQuotes:
    wanted = state.parameters.inventory_skew
    price = reference_price(state, market)
    if wanted is None or price is None:
        return targets
    ratios = _ratios(wanted, price, state, market)
    return {
        side: [
            msgspec.structs.replace(
                target, quantity=market.to_lot(target.quantity * Decimal(ratios[side]))
            )
            for target in targets[side]
        ]
        for side in Side
    }


def _ratios(
    wanted: InventorySkew, price: Decimal, state: CompatState, market: Market
) -> dict[Side, float]:
    parameters = state.parameters
    levels = parameters.order_levels
    one_side = levels * parameters.order_amount + (
        Decimal(levels * (levels - 1)) / 2 * parameters.order_level_amount
    )
    base, quote = _with_locked(state, market, excluded=frozenset())
    bid, ask = skew_ratios(
        base=float(base),
        quote=float(quote),
        price=float(price),
        target=float(wanted.target_base),
        base_range=float(2 * one_side * wanted.range_multiplier),
    )
    return {Side.BUY: bid, Side.SELL: ask}


def _with_locked(
    state: CompatState, market: Market, excluded: frozenset[int]
) -> tuple[Decimal, Decimal]:
    """Available money and what orders hold, each by its original quantity (Q7)."""
    base, quote = market.base, market.quote
    for order in state.active.values():
        if order.number in excluded:
            continue
        if order.side is Side.SELL:
            base += order.quantity
        else:
            quote += order.quantity * order.price
    return base, quote


def _budget(targets: TargetQuotes, state: CompatState, market: Market) -> TargetQuotes:
    hanging = frozenset(state.hanging.hanging) | {
        order.number for order in state.hanging.candidates(state.active)
    }
    base, quote = _with_locked(state, market, excluded=hanging)
    affordable: TargetQuotes = {Side.BUY: [], Side.SELL: []}
    for target in targets[Side.BUY]:
        unit = target.price * (ONE + market.fee)
        need = target.quantity * unit
        quantity = target.quantity
        if quote < need:
            quantity, quote = market.to_lot(quote / unit), ZERO
        elif quote == ZERO:
            quantity = ZERO
        else:
            quote -= need
        affordable[Side.BUY].append(msgspec.structs.replace(target, quantity=quantity))
    for target in targets[Side.SELL]:
        quantity = target.quantity
        if base < quantity:
            quantity, base = market.to_lot(base), ZERO
        elif base == ZERO:
            quantity = ZERO
        else:
            base -= quantity
        affordable[Side.SELL].append(msgspec.structs.replace(target, quantity=quantity))
    return {
        side: [target for target in affordable[side] if target.quantity > ZERO] for side in Side
    }


def _no_takers(targets: TargetQuotes, state: CompatState, market: Market) -> TargetQuotes:
    if state.parameters.take_if_crossed:
        return targets
    ask, bid = _best(market.own.asks, market), _best(market.own.bids, market)
    return {
        Side.BUY: [target for target in targets[Side.BUY] if ask is None or target.price < ask],
        Side.SELL: [target for target in targets[Side.SELL] if bid is None or target.price > bid],
    }


_STEPS: tuple[Step, ...] = (
    _fixed_band,
    _moving_band,
    _ping_pong,
    _optimised,
    _transaction_costs,
    _inventory_skew,
    _budget,
    _no_takers,
)
