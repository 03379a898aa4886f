"""A line of a recording: a frame, with the time of its arrival or without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.recorded.line import RecordedFrame, line_of, read_line

printable = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), min_size=1)


@given(printable.map(lambda text: f'{{"x":"{text}"}}'), st.integers(0, 2**62))
def test_what_is_written_is_read(frame: str, received_ns: int) -> None:
    line = line_of(frame, received_ns)
    assert line.endswith("\n")
    assert read_line(line.encode()) == RecordedFrame(received_ns, frame)


@given(printable.map(lambda text: f'{{"x":"{text}"}}'))
def test_a_frame_alone_is_read_too(frame: str) -> None:
    assert read_line(frame.encode() + b"\r") == RecordedFrame(None, frame)


def test_a_frame_of_several_lines_becomes_one() -> None:
    assert line_of('{\r\n"type":\n"PONG"}', 5) == '5 {  "type": "PONG"}\n'


@pytest.mark.parametrize(
    ("line", "trouble"),
    [(b"", "empty"), (b" \r", "empty"), (b'{"x":"\xff"}', "not UTF-8: invalid start byte at")],
)
def test_what_holds_no_text_is_refused(line: bytes, trouble: str) -> None:
    with pytest.raises(ValueError, match=trouble):
        read_line(line)


def test_a_number_that_is_no_time_is_part_of_the_frame() -> None:
    assert read_line(b"12345678901234567890 x").received_ns is None
