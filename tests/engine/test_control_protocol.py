"""What commands and engine say to each other survives the way, and nothing else is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control.protocol import (
    REASON_LENGTH_MAX,
    REQUEST_LENGTH_MAX,
    Ask,
    Is,
    NotUnderstood,
    Reply,
    Request,
    read_reply,
    read_request,
    reply_line,
    request_line,
)


@given(st.sampled_from(Ask), st.text(max_size=REASON_LENGTH_MAX))
def test_a_request_arrives_as_it_was_sent_in_one_line_that_is_short_enough(
    ask: Ask, reason: str
) -> None:
    request = Request(ask=ask, reason=reason)
    line = request_line(request)
    assert b"\n" not in line
    assert read_request(line) == request


def test_the_longest_reason_of_the_widest_characters_fits() -> None:
    request = Request(ask=Ask.KILL, reason="\x00" * 10_000)
    assert len(request_line(request)) < REQUEST_LENGTH_MAX


@given(st.sampled_from(Is), st.dictionaries(st.text().filter(lambda k: k != "is"), st.text()))
def test_a_reply_arrives_as_it_was_sent(kind: Is, content: dict[str, str]) -> None:
    assert read_reply(reply_line(Reply(kind, dict(content)))) == Reply(kind, dict(content))


@given(st.binary() | st.sampled_from([b"[]", b"{}", b'{"ask":1}', b'{"ask":[]}', b"[" * 3000]))
def test_nothing_else_is_worse_than_not_understood(line: bytes) -> None:
    for read in (read_request, read_reply):
        with pytest.raises(NotUnderstood):
            read(line)


@pytest.mark.parametrize("reason", ["1", '"' + "x" * (REASON_LENGTH_MAX + 1) + '"'])
def test_a_reason_is_a_text_of_some_length(reason: str) -> None:
    with pytest.raises(NotUnderstood, match="reason"):
        read_request(f'{{"ask":"kill","reason":{reason}}}'.encode())
