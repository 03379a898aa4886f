"""Balances: the newer news wins."""

from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import BASE, QUOTE, D
from trading.account.account import newer_balances
from trading.core.identifiers import Currency
from trading.core.market import Balance


def a_balance(available: int, at_ms: int, currency: Currency = BASE) -> Balance:
    return Balance(currency=currency, available=D(available), reserved=D(1), updated_at_ms=at_ms)


def test_a_newer_balance_replaces_an_older_one() -> None:
    known = {BASE: a_balance(5, 10), QUOTE: a_balance(7, 10, QUOTE)}
    newer = a_balance(6, 11)
    assert newer_balances(known, [newer]) == {BASE: newer, QUOTE: known[QUOTE]}
    assert known[BASE].available == 5


def test_an_older_balance_is_late_news() -> None:
    known = {BASE: a_balance(5, 10)}
    assert newer_balances(known, [a_balance(6, 9)]) == known


def test_of_two_balances_of_the_same_moment_the_later_heard_stands() -> None:
    later = a_balance(6, 10)
    assert newer_balances({BASE: a_balance(5, 10)}, [later]) == {BASE: later}


def test_a_currency_that_was_not_held_is_added() -> None:
    balance = a_balance(5, 10)
    assert newer_balances({}, [balance]) == {BASE: balance}
    assert balance.total == 6


@given(st.lists(st.integers(0, 5), min_size=1))
def test_the_newest_balance_stands_in_whatever_order_it_is_heard(times: list[int]) -> None:
    heard = [a_balance(number, at_ms) for number, at_ms in enumerate(times)]
    known: dict[Currency, Balance] = {}
    for balance in heard:
        known = newer_balances(known, [balance])
    assert known[BASE].updated_at_ms == max(times)
    assert newer_balances({}, heard) == known
