"""Whatever somebody has typed: it loads, or each problem names its line, its key and a cure."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.source.problems import ConfigurationProblems, Problem
from engine.environment.venue_connection import simulated_rules
from tests.config.loaded import KEYS, LIVE, PAPER, loaded

CONFIG = Path(__file__).parents[2] / "config"
TEXTS = (PAPER, LIVE, *(path.read_text(encoding="utf-8") for path in CONFIG.glob("*.toml")))
RULES = dict(simulated_rules())

_SNIPPETS = (
    *('"', "'", "[", "]", "{", "}", "=", ".", ",", "#", "\n", "\r\n", "\t", " ", "\\", "-", "_"),
    *('"""', "'''", "[[", "]]", "[[strategies]]\n", "[strategies]\n", "[engine]\n", "x.y = 1\n"),
    *("inf", "nan", "1e400", "9" * 5000, "true", '"0.1 %"', "1979-05-27T07:32:00Z", "07:32:00"),
    *("[" * 60, "{a={b={c=1}}}", "é", "\x00", "\u2028", '"\\ud800"', "\ufeff", "0x10", "1_000"),
)


@st.composite
def mistyped(draw: st.DrawFn) -> str:
    """A configuration after a few slips of the hand."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        until = at + draw(st.sampled_from((0, 0, 1, 5, 80)))
        between = draw(st.sampled_from(_SNIPPETS) | st.text(max_size=5))
        match draw(st.sampled_from(("put", "line", "value"))):
            case "put":
                text = text[:at] + between + text[until:]
            case "line":
                lines = text.splitlines(keepends=True)
                taken = draw(st.sampled_from(lines)) if lines else ""
                text = text[:at] + "\n" + taken + text[at:]
            case _:
                before, equals, after = text[at:].partition("= ")
                value, end, rest = after.partition("\n")
                del value
                text = text[:at] + before + equals + (between if equals else after) + end + rest
    return text


def problems_of(text: str | bytes) -> tuple[Problem, ...]:
    try:
        loaded(text, environment=KEYS, instruments=RULES)
    except ConfigurationProblems as found:
        return found.problems
    return ()


def check(text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    lines = data.count(b"\n") + 1
    for problem in problems_of(data):
        assert problem.origin == "test.toml"
        assert problem.location is not None, problem
        assert 1 <= problem.location.line <= lines
        assert problem.location.column >= 1
        assert problem.message
        assert problem.cure
        assert str(problem).isascii() or str(problem).replace("\n", "").isprintable()


@settings(max_examples=400, deadline=None)
@given(text=mistyped())
def test_every_problem_of_a_mistyped_file_has_a_line(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200), at=st.integers(0, len(PAPER)))
def test_every_problem_of_bytes_that_are_no_text_has_a_line(data: bytes, at: int) -> None:
    check(data)
    check(PAPER.encode()[:at] + data + PAPER.encode()[at:])


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (PAPER.replace("15", "9" * 5000), 13, 22),
        (PAPER + "x = " + "[" * 5000 + "]" * 5000, 14, 1),
        (PAPER + "x = " + "{a=" * 3000 + "1" + "}" * 3000, 14, 1),
        (PAPER.encode() + b"# \xff", 14, 3),
        ("", 1, 1),
        ("\n\n", 1, 1),
    ],
)
def test_what_is_beyond_reason_or_no_text_has_its_place(
    text: str | bytes, line: int, column: int
) -> None:
    [first, *_] = problems_of(text)
    assert first.location is not None
    assert (first.location.line, first.location.column) == (line, column)
