"""The catalogue names everything, and a seed makes everything of it happen, the same each time."""

import hashlib
import re
from decimal import Decimal
from random import Random

from tests.trading.simulator.random_flow import Trader
from tests.trading.simulator.rig import DOGE, OTHER_ACCOUNT, Client, an_exchange, doge_settings
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.simulator.clearing.settlement import totals
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.simulator.faults.catalogue import CATALOGUE, NOT_THE_VENUES
from trading.venues.valr.simulator.faults.events import VenueEvent
from trading.venues.valr.simulator.sockets.feeds import Feed

_STEPS_MAX = 1000


def test_every_fault_of_venues_is_made_here_or_it_is_said_why_not() -> None:
    venue = {f"V{number:02}" for number in range(1, 48)}
    assert {i for i in CATALOGUE if i.startswith("V")} == venue - set(NOT_THE_VENUES)
    assert all(re.fullmatch(r"[NV][0-9]{2}", name) for name in {*CATALOGUE, *NOT_THE_VENUES})
    assert list(CATALOGUE) == sorted(CATALOGUE)


def test_everything_that_can_happen_is_in_the_catalogue_under_a_name_of_its_own() -> None:
    listed = {way for entry in CATALOGUE.values() for way in entry.ways}
    assert listed == {*Fault, *VenueEvent}
    names = [way.value for way in (*Fault, *VenueEvent)]
    assert len(set(names)) == len(names)


class _Storm:
    """Everything at once at one exchange, and a hash of all that anybody is sent."""

    def __init__(self, seed: int, chance: float) -> None:
        plan = FaultPlan(probabilities=dict.fromkeys(Fault, chance))
        self.exchange = an_exchange(seed=seed, settings=doge_settings(faults=plan))
        self.hash = hashlib.sha256()
        self._random = Random(seed)
        self._accounts = [Client(self.exchange, a) for a in (DEMO_ACCOUNT, OTHER_ACCOUNT)]
        self._watcher = Client(self.exchange)

    def step(self) -> None:
        exchange, random = self.exchange, self._random
        self._reconnect()
        client = random.choice(self._accounts)
        for each, side, price in ((self._accounts[0], "BUY", "0.09"), (client, "SELL", "0.11")):
            each.place(side=side, price=price, postOnly=random.random() < 0.3)
        client.say({"type": "PING"})
        Trader(client, random).act()
        exchange.carry_out(random.choice(list(VenueEvent)), exchange.now, random.uniform(0.5, 3.0))
        for target in (
            "/v1/account/tradehistory?skip=1",
            "/v1/orders/history?showZeroVolumeCancels=true",
            f"/v1/public/{DOGE}/orderbook",
        ):
            self.hash.update(client.request("GET", target).body)
        orders = exchange.venue.orders.open_of(client.account.api_key)
        if orders:
            order = random.choice(orders)
            payload = {"orderId": order.order_id, "pair": DOGE}
            client.say({"type": "CANCEL_LIMIT_ORDER", "clientMsgId": "c", "payload": payload})
            client.request("GET", f"/v1/orders/{DOGE}/orderid/{order.order_id}")
        exchange.advance(exchange.now + random.choice([0.0, 0.5]))
        for each in (self._watcher, *self._accounts):
            self.hash.update(repr(each.frames()).encode())

    def _reconnect(self) -> None:
        for client in (self._watcher, *self._accounts):
            session = client.session
            if session is not None and session.close_reason is None and not session.half_open:
                continue
            if session is not None:
                self.exchange.close_session(session, self.exchange.now)
            self.exchange.refuse_connection(self.exchange.now)
            client.open("/ws/trade" if client is self._watcher else "/ws/account")
            wanted = [{"event": feed.value, "pairs": [DOGE]} for feed in Feed]
            client.say({"type": "SUBSCRIBE", "subscriptions": wanted})
            client.say({"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": True}})


def _transferred(exchange: SimulatedExchange) -> dict[Currency, Decimal]:
    sums: dict[Currency, Decimal] = {}
    for transfer in exchange.venue.transfers:
        sums[transfer.currency] = sums.get(transfer.currency, ZERO) + transfer.amount
    return sums


def test_a_storm_strikes_with_everything_and_neither_makes_nor_loses_money() -> None:
    storm = _Storm(seed=1, chance=0.2)
    exchange, venue = storm.exchange, storm.exchange.venue
    before = totals(venue.accounts.values(), venue.house)
    missing = {way.value for way in (*Fault, *VenueEvent)}
    for _ in range(_STEPS_MAX):
        storm.step()
        now, moved = totals(venue.accounts.values(), venue.house), _transferred(exchange)
        assert {c: now.get(c, ZERO) - moved.get(c, ZERO) for c in before} == before
        missing -= set(exchange.faults.counts)
        if not missing:
            break
    assert missing == set()
    exchange.heal(exchange.now)
    assert all(amount == ZERO for amount in _transferred(exchange).values())


def test_the_same_seed_is_the_same_storm() -> None:
    hashes = set()
    for _ in range(2):
        storm = _Storm(seed=3, chance=0.1)
        for _ in range(60):
            storm.step()
        hashes.add((storm.hash.hexdigest(), tuple(storm.exchange.faults.counts.items())))
    assert len(hashes) == 1


def test_healing_a_storm_leaves_an_exchange_like_any_other() -> None:
    storm = _Storm(seed=5, chance=0.1)
    for _ in range(60):
        storm.step()
    exchange = storm.exchange
    exchange.heal(exchange.now)
    client = Client(exchange)
    counts = dict(exchange.faults.counts)
    client.open()
    settings = doge_settings()
    listing = exchange.venue.listings[DOGE]
    assert (listing.rules, listing.tick_step) == (settings.pairs[0], 1)
    assert (listing.active, exchange.venue.read_only) == (True, False)
    assert exchange.venue.fees == settings.fees
    assert exchange.venue.ids.ns(0.0) == exchange.epoch_ns
    assert len(client.json("GET", f"/v1/public/{DOGE}/ordertypes")) == 5
    assert len(client.json("GET", "/v1/public/pairs")) == 1
    exchange.advance(exchange.now + 300.0)
    assert min(len(listing.market.bids), len(listing.market.asks)) >= 25
    assert exchange.faults.counts == counts
