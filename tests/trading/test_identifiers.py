"""Client order ids: within VALR's pattern, never twice, and telling whose they are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.identifiers import (
    NAME_PATTERN,
    ClientOrderId,
    ClientOrderIds,
    StrategyName,
    base36,
    longest_id,
    strategy_of,
)
from trading.venues.registry import venue_kind

VALR = re.compile(r"^[0-9a-zA-Z-]{0,50}$", re.ASCII)
names = st.from_regex(NAME_PATTERN, fullmatch=True)
sessions = st.integers(1_700_000_000_000, 4_000_000_000_000)
MAKER = StrategyName("maker")


@given(st.integers(0, 2**70))
def test_base_36_is_read_back(number: int) -> None:
    assert int(base36(number), 36) == number
    assert base36(number) == base36(number).lower()


def test_a_negative_number_has_no_base_36() -> None:
    with pytest.raises(ValueError, match="negative"):
        base36(-1)


@given(names, names, sessions)
def test_ids_fit_the_venues_pattern_and_say_whose_they_are(
    engine: str, strategy: str, session_ms: int
) -> None:
    ids = ClientOrderIds(engine, session_ms)
    for _ in range(50):
        order_id = ids.next(StrategyName(strategy))
        assert VALR.fullmatch(order_id)
        assert ids.owns(order_id)
        assert ids.made(order_id)
        assert strategy_of(order_id) == strategy
        assert len(order_id) <= longest_id(engine, StrategyName(strategy))


def test_the_longest_id_of_the_longest_names_is_within_what_valr_takes() -> None:
    longest = longest_id("e" * 12, StrategyName("s" * 12))
    assert longest == len("qw-eeeeeeeeeeee-ssssssssssss-123456789-1234567") == 46
    assert longest <= venue_kind("valr").client_order_id_length_max == 50


@given(st.lists(names, min_size=1), sessions)
def test_ids_never_repeat_within_a_run(strategies: list[str], session_ms: int) -> None:
    ids = ClientOrderIds("e", session_ms)
    made = [ids.next(StrategyName(strategy)) for strategy in strategies * 20]
    assert len(set(made)) == len(made)


@given(names, names, names, sessions, sessions)
def test_ids_of_two_runs_differ_and_are_told_apart(
    engine: str, first: str, second: str, one_ms: int, other_ms: int
) -> None:
    if one_ms == other_ms:
        return
    one, other = ClientOrderIds(engine, one_ms), ClientOrderIds(engine, other_ms)
    ours, theirs = one.next(StrategyName(first)), other.next(StrategyName(second))
    assert ours != theirs
    assert one.owns(theirs)
    assert not one.made(theirs)


def test_a_name_that_looks_like_a_session_does_not_make_an_order_ours() -> None:
    ids = ClientOrderIds("e", 1_790_133_597_000)
    lookalike = StrategyName(base36(1_790_133_597_000))
    earlier = ClientOrderIds("e", 1_700_000_000_000).next(lookalike)
    assert ids.owns(earlier)
    assert not ids.made(earlier)


@pytest.mark.parametrize(
    "foreign",
    [None, "", "q-17", "qw", "qw-e", "qw-ee-maker-abc-1", "QW-e-maker-abc-1", "x-qw-e-m-a-1"],
)
def test_an_order_of_somebody_else_is_not_ours(foreign: str | None) -> None:
    ids = ClientOrderIds("e", 1)
    order_id = None if foreign is None else ClientOrderId(foreign)
    assert not ids.owns(order_id)
    assert not ids.made(order_id)


@pytest.mark.parametrize("name", ["", "a-b", "A", "a b", "x" * 13, "é", "a\n", "\uff11"])
def test_a_name_that_ids_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 12"):
        ClientOrderIds(name, 1)


def test_the_first_ids_of_a_run_read_as_documented() -> None:
    ids = ClientOrderIds("e1", 36**3)
    assert [ids.next(MAKER) for _ in range(2)] == ["qw-e1-maker-1000-1", "qw-e1-maker-1000-2"]
