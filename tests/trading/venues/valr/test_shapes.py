"""The shape of JSON: what tells two apart, and how one is made to look like the other."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.venues.valr.conformance.knobs import knobs_of, merged
from trading.venues.valr.shapes.edits import edited
from trading.venues.valr.shapes.kinds import SAMPLES, fits, kind_of, spelled
from trading.venues.valr.shapes.shape import Shape, differences

BOOK = Shape.read(
    ":object Asks:list Asks[]:object Asks[].price:number< Asks[].count:integer note?:text"
)
ROWS = [{"price": "1", "count": 1}, {"price": "2.5", "count": 2}, {"price": "10", "count": 1}]


def book() -> dict[str, object]:
    return {"Asks": [dict(row) for row in ROWS]}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_sample_is_of_its_kind(kind: str) -> None:
    assert kind_of(SAMPLES[kind]) == kind


@pytest.mark.parametrize(
    ("value", "kind", "spelling"),
    [
        ("1.50", "number", "1.5"),
        ("1.5", "padded", "1.50"),
        (7, "number", "7"),
        ("7", "integer", 7),
        ("2026-01-01T00:00:01.123456789Z", "time/3", "2026-01-01T00:00:01.123Z"),
        ("2026-01-01T00:00:01Z", "local/0", "2026-01-01T00:00:01"),
        ("no number", "integer", 1),
    ],
)
def test_a_value_is_spelled_otherwise_as_far_as_it_can_be(
    value: object, kind: str, spelling: object
) -> None:
    assert spelled(value, kind) == spelling
    assert kind_of(spelled(value, kind)) == kind


def test_any_text_is_a_text_and_a_number_is_none() -> None:
    assert fits("number", frozenset({"text"}))
    assert not fits("integer", frozenset({"text"}))
    assert not fits("text", frozenset({"number"}))


def test_a_value_of_the_expected_shape_has_no_differences() -> None:
    assert differences(BOOK, book()) == ()
    assert differences(BOOK, {"Asks": [], "note": "x"}) == ()


@pytest.mark.parametrize(
    "edit",
    [
        *("-Asks", "-Asks[].count", "+since:time/3", "+Asks[].id:id", "Asks[].price:fraction"),
        *("Asks[].price:padded", "Asks[].count:number", "~Asks", ":list", "Asks:object"),
    ],
)
def test_an_edit_makes_just_the_difference_that_it_is(edit: str) -> None:
    assert differences(BOOK, edited(book(), [edit])) == (edit,)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_value_can_do_worse_than_differ(value: object) -> None:
    assert isinstance(differences(BOOK, value), tuple)


def test_an_edit_of_what_is_not_there_changes_nothing() -> None:
    assert edited(book(), ["-Bids[].price", "Bids:text", "~Bids", "+Bids[].a:text"]) == book()
    assert msgspec.json.encode(edited(book(), [])) == msgspec.json.encode(book())


def test_facts_with_a_slash_are_knobs_and_others_are_not() -> None:
    answers = {
        "a": {"rules/lookup_delay_s": 2, "texts/pong": "x", "frames": 3, "rules/unclear": None},
        "b": {"shapes/NEW_TRADE": ("-data.id",), "no/knob": 1},
    }
    assert knobs_of(answers) == {
        "lookup_delay_s": 2,
        "texts": {"pong": "x"},
        "shapes": {"NEW_TRADE": ["-data.id"]},
    }


def test_what_is_given_goes_before_what_was_seen() -> None:
    seen = {"names_once": True, "executed": "total", "texts": {"pong": "x", "muted": "y"}}
    given = {"executed": "event", "texts": {"pong": "z"}}
    assert merged(seen, given) == {
        "names_once": True,
        "executed": "event",
        "texts": {"pong": "z", "muted": "y"},
    }
