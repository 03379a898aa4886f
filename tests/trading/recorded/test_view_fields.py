"""Views and decisions as JSON: what is read is what was written, to the last zero."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.any_value import any_value
from trading.core.identifiers import ClientOrderId, Currency
from trading.decisions.decision import Decision, Gate
from trading.recorded.view_fields import (
    Fields,
    ReadViews,
    UnreadableField,
    WrittenViews,
    decision_json,
)
from trading.strategies.interface import View
from trading.testing import a_view, balances

Held = Mapping[Currency, Decimal]
FEW = settings(max_examples=15)
"""Values of so many parts take long to make."""

VIEWS = any_value(View)
HELD = any_value(Held)


def as_lines_have_it(fields: Fields) -> Fields:
    """The fields once they were written and read."""
    return msgspec.json.decode(msgspec.json.encode(fields), type=Fields)


def in_all_figures(value: object) -> str:
    """A value as text; equal numbers that are written differently come to different texts."""
    return repr(value)


@FEW
@given(st.lists(st.tuples(VIEWS, HELD), min_size=1, max_size=3))
def test_every_view_is_read_as_it_was_written_from_its_changes_alone(
    looks: list[tuple[View, Held]],
) -> None:
    written, read = WrittenViews(), ReadViews()
    for view, held in looks:
        found = read.after(as_lines_have_it(written.changes(view, held)), view.now)
        assert in_all_figures(found) == in_all_figures((view, held))


@FEW
@given(VIEWS, HELD)
def test_a_view_that_is_equal_in_all_figures_has_no_changes(view: View, held: Held) -> None:
    written = WrittenViews()
    written.changes(view, held)
    again = msgspec.json.decode(msgspec.json.encode(attrs.asdict(view, recurse=False)), type=View)
    assert written.changes(attrs.evolve(again, now=view.now + 1), dict(held)) == {}


@FEW
@given(any_value(Decision))
def test_every_decision_is_read_as_it_was_written(decision: Decision) -> None:
    read = msgspec.json.decode(decision_json(decision), type=Decision)
    assert in_all_figures(read) == in_all_figures(decision)


def test_equal_numbers_that_are_written_differently_are_a_change() -> None:
    written = WrittenViews()
    written.changes(a_view(balances=balances("1.0")), {})
    assert set(written.changes(a_view(balances=balances("1.00")), {})) == {"balances"}


def test_figures_of_a_gate_may_be_in_a_mapping_that_cannot_change() -> None:
    gate = Gate(code="x", side=None, sentence="y", inputs=MappingProxyType({"a": "1"}))
    decision = Decision(gates=(gate,), cancels=(ClientOrderId("qw-a-b-c-1"),))
    assert msgspec.json.decode(decision_json(decision), type=Decision) == decision


@pytest.mark.parametrize(
    "fields",
    [{"colour": msgspec.Raw(b"1")}, {"top": msgspec.Raw(b"1")}, {"fees": msgspec.Raw(b"{}")}],
)
def test_a_field_that_cannot_be_is_named(fields: Fields) -> None:
    read = ReadViews()
    read.after(WrittenViews().changes(a_view(), {}), 0.0)
    with pytest.raises(UnreadableField, match=next(iter(fields))):
        read.after(fields, 0.0)
