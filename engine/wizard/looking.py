"""Looks at a venue for the wizard: its pairs, a book's best prices, and an account's balances."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from config.sections.simulator import SimulatorSettings
from engine.environment.venue_connection import address_of, simulated_rules
from engine.environment.world import World
from engine.wizard.market import Market
from trading.core.errors import Outage
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument
from trading.venues.interface import Venue
from trading.venues.kind import Key, VenueKind
from trading.venues.rate_limits import RateBudget

_ANSWER_S = 10.0
_NO_KEY = Key(api_key="", api_secret="")


def paper_pairs() -> Mapping[Pair, Instrument]:
    """The pairs of the simulated exchange."""
    return {Pair(symbol): rules for symbol, rules in simulated_rules().items()}


def paper_market(instrument: Instrument, world: World) -> Market:
    """A pair of the simulated exchange as `engine run` would begin with it."""
    from engine.environment.simulated_venue import simulated_exchange  # noqa: PLC0415  # for paper
    from engine.views.exchange_snapshot import snapshot_of_exchange  # noqa: PLC0415

    exchange = simulated_exchange(
        SimulatorSettings(), instrument.pair, world, traded=[instrument.pair]
    )
    top = snapshot_of_exchange(exchange, instrument).top
    assert top is not None, "its simulated market has both sides"
    return Market(instrument=instrument, bid=top.best_bid, ask=top.best_ask)


@attrs.frozen(kw_only=True)
class RealVenue:
    """
    A venue elsewhere.

    Args:
        key: Of the account; ``None`` where it is not at hand, and balances are not asked for.
    """

    venue: Venue
    rest: VenueRest
    key: Key | None

    @classmethod
    def at(cls, kind: VenueKind, rest_url: str, key: Key | None, world: World) -> "RealVenue":
        """One at an address."""
        assert kind.trading is not None
        venue = kind.trading(key or _NO_KEY, world.wall_clock, kind.usual_feed)
        address = address_of(rest_url)
        rest = VenueRest(
            venue,
            world.network,
            lambda: address,
            answer_deadline_s=_ANSWER_S,
            gate=RateGate(RateBudget(venue.rate_limits())),
        )
        return cls(venue=venue, rest=rest, key=key)

    async def pairs(self) -> Mapping[Pair, Instrument]:
        """
        Every pair that it lists.

        Raises:
            Outage: It does not answer.
        """
        return await self.rest.call(self.venue.instruments())

    async def market(self, instrument: Instrument) -> Market:
        """
        One pair, and what the account holds of it.

        Raises:
            Outage: It does not answer, or the pair has no book.
            KeyRefused: The key will not do.
        """
        prices = await self.rest.call(self.venue.market_prices(instrument.pair))
        if prices.best_bid is None or prices.best_ask is None:
            raise Outage(f"{instrument.pair} has no prices on both sides now; choose another pair")
        return Market(
            instrument=instrument,
            bid=prices.best_bid,
            ask=prices.best_ask,
            held=None
            if self.key is None
            else await self._held((instrument.base, instrument.quote)),
        )

    async def _held(self, currencies: Sequence[Currency]) -> Mapping[Currency, Decimal]:
        listed = await self.rest.call(self.venue.balances())
        return {each.currency: each.total for each in listed if each.currency in currencies}
