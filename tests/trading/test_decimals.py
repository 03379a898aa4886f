"""Decimal text: strict on the way in, normalised on the way out."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.decimals import PositiveNumbers, decimal_text, is_positive_number, parse_decimal

PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", re.ASCII)
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)


@given(numbers)
def test_a_number_survives_the_way_out_and_in(number: Decimal) -> None:
    if abs(number.as_tuple().exponent) <= 40:  # type: ignore[arg-type]
        assert parse_decimal(decimal_text(number)) == number


@given(numbers)
def test_text_has_neither_exponent_nor_trailing_zeros(number: Decimal) -> None:
    text = decimal_text(number)
    assert PLAIN.fullmatch(text)
    assert text != "-0"


@given(st.integers(-(10**30), 10**30), st.integers(0, 30))
def test_plain_text_is_read_exactly(digits: int, places: int) -> None:
    number = Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), -places))
    assert parse_decimal(format(number, "f")) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1.500", "1.5"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("0", "0"),
        ("0.000", "0"),
        ("-0.00", "0"),
        ("0E+5", "0"),
        ("-1.10", "-1.1"),
    ],
)
def test_a_number_is_written_as_the_venue_writes_it(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e5",
        "1E-8",
        "114,953",
        "0,5",
        "+1",
        "--1",
        " 1",
        "1 ",
        "1\n",
        ".5",
        "5.",
        "1.2.3",
        "1_000",
        "0x10",
        "\uff11",
        "\u0661",
        "9" * 41,
        "0." + "1" * 41,
    ],
)
def test_anything_that_is_no_plain_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a plain decimal number"):
        parse_decimal(text)


@given(st.text())
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        number = parse_decimal(text)
    except ValueError as error:
        assert len(str(error)) < 1_000  # noqa: PT017  # what matters is that it is short
    else:
        assert number.is_finite()


@given(st.lists(st.from_regex(r"-?[0-9]{0,3}\.?[0-9]{0,3}") | st.text(max_size=5), max_size=30))
def test_a_number_looked_up_is_positive_if_its_text_says_so(texts: list[str]) -> None:
    numbers = PositiveNumbers()
    for text in texts + texts:
        assert numbers[text] == bool(is_positive_number(text))


def test_numbers_looked_up_are_kept_up_to_a_bound_and_other_texts_not_at_all() -> None:
    numbers = PositiveNumbers()
    for n in range(1, 50_000):
        assert numbers[str(n)]
        assert not numbers[f"-{n}"]
    assert len(numbers) <= 20_000
    assert not any(text.startswith("-") for text in numbers)
