"""
Venue events: what the simulated exchange does at a chosen moment.

Details are drawn from the faults' own random source. Lasting events are ended by the agenda, or at
once when everything is healed.
"""

import enum
from collections.abc import Mapping
from functools import partial

from trading.venues.valr.simulator.core.fault_plan import Faults
from trading.venues.valr.simulator.faults.account_events import AccountDeeds
from trading.venues.valr.simulator.faults.market_events import MarketDeeds
from trading.venues.valr.simulator.faults.rule_events import RuleDeeds
from trading.venues.valr.simulator.faults.venue_handle import EventHandler, Ongoing, VenueHandle
from trading.venues.valr.simulator.rest.faults import Part

_FOR_EVER = float("inf")


class VenueEvent(enum.Enum):
    """The kinds of venue events; those said to last have an end, the others are over at once."""

    CLOSE_ACCOUNT_SOCKETS = "close_account_sockets"
    """The venue closes all account sockets, with 1000 or 1001."""
    CLOSE_TRADE_SOCKETS = "close_trade_sockets"
    """The venue closes all trade sockets, with 1000 or 1001."""
    FILL_AND_CUT = "fill_and_cut"
    """An order is partly filled while all account sockets end without a word."""
    OVERFILL = "overfill"
    """An order is filled by more than its quantity."""
    TRADE_BY_HAND = "trade_by_hand"
    """A market order is sent by hand, without a client order id."""
    ORDER_BY_HAND = "order_by_hand"
    """A resting order by hand, without a client order id or with a foreign one; until healed."""
    WITHDRAW = "withdraw"
    """Half or more of what is available of a currency leaves the account; lasts."""
    DROP_ORDERS = "drop_orders"
    """The venue cancels all orders of the account, and tells it."""
    DROP_ORDERS_SILENTLY = "drop_orders_silently"
    """The venue cancels all orders of the account, and does not tell it."""
    EMPTY_SIDE = "empty_side"
    """The crowd leaves a side of the book; lasts."""
    SINGLE_LEVEL = "single_level"
    """The crowd leaves a side of the book but for one level; lasts."""
    FLASH_MOVE = "flash_move"
    """The market is 20 % higher or lower at once; what the account has on the way is filled."""
    TOXIC_FLOW = "toxic_flow"
    """The crowd takes what the account has on one side, again and again; lasts some seconds."""
    SUSPEND_PAIR = "suspend_pair"
    """A pair is not traded, its orders are cancelled; lasts."""
    RESTRICT_ORDER_TYPES = "restrict_order_types"
    """Post-only orders are not allowed, or nothing else is; lasts."""
    RAISE_MINIMUMS = "raise_minimums"
    """Orders have to be larger; lasts."""
    COARSEN_TICK = "coarsen_tick"
    """Prices of new orders are on a coarser grid; lasts."""
    CHANGE_FEES = "change_fees"
    """Other fees; lasts."""
    READ_ONLY = "read_only"
    """Maintenance: nothing but GET; lasts."""
    CLOCK_WRONG = "clock_wrong"
    """The venue's clock is wrong by up to 30 s; lasts."""
    WITHHOLD_BALANCES = "withhold_balances"
    """Balances are not told: an empty list or 404, none on a new socket; lasts for minutes."""
    WITHHOLD_PAIRS = "withhold_pairs"
    """Pairs are not told: an empty list or 404; lasts for minutes."""
    WITHHOLD_ORDER_TYPES = "withhold_order_types"
    """Order types are not told: an empty list or 404; lasts for minutes."""
    WITHHOLD_OPEN_ORDERS = "withhold_open_orders"
    """Open orders are not told: an empty list or 404, none on a new socket; lasts for minutes."""


class Deeds:
    """Carries out venue events, counts them, and undoes those that last."""

    def __init__(self, ground: VenueHandle, faults: Faults) -> None:
        self._ground = ground
        self._faults = faults
        self._doers = _doers(ground)
        self._lasting: dict[VenueEvent, Ongoing] = {}

    def carry_out(self, deed: VenueEvent, now: float, duration_s: float | None = None) -> bool:
        """
        Carry out an event, unless it has nothing to act on or lasts already.

        Args:
            duration_s: How long it lasts, if it does; ``None`` leaves it to chance.
        """
        if deed in self._lasting:
            return False
        outcome = self._doers[deed](now)
        if not outcome:
            return False
        self._faults.count(deed.value)
        if isinstance(outcome, Ongoing):
            self._lasting[deed] = outcome
            self._schedule_end(deed, outcome, now, duration_s)
        return True

    def heal(self, now: float) -> None:
        """End all lasting events, in the order in which they began."""
        while self._lasting:
            self._end(next(iter(self._lasting)), now)

    def _schedule_end(
        self, deed: VenueEvent, lasting: Ongoing, now: float, duration_s: float | None
    ) -> None:
        for_s = lasting.for_s if lasting.for_s is not None else duration_s
        if for_s is None:
            for_s = self._faults.random.uniform(*lasting.about_s)
        if for_s < _FOR_EVER:
            self._ground.agenda.at(now + for_s, partial(self._expire, deed, lasting))

    def _expire(self, deed: VenueEvent, lasting: Ongoing, now: float) -> None:
        # It may have been healed, and even begun again, since.
        if self._lasting.get(deed) is lasting:
            self._end(deed, now)

    def _end(self, deed: VenueEvent, now: float) -> None:
        self._lasting.pop(deed).end(now)


def _doers(ground: VenueHandle) -> Mapping[VenueEvent, EventHandler]:
    account, market, rule = AccountDeeds(ground), MarketDeeds(ground), RuleDeeds(ground)
    return {
        VenueEvent.CLOSE_ACCOUNT_SOCKETS: account.close_sockets(account=True),
        VenueEvent.CLOSE_TRADE_SOCKETS: account.close_sockets(account=False),
        VenueEvent.FILL_AND_CUT: account.fill_and_cut,
        VenueEvent.OVERFILL: account.overfill,
        VenueEvent.TRADE_BY_HAND: account.trade_by_hand,
        VenueEvent.ORDER_BY_HAND: account.order_by_hand,
        VenueEvent.WITHDRAW: account.withdraw,
        VenueEvent.DROP_ORDERS: account.drop_orders(silently=False),
        VenueEvent.DROP_ORDERS_SILENTLY: account.drop_orders(silently=True),
        VenueEvent.EMPTY_SIDE: market.thin(0),
        VenueEvent.SINGLE_LEVEL: market.thin(1),
        VenueEvent.FLASH_MOVE: market.flash,
        VenueEvent.TOXIC_FLOW: market.toxic,
        VenueEvent.SUSPEND_PAIR: rule.suspend,
        VenueEvent.RESTRICT_ORDER_TYPES: rule.restrict,
        VenueEvent.RAISE_MINIMUMS: rule.raise_minimums,
        VenueEvent.COARSEN_TICK: rule.coarsen_tick,
        VenueEvent.CHANGE_FEES: rule.change_fees,
        VenueEvent.READ_ONLY: rule.read_only,
        VenueEvent.CLOCK_WRONG: rule.set_clock_wrong,
        VenueEvent.WITHHOLD_BALANCES: rule.withhold(Part.BALANCES),
        VenueEvent.WITHHOLD_PAIRS: rule.withhold(Part.PAIRS),
        VenueEvent.WITHHOLD_ORDER_TYPES: rule.withhold(Part.ORDER_TYPES),
        VenueEvent.WITHHOLD_OPEN_ORDERS: rule.withhold(Part.OPEN_ORDERS),
    }
