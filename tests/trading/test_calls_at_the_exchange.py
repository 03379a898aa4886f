"""Every REST call of ours, answered by the simulated exchange: the two halves test each other."""

from decimal import Decimal
from typing import TypeVar

import attrs
import pytest

from tests.trading.simulator.rig import DOGE, EPOCH_NS, an_exchange
from trading.core.errors import Rejected
from trading.core.identifiers import ClientOrderId, Currency, Pair, StrategyName, VenueOrderId
from trading.core.market import PriceLevel, Side, Trade
from trading.orders.order import Order, OrderEvent
from trading.venues.interface import Call
from trading.venues.standing import VenueStatus
from trading.venues.valr.rest import account as requests
from trading.venues.valr.rest import market as market_requests
from trading.venues.valr.rest import orders as order_requests
from trading.venues.valr.rest.market import ListedOrder
from trading.venues.valr.rest.orders import Leg, LegKind, MatchStrategy, StopKind
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.venue import Valr

T = TypeVar("T")
D = Decimal


@attrs.define
class Trader:
    """Makes calls as the engine does: signed, sent, judged and decoded."""

    exchange: SimulatedExchange
    venue: Valr

    def call(self, call: Call[T]) -> T:
        sent = self.venue.sign(call)
        response = self.exchange.request(
            sent.verb, sent.path, sent.headers, sent.body.encode(), self.exchange.now
        )
        return call.decode(self.venue.verdict(response.status, response.body))

    @property
    def best_bid(self) -> Decimal:
        [level, *_] = self.call(market_requests.aggregated_book(DOGE)).bids
        return level.price


@pytest.fixture
def trader() -> Trader:
    exchange = an_exchange()
    exchange.advance(90.0)
    signer = Signer(DEMO_ACCOUNT.api_key, DEMO_ACCOUNT.api_secret, lambda: EPOCH_NS)
    return Trader(exchange, Valr(signer))


def an_order(name: str, price: Decimal, side: Side = Side.BUY) -> Order:
    return Order(
        client_order_id=ClientOrderId(name),
        strategy=StrategyName("s"),
        pair=DOGE,
        side=side,
        price=price,
        quantity=D(40),
        created_at=0.0,
        changed_at=0.0,
    )


def test_the_market_can_be_asked_about_in_every_way(trader: Trader) -> None:
    assert trader.call(market_requests.status()) is VenueStatus.ONLINE
    assert trader.call(market_requests.server_time()) == EPOCH_NS + 90 * 10**9
    names = {info.currency for info in trader.call(market_requests.currencies())}
    assert {Currency("DOGE"), Currency("ZAR")} <= names
    assert "LIMIT" in trader.call(market_requests.order_types())[DOGE]
    assert trader.call(market_requests.market_summary(DOGE)).best_bid == trader.best_bid


@pytest.mark.parametrize("public", [True, False])
def test_both_books_by_rest_are_of_one_market(trader: Trader, *, public: bool) -> None:
    levels = trader.call(market_requests.aggregated_book(DOGE, public=public))
    orders = trader.call(market_requests.full_book(DOGE, public=public))

    best = levels.bids[0]
    assert isinstance(best, PriceLevel)
    at_best = [
        order
        for order in orders.bids
        if isinstance(order, ListedOrder) and order.price == best.price
    ]
    assert [order.position for order in at_best] == list(range(1, len(at_best) + 1))
    assert sum((order.quantity for order in at_best), D(0)) == best.quantity


def test_trades_come_newest_first_and_candles_are_made_of_them(trader: Trader) -> None:
    trades: list[Trade] = []
    page = trader.call(market_requests.trades(DOGE))
    while page:
        trades += page
        page = trader.call(market_requests.trades(DOGE, before_id=trades[-1].trade_id))
    start_s = EPOCH_NS // 10**9 - 60
    candles = trader.call(
        market_requests.candles(DOGE, period_s=60, start_s=start_s, end_s=start_s + 300)
    )

    times = [trade.traded_at_ms for trade in trades]
    assert len(times) > 100
    assert times == sorted(times, reverse=True)
    assert sum((candle.volume for candle in candles), D(0)) == sum(
        (trade.quantity for trade in trades), D(0)
    )


