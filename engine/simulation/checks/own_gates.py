"""Sides that the user's own configuration keeps shut, which is no failure of liveness."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs
from typing_extensions import override

from engine.simulation.checks.base import LIFE_OVER, Check
from engine.simulation.process import Process
from engine.simulation.site import Site
from trading.core.fees import Fees
from trading.core.identifiers import StrategyName
from trading.core.market import Balance, PriceLevel, Side, TopOfBook
from trading.orders.completed import CompletedOrders
from trading.risk import RiskLimits
from trading.strategies import avellaneda_stoikov, pure_market_making
from trading.strategies.interface import View
from trading.strategies.pure_market_making.features import TradingWindow
from trading.strategies.pure_market_making.propose import propose_around
from trading.strategies.pure_market_making.reference import Reference
from trading.strategies.pure_market_making.window import window_gate
from trading.venues.valr.simulator.core.listing import Listing

_GATEWAY, _STRATEGY = "order gateway", "strategy "
_SLACK_S = 5.0
"""From an event to the engine's reaction."""

_SLACK_TRADES = 2

_CONFIGURED = frozenset(
    {
        *("ping_pong", "inventory_skew", "no_level", "budget"),
        *("price_ceiling", "price_floor", "inventory_cost_unknown"),
        # What an inventory skew has made very small.
        *("quantity_too_small", "trading_rule"),
    }
)
"""Gates of pure market making that shut a side by configuration."""


Filled = Mapping[Side, int]
_NONE_FILLED: Filled = MappingProxyType(dict.fromkeys(Side, 0))


_NO_ANSWER = frozenset({"no_optimum", "price_not_positive"})
"""Gates of a formula that finds no price."""

_NEARLY = Decimal("0.9")
"""The middle of the book has moved since the strategy looked at it."""


@attrs.define
class Known:
    """
    A strategy's knowledge, reconstructed from outside.

    Fills that come at one moment may be seen one by one or all at once, and ping-pong forgets them
    whenever it sees as many of one side as of the other: both ways are kept.

    Args:
        one_by_one: By side, orders filled whole that ping-pong has not seen answered.
        at_once: The same, before those of the last moment are compared.
        filled_at: Simulated seconds of the last fill.
        ready_s: For how long its present life could look at the market.
        trades: Anyone's, in that time.
    """

    one_by_one: Filled = _NONE_FILLED
    at_once: Filled = _NONE_FILLED
    filled_at: float = float("-inf")
    ready_s: float = 0.0
    trades: int = 0

    def fill(self, side: Side, at: float) -> None:
        if at > self.filled_at:
            self.at_once = _unanswered(self.at_once)
        self.filled_at = at
        self.at_once = {**self.at_once, side: self.at_once[side] + 1}
        self.one_by_one = _unanswered({**self.one_by_one, side: self.one_by_one[side] + 1})

    @property
    def filled(self) -> tuple[Filled, ...]:
        """The fills that ping-pong may count now."""
        return self.one_by_one, _unanswered(self.at_once)


def _unanswered(filled: Filled) -> Filled:
    return _NONE_FILLED if filled[Side.BUY] == filled[Side.SELL] else filled


