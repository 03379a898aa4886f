"""Single values: what is taken, what is refused, and in which words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rules.rules import (
    Name,
    Number,
    Origin,
    PairSymbol,
    Paths,
    Ratio,
    Rule,
    Seconds,
    Text,
    Whole,
    nearest_cure,
    percent,
)
from config.source.problems import Refused

ANY_RULE: tuple[Rule, ...] = (
    *(Number(), percent(above=0, below=100), Seconds(), Whole(at_least=0, at_most=9), Text()),
    *(Name(), PairSymbol(), Paths(), Ratio(at_most=Decimal(9)), Origin(secure="wss", plain="ws")),
)
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(),
    st.text(),
    st.dates(),
    st.lists(st.text()),
)


@given(st.sampled_from(ANY_RULE), anything)
def test_any_value_is_read_or_refused_but_never_worse(rule: Rule, value: object) -> None:
    refusal: Refused | None = None
    try:
        rule.read(value)
    except Refused as refused:
        refusal = refused
    assert refusal is None or (refusal.message.isprintable() and refusal.cure)


@given(st.decimals(min_value=0, max_value=99, places=12), st.sampled_from(["", " "]))
def test_a_percentage_is_read_exactly(number: Decimal, space: str) -> None:
    fraction = percent(at_least=0, below=100).read(f"{number:f}{space}%")
    assert fraction * 100 == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=0, max_value=10**9))
def test_a_number_is_read_exactly(number: Decimal) -> None:
    assert Number().read(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "0.1",
        "0,1 %",
        "1e1 %",
        "NaN %",
        "inf %",
        "٣ %",
        "%",
        "0.1 %%",
        "1_0 %",
        ".1 %",
        "1. %",
        "①%",
    ],
)
def test_what_only_looks_like_a_percentage_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="is not a percentage"):
        percent().read(text)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Decimal("NaN"), "NaN is not a finite number"),
        (Decimal("-Infinity"), "-Infinity is not a finite number"),
        (Decimal("1e309"), "1E+309 is too large"),
        (10**400, "a huge number is too large"),
        (Decimal("1e-19"), "1E-19 has too many decimal places"),
        ("4", '"4" is not a number'),
        ("٤", '"٤" is not a number'),
        (True, "true is not a number"),
        ([4], "a list is not a number"),
        ({}, "a table is not a number"),
    ],
)
def test_no_absurd_number_is_taken(value: object, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        Number().read(value)
    assert refusal.value.message == message


@pytest.mark.parametrize("text", ["DOGE-USDT", "DOGE/USDT", "DOGEUSDT", "doge-usdt", "dogeusdt"])
def test_a_pair_is_understood_in_every_usual_way(text: str) -> None:
    assert PairSymbol().read(text) == "DOGEUSDT"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://api.valr.com", '"http://api.valr.com" would send the key without encryption'),
        ("https://user:hunter2@api.valr.com", "holds more than scheme, host and port"),
        (
            "https://api.valr.com/v1",
            '"https://api.valr.com/v1" holds more than scheme, host and port',
        ),
        ("wss://api.valr.com", '"wss://api.valr.com" is not a https URL'),
        ("https://[::1", '"https://[::1" is not a URL'),
        ("https://host:99999", '"https://host:99999" is not a URL'),
        ("api.valr.com", '"api.valr.com" is not a https URL'),
    ],
)
def test_a_url_that_would_endanger_the_key_is_refused(url: str, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        Origin(secure="https", plain="http").read(url)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost:8080", "http://[::1]:1"]
)
def test_this_very_machine_may_be_reached_without_encryption(url: str) -> None:
    assert Origin(secure="https", plain="http").read(url) == url.rstrip("/")


def test_the_nearest_known_word_is_offered() -> None:
    assert nearest_cure("Bid_Spraed", ["ask_spread", "bid_spread"]) == "did you mean bid_spread?"
    assert nearest_cure("xyz", ["b", "a"]) == "known here: a, b"
    assert nearest_cure("xyz", []) == "remove it"
