"""Prices and quantities as whole ticks and lots."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.decimals import decimal_text
from trading.datasets.importers.scale import NoStep, Scale, WrongLot

TICK, LOT = Decimal("0.25"), Decimal("0.001")


@given(st.integers(0, 10**15))
def test_a_multiple_of_the_step_is_so_many_steps(steps: int) -> None:
    scale = Scale(TICK, LOT)
    assert scale.prices[decimal_text(steps * TICK)] == steps
    assert scale.quantities[decimal_text(steps * LOT)] == steps
    assert scale.quantities.finer == 0


def test_what_would_fit_is_named() -> None:
    with pytest.raises(NoStep, match=r"10\.125 is no multiple of --tick 0\.25; 0\.001 would fit"):
        Scale(TICK, LOT).prices["10.125"]


def test_few_quantities_may_be_finer_and_none_vanishes() -> None:
    lots = Scale(TICK, LOT).quantities
    for steps in range(1, 200):
        assert lots[decimal_text(steps * LOT)] == steps
    assert lots["0.0015"] == 1
    assert lots["0.0001"] == 1
    assert (lots.finer, lots.met) == (2, 201)
    lots.check()


def test_many_finer_quantities_are_a_wrong_lot_which_is_found_early() -> None:
    lots = Scale(TICK, LOT).quantities
    lots.place = lambda: "file: row 7: "
    texts = [decimal_text(step * Decimal("0.0001")) for step in range(1, 4000, 2)]
    with pytest.raises(WrongLot, match=r"file: row 7: the quantity 0\.0001 .* 1,000 different"):
        [lots[text] for text in texts]


@pytest.mark.parametrize("text", ["", "1e3", "NaN", "1,0", "-"])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal number"):
        Scale(TICK, LOT).prices[text]


def test_steps_beyond_64_bits_and_steps_of_nothing_are_refused() -> None:
    with pytest.raises(NoStep, match="out of bounds"):
        Scale(TICK, LOT).quantities["9" * 30]
    with pytest.raises(NoStep, match="more than zero"):
        Scale(Decimal(0), LOT)


def test_texts_are_forgotten_rather_than_kept_without_end() -> None:
    prices = Scale(Decimal(1), LOT).prices
    for step in range(200_002):
        prices[str(step)]
    assert len(prices) == 2
