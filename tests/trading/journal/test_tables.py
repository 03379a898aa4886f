"""Rows that tell when they are not what was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.journal.tables import PAIRS, DamagedRow, checksum

values = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=5))


@given(st.lists(values, max_size=4), st.lists(values, max_size=4))
def test_different_rows_have_different_checksums(first: list[object], second: list[object]) -> None:
    same = [(type(v), v) for v in first] == [(type(v), v) for v in second]
    assert (checksum(first) == checksum(second)) == same  # type: ignore[arg-type]


def test_a_row_that_was_changed_is_named() -> None:
    statement = PAIRS.insert("DOGEUSDT", "DOGE", "USDT")
    assert PAIRS.checked(statement.values) == ("DOGEUSDT", "DOGE", "USDT")
    changed = ("DOGEUSDT", "DOGE", "USDC", statement.values[-1])
    with pytest.raises(DamagedRow, match="table pairs, pair 'DOGEUSDT'"):
        PAIRS.checked(changed)


def test_a_row_has_every_column() -> None:
    with pytest.raises(AssertionError, match="3 columns"):
        PAIRS.insert("DOGEUSDT", "DOGE")
