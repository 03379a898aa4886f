"""What fills come to, per pair and venue."""

from collections.abc import Mapping
from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import BTC, DOGE, DOGE_RULES, a_fill
from trading.core.identifiers import Pair
from trading.core.instrument import Currencies
from trading.core.market import Side
from trading.journal.history import PairHistory, PriceSeen, pair_histories
from trading.journal.stored import StoredFill
from trading.orders.order import Fill

D = Decimal
NAMES = {DOGE: Currencies(base=DOGE_RULES.base, quote=DOGE_RULES.quote)}
HERE = "VALR"


def stored(fill: Fill, venue: str = HERE) -> StoredFill:
    return StoredFill(fill=fill, session=1, venue=venue, booked_at_ns=0)


def bought(quantity: int, price: str, at_ms: int = 0, fee: str = "0", currency: str = "") -> Fill:
    return a_fill(
        quantity=D(quantity), price=D(price), traded_at_ms=at_ms, fee=D(fee), fee_currency=currency
    )


def sold(quantity: int, price: str, at_ms: int = 0, fee: str = "0", currency: str = "") -> Fill:
    return attrs.evolve(bought(quantity, price, at_ms, fee, currency), side=Side.SELL)


def history(*fills: Fill, mid: PriceSeen | None = None, since_ms: int = 0) -> PairHistory:
    prices = {} if mid is None else {(HERE, DOGE): mid}
    (only,) = histories([stored(fill) for fill in fills], prices, since_ms)
    return only


def histories(
    fills: list[StoredFill], prices: Mapping[tuple[str, Pair], PriceSeen], since_ms: int
) -> list[PairHistory]:
    return pair_histories(
        (each for each in fills if each.fill.traded_at_ms < since_ms),
        (each for each in fills if each.fill.traded_at_ms >= since_ms),
        NAMES,
        lambda venue, pair: prices.get((venue, pair)),
    )


def test_a_round_trip_realises_its_profit_less_fees() -> None:
    found = history(
        bought(100, "0.10", fee="0.01", currency="USDT"),
        sold(100, "0.12", fee="0.01", currency="USDT"),
    )
    assert (found.trades, found.bought, found.sold) == (2, D(100), D(100))
    assert found.fees == {"USDT": D("0.02")}
    assert (found.position, found.average_cost) == (D(0), None)
    assert found.realised_profit == D("1.98")
    assert found.unrealised_profit == 0
    assert found.profit_against_hold == D("1.98")


def test_fees_in_base_shrink_the_inventory_and_a_rebate_is_negative() -> None:
    found = history(
        bought(100, "0.1", fee="1", currency="DOGE"), sold(9, "0.1", fee="-0.02", currency="USDT")
    )
    assert found.inventory_change == 90
    assert found.fees == {"DOGE": D(1), "USDT": D("-0.02")}


def test_the_newest_price_counts_be_it_of_a_decision_or_of_a_fill() -> None:
    fill = bought(100, "0.1", at_ms=1000)
    assert history(fill).unrealised_profit == 0
    newer = history(fill, mid=PriceSeen(D("0.2"), 1_000_000_000))
    assert (newer.price, newer.unrealised_profit) == (D("0.2"), D(10))
    assert history(fill, mid=PriceSeen(D("0.2"), 999_999_999)).price == D("0.1")


def test_since_a_moment_only_that_is_compared_with_holding_what_there_was() -> None:
    fills = (bought(100, "0.1", 1000), sold(50, "0.2", 2000), sold(25, "0.3", 3000))
    found = history(*fills, mid=PriceSeen(D("0.4"), 10**12), since_ms=2500)
    assert (found.trades, found.sold, found.inventory_change, found.position) == (
        1,
        D(25),
        D(-25),
        D(25),
    )
    assert found.realised_profit == D("5.0")  # 25 that cost 0.1 each, for 0.3
    assert found.unrealised_profit == D("7.5")
    assert found.profit_against_hold == D("-2.5")  # 25 sold for 0.3 would now be worth 0.4
    assert found.last_trade_at_ms == 3000


def test_pairs_and_venues_are_kept_apart_and_what_was_not_traded_is_left_out() -> None:
    other = a_fill(pair=BTC, traded_at_ms=5)
    fills = [stored(bought(1, "1", 5)), stored(other), stored(bought(2, "1", 5), "elsewhere")]
    fills.append(stored(bought(3, "1", 1), "long ago"))
    found = histories(fills, {}, since_ms=2)
    assert [(each.venue, each.pair, each.bought) for each in found] == [
        (HERE, DOGE, D(1)),
        (HERE, BTC, D(40)),
        ("elsewhere", DOGE, D(2)),
    ]
    assert (found[1].base, found[1].quote) == ("", "")


trades = st.builds(
    lambda side, quantity, price, at: attrs.evolve(bought(quantity, price, at), side=side),
    st.sampled_from(Side),
    st.integers(1, 1000),
    st.sampled_from(["0.1", "0.11", "0.12", "0.08"]),
    st.integers(0, 10),
)


@given(st.lists(trades, min_size=1, max_size=12))
def test_profit_against_hold_is_what_the_fills_are_worth_now(fills: list[Fill]) -> None:
    price = D("0.1")
    found = history(*fills, mid=PriceSeen(price, 10**12))
    sign = {Side.BUY: 1, Side.SELL: -1}
    worth = sum(sign[f.side] * f.quantity * (price - f.price) for f in fills)
    assert abs(found.profit_against_hold - worth) < D("1e-15")
    assert abs(found.realised_profit + found.unrealised_profit - worth) < D("1e-15")
