"""The digest of what a strategy remembers: equal where that is equal, in every process."""

import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.any_value import any_value
from trading.core.market import Side
from trading.recorded.digest import NO_DIGEST, digest, encoded
from trading.strategies import pure_market_making
from trading.strategies.avellaneda_stoikov.state import State as AvellanedaState
from trading.strategies.looking import Mark

ROOT = Path(__file__).parents[3]
FEW = settings(max_examples=15)
"""Values of so many parts take long to make."""

NO_MARK = Mark(None, None, ())
PURE = any_value(pure_market_making.State, infinite=True)
AVELLANEDA = any_value(AvellanedaState, infinite=True)


@pytest.mark.parametrize("kind", [pure_market_making.State, AvellanedaState])
@FEW
@given(data=st.data())
def test_all_of_a_state_is_in_what_is_digested(kind: Any, data: st.DataObject) -> None:
    state = data.draw(any_value(kind, infinite=True))
    assert msgspec.msgpack.decode(encoded(state), type=kind) == state


@FEW
@given(st.one_of(st.tuples(PURE, PURE), st.tuples(AVELLANEDA, AVELLANEDA)))
def test_states_of_one_digest_are_equal(states: tuple[object, object]) -> None:
    one, other = states
    if digest(one, NO_MARK) == digest(other, NO_MARK):
        assert one == other
    assert digest(one, NO_MARK) != NO_DIGEST


@FEW
@given(PURE, any_value(Mark), any_value(Mark))
def test_what_the_life_remembers_is_in_it(state: object, mark: Mark, other: Mark) -> None:
    assert (digest(state, mark) == digest(state, other)) == (mark == other)


class Plain:
    """A class of another package, without a word about equality."""

    def __init__(self, level: int) -> None:
        self.level = level


@attrs.define
class Odd:
    by_side: Mapping[Any, Decimal] = attrs.field(factory=dict)
    sides: frozenset[Side] = frozenset()
    plain: Any = None


def odd(number: int = 1) -> Odd:
    return Odd(
        by_side=MappingProxyType({(Side.BUY, 1): Decimal(number), (Side.SELL, 2): Decimal(2)}),
        sides=frozenset(Side),
        plain=Plain(number),
    )


def test_states_of_others_are_told_apart_by_their_parts() -> None:
    assert digest(odd(), NO_MARK) == digest(odd(), NO_MARK) != NO_DIGEST
    assert digest(odd(), NO_MARK) != digest(odd(2), NO_MARK)
    turned = Odd(
        by_side=dict(reversed(list(odd().by_side.items()))), sides=odd().sides, plain=Plain(1)
    )
    assert digest(odd(), NO_MARK) == digest(turned, NO_MARK)


@pytest.mark.parametrize("part", [object(), print, Plain, lambda: 1])
def test_a_state_with_parts_that_are_no_values_has_none(part: object) -> None:
    assert digest(Odd(plain=part), NO_MARK) == NO_DIGEST


def test_it_does_not_depend_on_the_process() -> None:
    program = (
        "from tests.trading.recorded.test_digest import *\n"
        "hanging = pure_market_making.State().hanging\n"
        "print(digest((odd(), frozenset('abcdefgh'), hanging), NO_MARK))"
    )
    found = {
        subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
