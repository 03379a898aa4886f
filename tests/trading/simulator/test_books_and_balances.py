"""What must hold after any flow of orders: one book for all, and no money made or lost."""

import zlib
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.simulator.rig import DOGE, OTHER_ACCOUNT, Client, an_exchange
from trading.simulator.clearing.settlement import totals
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings, Fees
from trading.venues.valr.simulator.exchange import SimulatedExchange

_PLACE = st.fixed_dictionaries(
    {
        "side": st.sampled_from(["BUY", "SELL"]),
        "quantity": st.integers(4, 60_000).map(str),
        "price": st.integers(9900, 10_100).map(lambda ticks: f"0.{ticks:05d}"),
        "timeInForce": st.sampled_from(["GTC", "GTC", "IOC", "FOK"]),
    }
)
_MARKET = st.fixed_dictionaries(
    {
        "side": st.sampled_from(["BUY", "SELL"]),
        "quoteAmount": st.integers(1, 2000).map(str),
    }
)
_ACTIONS = st.lists(
    st.tuples(
        st.sampled_from([DEMO_ACCOUNT, OTHER_ACCOUNT]),
        _PLACE | _MARKET | st.sampled_from(["cancel", "wait"]),
    ),
    max_size=25,
)


class RebuiltBook:
    """What a client makes of the L1 feed."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[Decimal, tuple[str, str]]] = {"a": {}, "b": {}}
        self.sequence = 0

    def apply(self, frame: dict[str, Any]) -> None:
        data = frame["d"]
        if frame["type"] == "OB_L1_DIFF":
            assert data["sq"] == self.sequence + 1
        self.sequence = data["sq"]
        for side, levels in self.sides.items():
            for price, quantity in data[side]:
                if quantity == "0":
                    del levels[Decimal(price)]
                else:
                    levels[Decimal(price)] = (price, quantity)
        bids, asks = self.best("b")[:25], self.best("a")[:25]
        parts = [
            f"{level[0]}:{level[1]}"
            for pair in zip_longest(bids, asks)
            for level in pair
            if level is not None
        ]
        assert zlib.crc32(":".join(parts).encode()) == data["cs"]

    def best(self, side: str) -> list[tuple[str, str]]:
        levels = self.sides[side]
        return [levels[price] for price in sorted(levels, reverse=side == "b")]


def _act(exchange: SimulatedExchange, actions: Any) -> None:
    for account, action in actions:
        client = Client(exchange, account)
        if action == "wait":
            exchange.advance(exchange.now + 1)
        elif action == "cancel":
            client.request("DELETE", "/v1/orders")
        elif "quantity" in action:
            client.request("POST", "/v1/orders/limit", {"pair": DOGE, **action})
        else:
            client.request("POST", "/v1/orders/market", {"pair": DOGE, **action})


def _settings(maker_percentage: str = "0.02") -> ExchangeSettings:
    return ExchangeSettings(
        pairs=tuple(attrs.evolve(pair, active=pair.symbol == DOGE) for pair in DEFAULT_PAIRS),
        accounts=(DEMO_ACCOUNT, OTHER_ACCOUNT),
        fees=Fees(maker_percentage=Decimal(maker_percentage)),
    )


@settings(max_examples=40, deadline=None)
@given(_ACTIONS, st.sampled_from(["0.02", "0", "-0.01"]))
def test_no_flow_of_orders_makes_or_loses_money(actions: Any, maker_percentage: str) -> None:
    exchange = an_exchange(settings=_settings(maker_percentage))
    venue = exchange.venue
    before = totals(venue.accounts.values(), venue.house)
    _act(exchange, actions)
    assert totals(venue.accounts.values(), venue.house) == before
    for account in venue.accounts.values():
        needed = {"USDT": Decimal(0), "DOGE": Decimal(0)}
        for order in venue.orders.open_of(account.api_key):
            grid = venue.listings[order.pair].grid
            if order.side.value == "buy":
                needed["USDT"] += grid.notional(order.price * order.remaining)
            else:
                needed["DOGE"] += grid.quantity(order.remaining)
        for balance in account.balances():
            assert balance.available >= 0
            assert balance.reserved == needed.get(balance.currency, 0)


@settings(max_examples=25, deadline=None)
@given(_ACTIONS)
def test_the_feed_rebuilds_the_book_and_every_checksum_verifies(actions: Any) -> None:
    exchange = an_exchange(settings=_settings())
    watcher = Client(exchange)
    watcher.open("/ws/trade")
    book = RebuiltBook()
    subscription = {"event": "OB_L1_DIFF", "pairs": [DOGE]}
    _, snapshot = watcher.say({"type": "SUBSCRIBE", "subscriptions": [subscription]})
    book.apply(snapshot)
    _act(exchange, actions)
    exchange.advance(exchange.now + 2)
    for frame in watcher.frames():
        book.apply(frame)
    published = watcher.json("GET", f"/v1/public/{DOGE}/orderbook")
    for side, name in (("b", "Bids"), ("a", "Asks")):
        rows = [(row["price"], row["quantity"]) for row in published[name]]
        assert rows == book.best(side)[:40]
        assert len(rows) >= 20


def test_a_maker_rebate_is_paid_on_top_in_what_is_given_away() -> None:
    exchange = an_exchange(settings=_settings("-0.01"))
    maker, taker = Client(exchange), Client(exchange, OTHER_ACCOUNT)
    book = maker.json("GET", f"/v1/public/{DOGE}/orderbook")
    # Inside the spread, so that the taker meets nobody else.
    price = f"{Decimal(book['Asks'][0]['price']) - Decimal('0.00001')}"
    limit = {"side": "SELL", "quantity": "100", "price": price, "pair": DOGE}
    maker.request("POST", "/v2/orders/limit", limit)
    taker.request("POST", "/v2/orders/market", {"side": "BUY", "baseAmount": "100", "pair": DOGE})
    (fill,) = maker.json("GET", "/v1/account/tradehistory")
    assert (fill["makerReward"], fill["makerRewardCurrency"]) == ("0.01", "DOGE")
    assert "fee" not in fill
    (fill,) = taker.json("GET", "/v1/account/tradehistory")
    assert (fill["fee"], fill["feeCurrency"]) == ("0.1", "DOGE")
