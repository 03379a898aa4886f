"""A pair of a simulated exchange as a snapshot; a running engine loads neither."""

from decimal import Decimal

from engine.views.snapshot import DEPTH, Snapshot
from trading.core.fees import Fees
from trading.core.instrument import Instrument
from trading.core.market import PriceLevel, TopOfBook
from trading.simulator.core.depth import Ladder
from trading.strategies.interface import Prices, ReferencePrice
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.simulator.exchange import SimulatedExchange

_PERCENT = Decimal(100)


def snapshot_of_exchange(exchange: SimulatedExchange, instrument: Instrument) -> Snapshot:
    """A pair of a simulated exchange as its account sees it now."""
    venue = exchange.venue
    listing = venue.listings[instrument.pair]
    grid = listing.grid

    def levels(ladder: Ladder) -> tuple[PriceLevel, ...]:
        pairs = zip(range(DEPTH), ladder.levels(), strict=False)
        return tuple(PriceLevel(grid.price(at), grid.quantity(lots)) for _, (at, lots) in pairs)

    bids, asks = levels(listing.market.bids), levels(listing.market.asks)
    top = None
    if bids and asks and listing.active:
        top = TopOfBook(
            pair=instrument.pair, bids=bids, asks=asks, sequence=0, received_at=exchange.now
        )
    account = venue.accounts[DEMO_ACCOUNT.api_key]
    return Snapshot(
        pair=instrument.pair,
        now=exchange.now,
        unix_s=exchange.epoch_ns / 1e9 + exchange.now,
        instrument=instrument,
        top=top,
        balances={balance.currency: balance for balance in account.balances()},
        fees=Fees(
            maker=venue.fees.maker_percentage / _PERCENT,
            taker=venue.fees.taker_percentage / _PERCENT,
        ),
        prices=Prices(last_trade=ReferencePrice(grid.price(listing.last), exchange.now)),
    )