@pytest.mark.parametrize("version", [1, 2])
def test_an_order_is_placed_found_changed_and_cancelled(trader: Trader, version: int) -> None:
    price = trader.best_bid - D("0.005")
    payload = order_requests.limit_payload(an_order("q-1", price))
    order_id = trader.call(order_requests.place_limit(payload, version=version))

    [report] = trader.call(requests.open_orders())
    assert (report.venue_order_id, report.client_order_id) == (order_id, "q-1")
    assert trader.call(order_requests.order_status(DOGE, order_id)).event is OrderEvent.RESTING

    smaller = order_requests.modify_payload(
        DOGE, order_id, strategy=MatchStrategy.RETAIN_ORIGINAL, remaining_quantity=D(20)
    )
    trader.call(order_requests.modify(smaller, version=version))
    [report] = trader.call(requests.open_orders())
    assert (report.venue_order_id, report.remaining_quantity) == (order_id, D(20))
    assert report.event is OrderEvent.RESTING

    cancel = order_requests.cancel_payload(DOGE, order_id, None)
    trader.call(order_requests.cancel(cancel, version=version))
    assert not trader.call(requests.open_orders())
    assert trader.call(order_requests.order_status(DOGE, order_id)).event is OrderEvent.CANCELLED
    assert order_id in [report.venue_order_id for report in trader.call(order_requests.history())]


def test_a_market_order_is_filled_and_its_fills_are_listed_by_pair(trader: Trader) -> None:
    payload = order_requests.market_payload(DOGE, Side.BUY, ClientOrderId("m-1"), base_amount=D(40))
    order_id = trader.call(order_requests.place_market(payload))

    fills = trader.call(order_requests.fills_of(DOGE))
    assert {fill.venue_order_id for fill in fills} == {order_id}
    assert sum((fill.quantity for fill in fills), D(0)) == 40
    assert {fill.trade_id for fill in fills} == {
        fill.trade_id for fill in trader.call(requests.fills())
    }


def test_a_stop_waits_until_it_is_cancelled_with_everything_else(trader: Trader) -> None:
    price = trader.best_bid
    stop = order_requests.stop_payload(
        an_order("s-1", price - D("0.01"), Side.SELL),
        StopKind.STOP_LOSS_LIMIT,
        price - D("0.005"),
    )
    trader.call(order_requests.place_stop_limit(stop))
    [report] = trader.call(requests.open_orders())
    assert report.status_text == "Active"

    assert trader.call(order_requests.cancel_all(DOGE)) == [report.venue_order_id]
    assert not trader.call(order_requests.cancel_all())
    assert not trader.call(requests.open_orders())


def test_a_batch_says_of_each_leg_what_became_of_it(trader: Trader) -> None:
    price = trader.best_bid - D("0.005")
    too_small = {**order_requests.limit_payload(an_order("b-2", price)), "quantity": "1"}
    good, bad = trader.call(
        order_requests.batch(
            [
                Leg(
                    kind=LegKind.PLACE_LIMIT,
                    payload=order_requests.limit_payload(an_order("b-1", price)),
                ),
                Leg(kind=LegKind.PLACE_LIMIT, payload=too_small),
            ]
        )
    )
    assert good.accepted
    assert good.order_id is not None
    assert (bad.accepted, bad.code) == (False, -12007)
    assert "Minimum" in bad.reason


def test_requests_that_make_no_sense_are_refused_before_they_are_sent() -> None:
    with pytest.raises(ValueError, match="either a base or a quote"):
        order_requests.market_payload(DOGE, Side.BUY, ClientOrderId("m"))
    with pytest.raises(ValueError, match="changes the price or the quantity"):
        order_requests.modify_payload(DOGE, VenueOrderId("v"), strategy=MatchStrategy.REPRICE)
    with pytest.raises(ValueError, match="1 to 20 legs"):
        order_requests.batch([])
    legs = [Leg(kind=kind, payload={}) for kind in (LegKind.MODIFY_ORDER, LegKind.PLACE_LIMIT)]
    with pytest.raises(ValueError, match="-21311"):
        order_requests.batch(legs)


def test_our_key_says_what_it_may_do(trader: Trader) -> None:
    key = trader.call(order_requests.key_info())
    assert key.permissions == {"View access", "Trade"}
    assert key.views
    assert key.trades
    assert not key.withdraws
    assert not key.more
    assert key.addresses is None


def test_an_unknown_pair_is_refused_and_not_guessed(trader: Trader) -> None:
    with pytest.raises(Rejected, match="Unsupported Currency Pair"):
        trader.call(market_requests.aggregated_book(Pair("NOPEZAR"), public=True))
