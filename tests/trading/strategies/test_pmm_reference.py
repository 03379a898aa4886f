"""What is quoted around, when it lapses, and at which hours."""

from decimal import Decimal

import attrs
import pytest

from tests.trading.strategies.quoting import parameters, trading
from trading.core.market import Side
from trading.decisions.decision import Gate
from trading.strategies.interface import Prices, ReferencePrice, View
from trading.strategies.pure_market_making import Parameters
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    PriceSource,
    PriceType,
    TradingWindow,
)
from trading.strategies.pure_market_making.reference import (
    Reference,
    find_reference,
    reference_lapses_at,
)
from trading.strategies.pure_market_making.window import window_changes_at, window_gate
from trading.testing import a_top, a_view

D = Decimal
EVERYTHING = Prices(
    last_trade=ReferencePrice(D(101), 0.0),
    external_bid=ReferencePrice(D(200), 90.0),
    external_ask=ReferencePrice(D(204), 95.0),
    external_last_trade=ReferencePrice(D(203), 95.0),
    custom=ReferencePrice(D(300), 80.0),
)


def a_rich_view(now: float = 100.0) -> View:
    return attrs.evolve(a_view(now), prices=EVERYTHING, top=a_top("99", "103"))


def around(wanted: Parameters, view: View, own: Decimal | None = None) -> Decimal | str:
    found = find_reference(view, wanted, own)
    return found.code if isinstance(found, Gate) else found.price


@pytest.mark.parametrize(
    ("price_type", "here", "elsewhere"),
    [
        (PriceType.MID_PRICE, 101, 202),
        (PriceType.BEST_BID, 99, 200),
        (PriceType.BEST_ASK, 103, 204),
        (PriceType.LAST_PRICE, 101, 203),
        (PriceType.LAST_OWN_TRADE_PRICE, 77, 77),
    ],
)
def test_each_type_of_price_comes_from_the_source_that_is_configured(
    price_type: PriceType, here: int, elsewhere: int
) -> None:
    view = a_rich_view()
    wanted = parameters(price_type=price_type)
    assert around(wanted, view, own=D(77)) == here
    external = attrs.evolve(wanted, price_source=PriceSource.EXTERNAL_MARKET)
    assert around(external, view, own=D(77)) == elsewhere


def test_a_custom_price_is_the_only_one_of_its_source() -> None:
    wanted = parameters(price_source=PriceSource.CUSTOM_API)
    assert around(wanted, a_rich_view()) == 300


@pytest.mark.parametrize("price_type", [PriceType.LAST_PRICE, PriceType.LAST_OWN_TRADE_PRICE])
def test_what_was_never_seen_gives_way_to_the_mid_price(price_type: PriceType) -> None:
    view = attrs.evolve(a_rich_view(), prices=Prices())
    assert around(parameters(price_type=price_type), view) == 101
    without_trade = attrs.evolve(EVERYTHING, external_last_trade=None)
    external = parameters(price_type=price_type, price_source=PriceSource.EXTERNAL_MARKET)
    assert around(external, attrs.evolve(view, prices=without_trade)) == 202


def test_a_mid_price_from_elsewhere_lapses_with_the_older_of_its_sides() -> None:
    wanted = parameters(price_source=PriceSource.EXTERNAL_MARKET, price_age_max=30.0)
    assert reference_lapses_at(a_rich_view(), wanted) == 120.0
    assert around(wanted, a_rich_view(119.9)) == 202
    assert around(wanted, a_rich_view(120.0)) == "price_lapsed"
    assert reference_lapses_at(a_rich_view(), parameters()) is None


def test_a_price_of_zero_is_no_price() -> None:
    view = attrs.evolve(a_rich_view(), prices=Prices(custom=ReferencePrice(D(0), 100.0)))
    assert around(parameters(price_source=PriceSource.CUSTOM_API), view) == "price_unknown"


def test_the_inventory_may_raise_the_asks_and_never_lowers_them() -> None:
    wanted = parameters(price_type=PriceType.INVENTORY_COST, inventory_price=D(5))
    for cost, expected in ((D(90), 101), (D(110), 110), (None, 101)):
        view = attrs.evolve(a_rich_view(), prices=Prices(inventory_cost=cost))
        assert find_reference(view, wanted, None) == Reference(price=D(101), sell_price=D(expected))


def test_the_last_own_price_is_followed_once_there_is_one() -> None:
    venue = trading(parameters(price_type=PriceType.LAST_OWN_TRADE_PRICE, filled_order_delay=2.0))
    venue.run_until(10, at_2=Side.SELL)
    assert [order.price for order in venue.view.orders] == [D("99.99"), D("102.01")]


def test_without_a_price_even_hanging_orders_go_and_none_comes_back() -> None:
    venue = trading(parameters(price_source=PriceSource.CUSTOM_API, hanging_orders=HangingOrders()))
    venue.view = attrs.evolve(venue.view, prices=Prices(custom=ReferencePrice(D(100), 1.0)))
    venue.run_until(3, at_2=Side.BUY)
    venue.view = attrs.evolve(venue.view, now=31.0)
    assert len(venue.look().cancels) == 1
    venue.accept()
    venue.log.clear()
    venue.run_until(60)
    assert venue.log == []


DAY = 86_400.0


def at(second: float, window: TradingWindow) -> tuple[bool, float | None]:
    """Whether it is open at a second of some day, and how soon that may change."""
    view = attrs.evolve(a_view(1000.0), unix_s=20_000 * DAY + second)
    changes_at = window_changes_at(view, window)
    return window_gate(view, window) is None, changes_at and changes_at - 1000.0


def test_a_window_opens_and_closes_each_day() -> None:
    window = TradingWindow(daily_from=3600, daily_until=7200)
    assert at(0, window) == (False, 3600.0)
    assert at(3600, window) == (True, 3600.0)
    assert at(7199, window) == (True, 1.0)
    assert at(7200, window) == (False, DAY - 3600)


def test_a_window_may_go_past_midnight() -> None:
    window = TradingWindow(daily_from=79_200, daily_until=3600)
    assert at(0, window) == (True, 3600.0)
    assert at(3600, window) == (False, 75_600.0)
    assert at(80_000, window) == (True, 10_000.0)


def test_a_window_may_begin_and_end_for_good() -> None:
    start = 20_000 * DAY
    window = TradingWindow(begins_at=start + 10, ends_at=start + 20)
    assert at(9, window) == (False, 1.0)
    assert at(10, window) == (True, 10.0)
    assert at(20, window) == (False, None)


def test_outside_the_window_everything_is_withdrawn() -> None:
    venue = trading(parameters(trading_window=TradingWindow(ends_at=50.0)))
    venue.view = attrs.evolve(venue.view, unix_s=0.0)
    venue.run_until(1)
    venue.view = attrs.evolve(venue.view, unix_s=50.0)
    assert len(venue.look().cancels) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"daily_from": 60}, "given together"),
        ({"daily_from": 60, "daily_until": 60}, "would be empty"),
        ({"daily_from": -1, "daily_until": 60}, "^daily_from must be a second of the day"),
        ({"begins_at": 5.0, "ends_at": 5.0}, "later than begins_at"),
    ],
)
def test_a_window_that_is_none_is_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TradingWindow(**changes)  # type: ignore[arg-type]
