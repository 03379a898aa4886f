"""Questions about a book's depth."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.books.depth import price_for_volume, volume_to_price, without_own
from trading.core.identifiers import ClientOrderId, Pair, StrategyName
from trading.core.market import PriceLevel, Side
from trading.orders.order import Order

BIDS = tuple(PriceLevel(Decimal(price), Decimal(2)) for price in (100, 99, 98))
ASKS = tuple(PriceLevel(Decimal(price), Decimal(3)) for price in (101, 102, 103))


def own(side: Side, price: int, quantity: str) -> Order:
    return Order(
        client_order_id=ClientOrderId(f"q-{price}"),
        strategy=StrategyName("s"),
        pair=Pair("BTCZAR"),
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        created_at=0.0,
        changed_at=0.0,
    )


def test_the_volume_up_to_a_price_includes_that_price() -> None:
    assert volume_to_price(BIDS, Side.BUY, Decimal(99)) == 4
    assert volume_to_price(ASKS, Side.SELL, Decimal("102.5")) == 6
    assert volume_to_price(ASKS, Side.SELL, Decimal(100)) == 0


def test_the_price_of_a_volume_is_where_a_taker_is_done() -> None:
    assert price_for_volume(ASKS, Decimal(3)) == 101
    assert price_for_volume(ASKS, Decimal("3.1")) == 102
    assert price_for_volume(BIDS, Decimal(7)) is None


def test_our_own_orders_are_taken_out_and_levels_that_were_ours_alone_go() -> None:
    rest = without_own(
        BIDS, Side.BUY, [own(Side.BUY, 100, "2"), own(Side.BUY, 99, "0.5"), own(Side.SELL, 98, "1")]
    )
    assert rest == (
        PriceLevel(Decimal(99), Decimal("1.5")),
        PriceLevel(Decimal(98), Decimal(2)),
    )
    assert without_own(BIDS, Side.BUY, []) == BIDS


@given(st.lists(st.tuples(st.sampled_from([97, 98, 99, 100]), st.integers(1, 5)), max_size=6))
def test_whatever_we_think_we_have_nothing_negative_remains(mine: list[tuple[int, int]]) -> None:
    orders = [own(Side.BUY, price, str(quantity)) for price, quantity in mine]
    assert all(level.quantity > 0 for level in without_own(BIDS, Side.BUY, orders))
