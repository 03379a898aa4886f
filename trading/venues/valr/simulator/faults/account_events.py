"""Venue events of an account: actions by hand, actions of the venue, ends of its connections."""

from decimal import ROUND_FLOOR, Decimal
from functools import partial

from trading.core.decimals import ZERO
from trading.core.market import Side, TimeInForce
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.faults.venue_handle import (
    EventHandler,
    Ongoing,
    Outcome,
    VenueHandle,
)
from trading.venues.valr.simulator.requests.requests import LimitRequest, MarketRequest
from trading.venues.valr.simulator.sockets.sessions import CUT, NORMAL_CLOSURE, CloseReason

_GOING_AWAY = 1001
_PERCENT = Decimal("0.01")
_SHARES = (50, 90, 100, 100)
"""The withdrawn share of the available balance, in percent: mostly so much that orders fail."""
_AMOUNT_STEP = Decimal("0.00000001")
_FOR_EVER = float("inf")


class AccountDeeds:
    """Events of the account that is connected, or else of the first."""

    def __init__(self, ground: VenueHandle) -> None:
        self._ground = ground

    def trade_by_hand(self, now: float) -> Outcome:
        found = self._affordable()
        if found is None:
            return False
        listing, side, lots = found
        request = MarketRequest(
            pair=listing.rules.symbol,
            side=side,
            quantity=lots,
            budget=None,
            customer_order_id=None,
        )
        order = self._ground.venue.entry.market(self._ground.account(), request, now)
        return order.executed > 0

    def order_by_hand(self, now: float) -> Outcome:
        found = self._affordable()
        if found is None:
            return False
        listing, side, lots = found
        ground, step = self._ground, listing.tick_step
        away = listing.mark // 100 + ground.random.randint(1, 50)
        price = max(step, listing.mark - away if side is Side.BUY else listing.mark + away)
        name = f"manual-{ground.random.getrandbits(32):08x}"
        request = LimitRequest(
            pair=listing.rules.symbol,
            side=side,
            price=price - price % step,
            quantity=lots,
            post_only=True,
            time_in_force=TimeInForce.GTC,
            customer_order_id=ground.random.choice((None, name)),
        )
        order = ground.venue.entry.limit(ground.account(), request, now)
        if order.failure is not None:
            return False
        return Ongoing(lambda at: _discard(ground.venue.cancel(order, at)), for_s=_FOR_EVER)

    def withdraw(self, now: float) -> Outcome:
        ground, account, listing = self._ground, self._ground.account(), self._ground.listing()
        if listing is None:
            return False
        currency = ground.random.choice((listing.rules.base, listing.rules.quote))
        share = ground.random.choice(_SHARES) * _PERCENT
        available = account.balance(currency).available
        amount = (available * share).quantize(_AMOUNT_STEP, ROUND_FLOOR)
        if amount <= ZERO:
            return False
        transfer = partial(ground.venue.settlement.transfer, account, currency)
        transfer(-amount, now)
        return Ongoing(lambda at: transfer(amount, at))

    def drop_orders(self, *, silently: bool) -> EventHandler:
        """The handler by which the venue cancels all orders that the account has in its books."""
        return partial(self._drop_orders, silently)

    def _drop_orders(self, silently: bool, now: float) -> Outcome:  # noqa: FBT001 - bound above
        venue = self._ground.venue
        found = venue.cancel_all(self._ground.account(), None, now)
        if silently:
            venue.take_told()
        return bool(found)

    def overfill(self, now: float) -> Outcome:
        ground = self._ground
        affordable = []
        for order in ground.resting():
            listing, lots = ground.venue.listings[order.pair], order.quantity // 4 + 1
            needed = ground.venue.settlement.needs(listing, order.side, order.price, lots)
            if ground.account().balance(needed[0]).available >= needed[1]:
                affordable.append((order, lots))
        return bool(affordable) and ground.venue.flow.overfill(
            *ground.random.choice(affordable), now
        )

    def fill_and_cut(self, now: float) -> Outcome:
        orders = [order for order in self._ground.resting() if order.remaining > 1]
        sockets = [session for session in self._ground.open_sessions() if session.is_account]
        if not orders or not sockets:
            return False
        order = self._ground.random.choice(orders)
        part = self._ground.random.randrange(1, order.remaining)
        # Cut first, so that the fill is not sent.
        for session in sockets:
            session.close(CloseReason(CUT))
        self._ground.venue.flow.take(order, now, part)
        return True

    def close_sockets(self, *, account: bool) -> EventHandler:
        """The handler by which the venue closes all sockets of a path."""
        return partial(self._close_sockets, account)

    def _close_sockets(self, account: bool, _now: float) -> Outcome:  # noqa: FBT001 - bound above
        code = self._ground.random.choice((NORMAL_CLOSURE, _GOING_AWAY))
        closed = [s for s in self._ground.open_sessions() if s.is_account is account]
        for session in closed:
            session.close(CloseReason(code))
        return bool(closed)

    def _affordable(self) -> tuple[Listing, Side, int] | None:
        """A pair and a side on which the account can pay for a small order, and its lots."""
        ground, account, listing = self._ground, self._ground.account(), self._ground.listing()
        if listing is None:
            return None
        rules, grid = listing.rules, listing.grid
        least = max(rules.min_base, rules.min_quote / grid.price(listing.mark))
        lots = (grid.lots(least * 2) + 1) * ground.random.randint(1, 3)
        # Twice the price is more than a market order may have to pay.
        costs = {
            Side.BUY: (rules.quote, 2 * grid.notional(listing.mark * lots)),
            Side.SELL: (rules.base, grid.quantity(lots)),
        }
        sides = [s for s, (code, cost) in costs.items() if account.balance(code).available >= cost]
        return (listing, ground.random.choice(sides), lots) if sides else None


def _discard(_: object) -> None:
    """Drops a result that is not needed."""
