"""Gates as spans of time."""

from hypothesis import given
from hypothesis import strategies as st

from trading.backtest.gate_spans import GateSpans
from trading.core.market import Side
from trading.decisions.decision import Gate

_CODES = ("one", "two", "three")


def _gate(code: str, side: Side | None) -> Gate:
    return Gate(code=code, side=side, sentence=code)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.lists(
                st.tuples(st.sampled_from(_CODES), st.sampled_from([None, *Side])), max_size=4
            ),
        ),
        max_size=12,
    ),
    st.integers(0, 3),
)
def test_a_gate_is_shut_from_the_look_that_says_so_to_the_first_that_does_not(
    looks: list[tuple[int, list[tuple[str, Side | None]]]], rest: int
) -> None:
    spans, now = GateSpans(), 0
    expected: dict[tuple[str, Side | None], set[int]] = {}
    shut: list[tuple[str, Side | None]] = []
    for after, gates in [*looks, (rest, [])]:
        for key in shut:
            expected.setdefault(key, set()).update(range(now, now + after))
        now, shut = now + after, gates
        spans.look((_gate(*key) for key in gates), now)
    found: dict[tuple[str, Side | None], set[int]] = {}
    for span in spans.ended(now):
        units = set(range(span.from_ns, span.to_ns))
        assert units
        assert not units & found.setdefault((span.code, span.side), set())
        found[span.code, span.side] |= units
    assert found == {key: units for key, units in expected.items() if units}
