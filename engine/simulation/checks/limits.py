"""Checks of exposure, request rates and queue lengths: I4, I8 and I11."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.departures import Departure
from engine.simulation.site import Site
from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId, Pair, StrategyName, strategy_of
from trading.core.market import Side
from trading.risk import RiskLimits
from trading.venues.valr.simulator.accounts.orders import VenueOrder

_CONNECTIONS_PER_MINUTE = 20
_COUNTED_EVERY_S = 5
_MINUTE_S = 60.0
_TASKS_MAX = 300
_LINKS_MAX = 200


class Exposure(Check):
    """
    I4. Were every bid to fill and no ask, or the other way round, every holding would be allowed.

    A person's trades on the same account are not the engine's: from then on until the next calm
    the exposure is not checked.
    """

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._arriving: dict[str, Departure] = {}

    @override
    def departed(self, departure: Departure) -> None:
        self._arriving[departure.client_order_id] = departure
        self._forget_arrived()
        strategy = strategy_of(ClientOrderId(departure.client_order_id))
        limits = self.site.risk_limits[strategy]
        notional = departure.price * departure.quantity
        if limits.max_order_notional is not None and notional > limits.max_order_notional:
            self.violated("I4", f"{departure.client_order_id} is worth {notional}")
        at_stake = self._at_stake(departure.pair)
        for side, count in self._counted(strategy, departure.pair).items():
            if count > limits.max_orders_per_side:
                self.violated("I4", f"{count} orders of {strategy} on the {side.value} side")
        if not self.site.meddled:
            self._compare(departure.pair, departure.side, at_stake, limits)

    def _counted(self, strategy: StrategyName, pair: Pair) -> Mapping[Side, int]:
        """The orders of one strategy: others on the pair have a number of their own."""
        count = {Side.BUY: 0, Side.SELL: 0}
        named = [(o.side, o.customer_order_id, o.pair) for o in self.site.open_orders()]
        named += [(o.side, o.client_order_id, o.pair) for o in self._arriving.values()]
        for side, name, of_pair in named:
            if of_pair == pair and strategy_of(ClientOrderId(str(name))) == strategy:
                count[side] += 1
        return count

    def _at_stake(self, pair: Pair) -> dict[Side, list[tuple[Decimal, Decimal]]]:
        """Prices and quantities, at the venue and on their way there."""
        grid = self.site.exchange.venue.listings[pair].grid
        at_stake: dict[Side, list[tuple[Decimal, Decimal]]] = {Side.BUY: [], Side.SELL: []}
        for order in self.site.open_orders():
            if order.pair == pair:
                quantity = grid.quantity(order.remaining)
                at_stake[order.side].append((grid.price(order.price), quantity))
        for one in self._arriving.values():
            if one.pair == pair:
                at_stake[one.side].append((one.price, one.quantity))
        return at_stake

    def _compare(
        self,
        pair: Pair,
        side: Side,
        at_stake: Mapping[Side, Sequence[tuple[Decimal, Decimal]]],
        limits: RiskLimits,
    ) -> None:
        rules = self.site.exchange.venue.listings[pair].rules
        account = self.site.exchange.venue.accounts[self.site.account.api_key]
        base, quote = account.balance(rules.base).total, account.balance(rules.quote).total
        bought = sum((quantity for _, quantity in at_stake[Side.BUY]), ZERO)
        sold = sum((quantity for _, quantity in at_stake[Side.SELL]), ZERO)
        spent = sum((price * quantity for price, quantity in at_stake[Side.BUY]), ZERO)
        for holding in beyond(side, limits, base=(base - sold, base + bought), quote=quote - spent):
            self.violated("I4", f"a holding could become {holding} ({pair})")

    def _forget_arrived(self) -> None:
        self._arriving = {name: one for name, one in self._arriving.items() if one.on_the_way}

    @override
    def ordered(self, order: VenueOrder) -> None:
        self._arriving.pop(str(order.customer_order_id), None)


def beyond(
    side: Side, limits: RiskLimits, *, base: tuple[Decimal, Decimal], quote: Decimal
) -> list[Decimal]:
    """
    Holdings that an order makes possible and a limit forbids.

    A deposit can bring a holding beyond a limit; an order that sells adds nothing to that.

    Args:
        side: Of the order that departs.
        base: The least and the most that could be held of it.
        quote: The least that could be held of it.
    """
    least, most = base
    if side is Side.SELL:
        low = limits.min_base_holding
        return [least] if low is not None and least < low else []
    high, low = limits.max_base_holding, limits.min_quote_holding
    found = [most] if high is not None and most > high else []
    return [*found, quote] if low is not None and quote < low else found


class Rates(Check):
    """I8. The venue never has to refuse the engine for asking too often."""

    @override
    def second(self) -> None:
        if self.site.exchange.limits_exceeded:
            lanes = ", ".join(sorted(self.site.exchange.limits_exceeded))
            self.violated("I8", f"the venue's limits were exceeded: {lanes}")
        sockets = self.site.internet.sockets_of
        process = self.site.process
        if process is None:
            return
        asked = sockets.get(process.number, ())
        if len(asked) <= _CONNECTIONS_PER_MINUTE:  # nearly always: ever, then
            return
        recent = [at for at in asked if self.now - at < _MINUTE_S]
        if len(recent) > _CONNECTIONS_PER_MINUTE:
            self.violated("I8", f"{len(recent)} sockets asked for within a minute")


class Bounds(Check):
    """I11. Nothing piles up."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._seconds = 0

    @override
    def second(self) -> None:
        self._seconds += 1
        # A growing queue stays for longer than that, and counting takes time.
        if self._seconds % _COUNTED_EVERY_S:
            return
        links = sum(not link.given_up for link in self.site.internet.links)
        if links > _LINKS_MAX:
            self.violated("I11", f"{links} connections")
        process = self.site.process
        if process is None or process.system is None:
            return
        if (tasks := process.tasks_living()) > _TASKS_MAX:
            self.violated("I11", f"{tasks} tasks")
        for name, wire in process.system.wires.mailboxes().items():
            statistics = wire.send.statistics()
            if statistics.current_buffer_used > statistics.max_buffer_size:
                self.violated("I11", f"the mailbox {name} holds more than it may")
