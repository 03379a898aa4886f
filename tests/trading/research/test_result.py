"""A result as JSON and back."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.runs import D, a_head, a_result, a_run, a_run_fill, mids, some_runs
from trading.core.market import Side
from trading.research.result import Result, Run, WrongResult, decode_result, encode_result


@settings(max_examples=40)
@given(st.lists(some_runs(), max_size=2))
def test_what_is_written_is_read(runs: list[Run]) -> None:
    result = Result(
        head=a_head(seed=3, models={"queue": "power:3"}, notes=("<b>",)), runs=tuple(runs)
    )
    assert decode_result(encode_result(result)) == result


@given(st.binary())
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with pytest.raises(WrongResult):
        decode_result(text)


def test_decimals_are_text() -> None:
    text = encode_result(a_result(a_run(a_run_fill(1, Side.BUY, "0.10000", "40"))))
    assert b'"price":"0.10000"' in text


@pytest.mark.parametrize(
    ("run", "trouble"),
    [
        (a_run(until=-1), "ends before it begins"),
        (
            a_run(a_run_fill(2, Side.BUY, "1", "1"), a_run_fill(1, Side.BUY, "1", "1")),
            "in the order",
        ),
        (a_run(a_run_fill(1, Side.BUY, "NaN", "1")), "not finite"),
        (a_run(a_run_fill(1, Side.BUY, "1E+4000", "1")), "size that money has"),
        (a_run(mids=mids((2, "1"), (1, "1"))), "in the order"),
        (a_run(mids=mids((1, "1"), (2, "1"), until=1)), "known to hold"),
        (a_run(mids=mids((1, "Infinity"))), "not finite"),
        (
            a_run(mids=msgspec.structs.replace(mids((1, "1")), prices=(D(1), D(1)))),
            "1 times of mid prices, but 2 prices",
        ),
    ],
)
def test_a_result_that_contradicts_itself_is_refused(run: Run, trouble: str) -> None:
    with pytest.raises(WrongResult, match=trouble):
        decode_result(encode_result(a_result(run)))


def test_another_form_is_not_read() -> None:
    text = encode_result(msgspec.structs.replace(a_result(), form=2))
    with pytest.raises(WrongResult, match="form 2"):
        decode_result(text)
