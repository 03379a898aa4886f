"""Balances and fills: what the one does not explain of the other is drift."""

from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import DOGE_RULES, a_fill
from trading.account.balance_watch import BalanceWatch, Drift
from trading.account.position import flows
from trading.core.identifiers import Currency
from trading.core.market import Balance, Side

DOGE, USDT, BNB = Currency("DOGE"), Currency("USDT"), Currency("BNB")


def holding(doge: str = "1000", usdt: str = "100", bnb: str = "5") -> dict[Currency, Balance]:
    totals = {DOGE: doge, USDT: usdt, BNB: bnb}
    return {
        currency: Balance(currency=currency, available=Decimal(total), reserved=Decimal(0))
        for currency, total in totals.items()
    }


def test_the_first_look_is_what_all_others_are_compared_with() -> None:
    watch = BalanceWatch()
    assert watch.compare(holding()) == ()
    assert watch.compare(holding()) == ()


def test_our_own_fills_explain_what_they_move_fees_in_any_currency_included() -> None:
    watch = BalanceWatch()
    watch.compare(holding())
    fee = Decimal("0.01")
    watch.filled(a_fill(fee=fee, fee_currency="BNB"), DOGE_RULES)
    assert watch.compare(holding("1040", "98", "4.99")) == ()


def test_what_they_do_not_explain_is_drift_once() -> None:
    watch = BalanceWatch()
    watch.compare(holding())
    assert watch.compare(holding("960")) == (Drift(DOGE, Decimal(-40)),)
    assert watch.compare(holding("960")) == ()


def test_the_venues_rounding_is_no_drift() -> None:
    watch = BalanceWatch()
    watch.compare(holding())
    assert watch.compare(holding("1000.0009", "100.000000009")) == ()


def test_a_drift_points_to_the_side_on_which_more_has_happened() -> None:
    sides = {
        Drift(DOGE, Decimal(1)): Side.BUY,
        Drift(DOGE, Decimal(-1)): Side.SELL,
        Drift(USDT, Decimal(1)): Side.SELL,
        Drift(USDT, Decimal(-1)): Side.BUY,
        Drift(BNB, Decimal(1)): None,
    }
    assert {drift: drift.side(DOGE_RULES) for drift in sides} == sides


moves = st.lists(
    st.tuples(st.sampled_from(list(Side)), st.integers(1, 500), st.integers(1, 900)), max_size=20
)


@given(moves)
def test_any_fills_of_ours_are_explained_exactly(fills: list[tuple[Side, int, int]]) -> None:
    watch = BalanceWatch()
    doge, usdt = Decimal(10_000), Decimal(10_000)
    watch.compare(holding(str(doge), str(usdt)))
    for number, (side, quantity, price) in enumerate(fills):
        fill = attrs.evolve(
            a_fill(number), side=side, quantity=Decimal(quantity), price=Decimal(price) / 1000
        )
        gained, spent = flows(fill, DOGE_RULES)
        doge, usdt = doge + gained, usdt - spent
        watch.filled(fill, DOGE_RULES)
    assert watch.compare(holding(str(doge), str(usdt))) == ()
