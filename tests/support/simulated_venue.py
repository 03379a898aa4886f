"""Our simulated VALR behind a memory network, and all that a client of it needs."""

from collections.abc import Sequence
from random import Random

import attrs
import msgspec
import trio
from msgspec.structs import replace

from actors.net.network import Address
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from actors.net.venue_socket import VenueSocket
from actors.ports.ports import Latest
from actors.ports.tap import Tap
from actors.simulated_exchange import SimulatedExchangeActor
from tests.support.doors import Door
from tests.support.memory_network import MemoryNetwork
from trading.core.decimals import decimal_text
from trading.core.identifiers import Currency, VenueOrderId
from trading.decisions.decision import Quote
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.interface import Call, MarketVenue
from trading.venues.rate_limits import RateBudget
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, DemoAccount, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.venue import Valr

EPOCH_NS = 1_790_133_597_000_000_000

QUIET = SyntheticFlow(
    limit_orders_per_s=1e-6, market_orders_per_s=1e-6, lifetime_s=1e9, half_spread=0.02
)
"""A wide market around 0.1 USDT in which nothing happens by itself."""

STRANGER = DemoAccount(
    api_key="0f" * 32,
    api_secret="1e" * 32,
    balances={
        Currency("USDT"): DEMO_ACCOUNT.balances[Currency("USDT")],
        Currency("DOGE"): DEMO_ACCOUNT.balances[Currency("DOGE")],
    },
)


def wall_clock() -> int:
    return EPOCH_NS + round(trio.current_time() * 1e9)


@attrs.frozen(kw_only=True)
class SimulatedVenue:
    """
    A served exchange.

    Args:
        rest_door: What ``rest`` goes through.
        socket_door: What ``socket`` goes through.
    """

    exchange: SimulatedExchange
    network: MemoryNetwork
    address: Address
    venue: Valr
    rest_door: Door
    socket_door: Door
    rest: VenueRest
    socket: VenueSocket

    def heal(self) -> None:
        """End every trouble of the network."""
        for door in (self.rest_door, self.socket_door):
            door.refuses = door.silent = door.mute = door.deaf = False
            door.last, door.late_s, door.slow_s = None, 0.0, 0.0

    def open_orders(self, account: DemoAccount = DEMO_ACCOUNT) -> Sequence[VenueOrder]:
        return self.exchange.venue.orders.open_of(account.api_key)

    async def order(
        self, quote: Quote, *, name: str = "", account: DemoAccount = DEMO_ACCOUNT
    ) -> VenueOrder:
        """Somebody places an order by REST, whatever an engine of theirs may know of it."""
        body = {
            "side": quote.side.name,
            "pair": "DOGEUSDT",
            "quantity": decimal_text(quote.quantity),
            "price": decimal_text(quote.price),
            **({"customerOrderId": name} if name else {}),
        }
        call = Call(
            verb="POST",
            path="/v1/orders/limit",
            body=msgspec.json.encode(body).decode(),
            decode=lambda answer: str(msgspec.json.decode(answer)["id"]),
        )
        order_id = await self._by_hand(account).call(call)
        order = self.exchange.venue.orders.find(account.api_key, order_id)
        assert order is not None
        return order

    async def trade_against(self, quote: Quote) -> None:
        """A stranger takes what we show."""
        await self.order(replace(quote, side=quote.side.opposite), account=STRANGER)

    async def cancel_all(self) -> None:
        """Our orders are cancelled behind the engine's back."""
        for order in self.open_orders():
            cancel = self.venue.cancel(order.pair, VenueOrderId(order.order_id), None)
            await self._by_hand(DEMO_ACCOUNT).call(cancel)

    def _by_hand(self, account: DemoAccount) -> VenueRest:
        venue = Valr(Signer(account.api_key, account.api_secret, wall_clock))
        return rest_to(self.address, Door(self.network), venue=venue)


def rest_to(
    address: Address, door: Door, *, venue: MarketVenue | None = None, tap: Tap | None = None
) -> VenueRest:
    """A REST client with a good key and a deadline of ten seconds."""
    return VenueRest(
        venue or valr(),
        door,
        lambda: address,
        answer_deadline_s=10,
        gate=open_gate(),
        tap=tap,
    )


def socket_to(
    address: Address, door: Door, *, venue: Valr | None = None, gate: RateGate | None = None
) -> VenueSocket:
    gate = gate or open_gate()
    return VenueSocket(
        venue=venue or valr(),
        network=door,
        address=lambda: address,
        connect_deadline_s=10,
        ping_interval_s=15,
        pong_deadline_s=10,
        rest=VenueRest(venue or valr(), door, lambda: address, answer_deadline_s=10, gate=gate),
        gate=gate,
    )


def open_gate() -> RateGate:
    """A gate that lets everything pass: the simulated venue counts for itself."""
    return RateGate(RateBudget(()))


def valr(api_secret: str = DEMO_ACCOUNT.api_secret) -> Valr:
    return Valr(Signer(DEMO_ACCOUNT.api_key, api_secret, wall_clock))


QUIET_EXCHANGE = ExchangeSettings(
    pairs=DEFAULT_PAIRS[:2], synthetic=QUIET, accounts=(DEMO_ACCOUNT, STRANGER)
)


async def serve_exchange(
    nursery: trio.Nursery, settings: ExchangeSettings = QUIET_EXCHANGE
) -> SimulatedVenue:
    """Serve an exchange with a quiet market in a nursery."""
    exchange = SimulatedExchange(settings, Random(1), EPOCH_NS)
    network, listening = MemoryNetwork(), Latest[int]()
    server = SimulatedExchangeActor(
        network=network,
        exchange=exchange,
        listening=listening,
        ended=Latest[str](),
        began_at=trio.current_time(),
    )
    await nursery.start(server.run)
    port = listening.read()
    assert port is not None
    address = Address(host="127.0.0.1", port=port, tls=False)
    rest_door, socket_door = Door(network), Door(network)
    venue = valr()
    return SimulatedVenue(
        exchange=exchange,
        network=network,
        address=address,
        venue=venue,
        rest_door=rest_door,
        socket_door=socket_door,
        rest=rest_to(address, rest_door, venue=venue),
        socket=socket_to(address, socket_door, venue=venue),
    )