class OwnGates(Check):
    """
    Works out which sides a strategy may rightly leave without quotes.

    What the engine says of its gates is not asked. The strategy's pure function is, but about the
    venue's own book and balances, and about the fills as they were told: an engine that takes them
    for others shuts what is not shut here. Only what the formula of Avellaneda and Stoikov makes
    of a market cannot be told from outside: there the strategy is believed.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._known = {name: Known() for name in site.settings.strategies}
        self._told: set[str] = set()
        self._last_trade: dict[str, str] = {}

    @override
    def ended(self, process: Process) -> None:
        self._begin_anew()

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        event, actor = entry["event"], str(entry.get("actor", ""))
        if event in LIFE_OVER and actor == _GATEWAY:
            self._begin_anew()
        elif event in LIFE_OVER and actor.startswith(_STRATEGY):
            known = self._known[StrategyName(actor.removeprefix(_STRATEGY))]
            known.ready_s, known.trades = 0.0, 0
        elif event == "order_filled" and entry["order"] not in self._told:
            self._told.add(str(entry["order"]))
            self._known[entry["strategy"]].fill(Side(entry["side"]), self.now)

    def _begin_anew(self) -> None:
        """The count of fills ends with the gateway's life, or with its process."""
        self._known = {name: Known() for name in self._known}

    @override
    def second(self) -> None:
        process = self.site.process
        ports = {} if process is None or process.system is None else process.system.wires.strategies
        for name, strategy in self.site.settings.strategies.items():
            traded = self._traded(self.site.exchange.venue.listings[strategy.pair])
            lease = ports[name].readiness.peek() if name in ports else None
            if lease is not None and lease.holds_at(self.now):
                self._known[name].ready_s += 1.0
                self._known[name].trades += traded

    def _traded(self, listing: Listing) -> int:
        """How often since the last look."""
        pair, count = listing.rules.symbol, 0
        for trade in reversed(listing.trades):
            if trade.trade_id == self._last_trade.get(pair):
                break
            count += 1
        if listing.trades:
            self._last_trade[pair] = listing.trades[-1].trade_id
        return count

    def shut(self, name: StrategyName) -> frozenset[Side]:
        """The sides that the configuration keeps without quotes now."""
        parameters = getattr(self.site.settings.strategies[name].strategy(), "parameters", None)
        view = self._view(name)
        if view is None:
            return frozenset()
        known = self._known[name]
        delay_s = getattr(parameters, "filled_order_delay", 0.0)
        if self.now <= known.filled_at + delay_s + _SLACK_S or _outside(view, parameters):
            return frozenset(Side)
        if isinstance(parameters, avellaneda_stoikov.Parameters):
            if _learns(known, parameters):
                return frozenset(Side)
            wanted = self._within_reach(name, view, parameters)
        elif isinstance(parameters, pure_market_making.Parameters):
            wanted = _wanted(view, parameters, known)
        else:
            return frozenset()
        limits = self.site.risk_limits[name]
        if self._far_from_the_last_trade(view, limits):
            return frozenset(Side)
        return frozenset(
            side for side in Side if side not in wanted or _beyond(limits, view, side, wanted[side])
        )

    def _far_from_the_last_trade(self, view: View, limits: RiskLimits) -> bool:
        """Whether the book has moved away from the last trade by more than the collar allows."""
        listing = self.site.exchange.venue.listings[view.instrument.pair]
        last = listing.grid.price(listing.last)
        return abs(view.top.mid_price - last) > limits.last_trade_collar * last * _NEARLY

    def _within_reach(
        self, name: StrategyName, view: View, parameters: avellaneda_stoikov.Parameters
    ) -> dict[Side, Decimal]:
        """The quantity of each side that the formula does not put beyond the user's collar."""
        process, wanted = self.site.process, dict.fromkeys(Side, parameters.order_amount)
        system = None if process is None else process.system
        decision = None if system is None else system.wires.strategies[name].decision.peek()
        if decision is None:
            return wanted
        if any(gate.code in _NO_ANSWER for gate in decision.gates):
            return {}
        mid = view.top.mid_price
        reach = self.site.risk_limits[name].price_collar * mid * _NEARLY
        for side in Side:
            prices = [quote.price for quote in decision.wanted if quote.side is side]
            if prices and all(abs(price - mid) > reach for price in prices):
                del wanted[side]
        return wanted

    def _view(self, name: StrategyName) -> View | None:
        """The view that the strategy would have without delays; ``None`` if there is none."""
        process, site = self.site.process, self.site
        if process is None or process.system is None:
            return None
        port = process.system.wires.strategies[name]
        instrument, listing = port.instrument.peek(), site.exchange.venue.listings[port.pair]
        bid, ask = listing.market.bids.best(), listing.market.asks.best()
        if instrument is None or bid is None or ask is None:
            return None
        account = site.exchange.venue.accounts[site.account.api_key]
        one = instrument.lot_size
        return View(
            now=self.now,
            instrument=instrument,
            top=TopOfBook(
                pair=port.pair,
                bids=(PriceLevel(listing.grid.price(bid), one),),
                asks=(PriceLevel(listing.grid.price(ask), one),),
                sequence=0,
                received_at=self.now,
            ),
            balances={
                currency: Balance(
                    currency=currency,
                    available=account.balance(currency).total,
                    reserved=account.balance(currency).total * 0,
                )
                for currency in (instrument.base, instrument.quote)
            },
            fees=Fees(
                maker=site.settings.simulator.maker_fee, taker=site.settings.simulator.taker_fee
            ),
            orders=(),
            completed=CompletedOrders(),
            unix_s=site.wall_clock() / 1e9,
        )


def _outside(view: View, parameters: Any) -> bool:
    window: TradingWindow | None = getattr(parameters, "trading_window", None)
    return window is not None and window_gate(view, window) is not None


def _learns(known: Known, parameters: avellaneda_stoikov.Parameters) -> bool:
    """Whether the strategy may still lack samples of the market."""
    compat = parameters.compat is not None
    samples = parameters.volatility_buffer_size if compat else parameters.estimator_minimum_samples
    trades = (
        parameters.trading_intensity_buffer_size if compat else parameters.estimator_minimum_samples
    )
    return (
        known.ready_s <= samples * parameters.volatility_sample_interval + _SLACK_S
        or known.trades <= trades + _SLACK_TRADES
    )


def _wanted(
    view: View, parameters: pure_market_making.Parameters, known: Known
) -> dict[Side, Decimal]:
    """
    The smallest quantity of each side that is wanted at all.

    A side of which anything but the configuration has taken a part counts as wanted.
    """
    price = view.top.mid_price
    reference = Reference(price=price, sell_price=price)
    wanted, emptied = dict.fromkeys(Side, parameters.order_amount), set[Side]()
    for filled in known.filled:
        state = pure_market_making.State(
            filled_buys=filled[Side.BUY], filled_sells=filled[Side.SELL]
        )
        proposal = propose_around(reference, view, parameters, state)
        for side in Side:
            codes = {gate.code for gate in proposal.gates if gate.side in (None, side)}
            if quotes := proposal.of(side):
                wanted[side] = min(wanted[side], *(quote.quantity for quote in quotes))
            elif codes and codes <= _CONFIGURED:
                emptied.add(side)
    return {side: quantity for side, quantity in wanted.items() if side not in emptied}


def _beyond(limits: RiskLimits, view: View, side: Side, quantity: Decimal) -> bool:
    """Whether the account is so near to the end of what it may hold that no such order may go."""
    base, quote = (
        view.balances[currency].total for currency in (view.instrument.base, view.instrument.quote)
    )
    price = view.top.best_bid if side is Side.BUY else view.top.best_ask
    if side is Side.BUY:
        left, low = quote - quantity * price, limits.min_quote_holding
        held, high = base + quantity, limits.max_base_holding
    else:
        left, low = base - quantity, limits.min_base_holding
        held, high = quote + quantity * price, limits.max_quote_holding
    return (low is not None and left < low) or (high is not None and held > high)
