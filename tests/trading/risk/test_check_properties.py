"""What holds for every order, every view, and every sequence of what was accepted."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.trading.builders import BASE, PAIR, QUOTE, STRATEGY, D, a_fill, an_instrument
from tests.trading.risk.account_model import BOUNDS, Account, priced
from tests.trading.risk.situations import NOW, an_order_of
from trading.core.decimals import ZERO
from trading.core.identifiers import ClientOrderId
from trading.core.instrument import Instrument
from trading.core.market import Balance, PriceLevel, Side, TopOfBook
from trading.journal.entries import FillBooked
from trading.orders.order import Order, OrderStatus
from trading.risk import (
    CheckedOrder,
    Profit,
    RefusalCode,
    RiskLimits,
    RiskView,
    breaches,
    check,
    check_amendment,
)

LIVE = [status for status in OrderStatus if not status.terminal]
EXPOSURE = {
    RefusalCode.BALANCE_TOO_LOW,
    RefusalCode.BASE_HOLDING_LOW,
    RefusalCode.BASE_HOLDING_HIGH,
    RefusalCode.QUOTE_HOLDING_LOW,
    RefusalCode.QUOTE_HOLDING_HIGH,
}
sides = st.sampled_from(Side)
ticks = st.integers(1, 150)
quantities = st.integers(11, 700).map(Decimal)


actions = st.lists(
    st.one_of(
        st.tuples(st.just("place"), sides, ticks, quantities),
        st.tuples(st.just("amend"), st.integers(0, 9), ticks, quantities),
        st.tuples(st.just("fill"), st.integers(0, 9), st.sampled_from([D("0.3"), D(1)])),
        st.tuples(st.just("doubt"), st.integers(0, 9), st.sampled_from(LIVE)),
        st.tuples(st.just("tell")),
    ),
    max_size=30,
)


@given(actions)
def test_no_sequence_of_checked_orders_leaves_the_bounds(
    actions: list[tuple[str, object]],
) -> None:
    """However they fill, and however late the venue speaks of the balances."""
    account = Account()
    for name, *arguments in actions:
        account.act(name, *arguments)
        (base_wanted, quote_given), (base_given, quote_wanted) = map(account.open_of, Side)
        assert D(700) <= account.base - base_given
        assert account.base + base_wanted <= D(1300)
        assert D(970) <= account.quote - quote_given
        assert account.quote + quote_wanted <= D(1030)


finite = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from([D("0"), D("-0"), D("1e-999999"), D("9e999999"), D("-9e999999"), D("0.1")]),
)
sane = st.decimals(D("-1e20"), D("1e20")) | st.just(ZERO)
"""What a venue's codec lets through, and worse."""
money = st.none() | st.decimals(D("0.01"), D("1e9"), places=2)
levels = st.builds(PriceLevel, finite, finite)
tops = st.builds(
    TopOfBook,
    pair=st.just(PAIR),
    bids=st.tuples(levels),
    asks=st.tuples(levels),
    sequence=st.just(1),
    received_at=st.just(NOW),
)
instruments = st.builds(
    Instrument,
    pair=st.just(PAIR),
    base=st.just(BASE),
    quote=st.just(QUOTE),
    tick_size=sane,
    lot_size=sane,
    quantity_min=sane,
    quantity_max=sane,
    notional_min=sane,
    notional_max=sane,
    active=st.booleans(),
)
orders = st.builds(
    Order,
    client_order_id=st.sampled_from(["a", "b", "c"]).map(ClientOrderId),
    strategy=st.just(STRATEGY),
    pair=st.just(PAIR),
    side=sides,
    price=finite,
    quantity=finite,
    created_at=st.just(NOW),
    changed_at=st.just(NOW),
    post_only=st.booleans(),
    status=st.sampled_from(LIVE),
    filled_quantity=finite,
)
balances = st.builds(
    Balance, currency=st.just(BASE), available=finite, reserved=finite, updated_at_ms=st.just(0)
)
recent = st.builds(
    lambda side, price, quantity: FillBooked(a_fill("t", quantity, side=side, price=price), NOW),
    sides,
    finite,
    finite,
)
views = st.builds(
    RiskView,
    strategy=st.just(STRATEGY),
    instrument=st.just(an_instrument()) | instruments,
    now=st.just(NOW),
    top=st.none() | tops,
    book_at=st.floats(0, 2 * NOW),
    last_trade_price=st.none() | finite,
    clock_sure=st.booleans(),
    working=st.lists(orders, max_size=3).map(tuple),
    balances=st.dictionaries(st.sampled_from([BASE, QUOTE]), balances),
    profit=st.builds(Profit, total=finite, today=finite, high_water=finite),
    recent_fills=st.lists(recent, max_size=3).map(tuple),
    placements=st.integers(0, 20),
)
limits = st.builds(
    RiskLimits,
    max_order_notional=money,
    max_base_holding=money,
    max_daily_loss=money,
    max_drawdown=money,
)
any_number = st.one_of(finite, st.sampled_from([D("NaN"), D("Infinity"), D("-Infinity")]))


@given(orders, any_number, any_number, views, limits)
def test_every_order_has_an_answer(
    order: Order, price: Decimal, quantity: Decimal, view: RiskView, limits: RiskLimits
) -> None:
    odd = replace(order, price=price, quantity=quantity)
    assert check(odd, view, limits)
    assert check_amendment(order, price, quantity, view, limits)
    assert isinstance(breaches(view, limits), tuple)


@given(views, limits)
def test_no_sentence_is_longer_than_anybody_reads(view: RiskView, limits: RiskLimits) -> None:
    answer = check(an_order_of(Side.BUY, D("0.0995"), D(100)), view, limits)
    if isinstance(answer, tuple):
        assert all(len(refusal.sentence) < 1000 for refusal in answer)


@given(actions, sides, ticks, quantities, quantities)
def test_a_smaller_order_is_never_more_exposed(
    actions: list[tuple[str, object]], side: Side, away: int, some: Decimal, more: Decimal
) -> None:
    account = Account()
    for name, *arguments in actions:
        account.act(name, *arguments)
    small, large = (
        an_order_of(side, priced(side, away), quantity, 99) for quantity in sorted((some, more))
    )
    if isinstance(check(large, account.view(), BOUNDS), CheckedOrder):
        answer = check(small, account.view(), BOUNDS)
        refused = () if isinstance(answer, CheckedOrder) else answer
        assert not EXPOSURE & {refusal.code for refusal in refused}
