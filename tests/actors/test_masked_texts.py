"""Our own frames are those of RFC 6455, and no two have the same key."""

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from actors.net.masked_texts import MaskedTexts

TEXTS = ("", "x", "Grüße €", "x" * 125, "x" * 126, "x" * 300, "x" * 65_535, "x" * 65_536)


@pytest.mark.parametrize("text", TEXTS)
def test_a_frame_is_read_as_the_text(text: str) -> None:
    server = Connection(ConnectionType.SERVER)
    server.receive_data(MaskedTexts().frame(text))
    messages = list(server.events())
    assert "".join(m.data for m in messages if isinstance(m, TextMessage)) == text
    last = messages[-1]
    assert isinstance(last, TextMessage)
    assert last.message_finished


def test_each_frame_has_a_key_of_its_own() -> None:
    frames = MaskedTexts()
    assert len({frames.frame("x" * 8)[2:6] for _ in range(1000)}) == 1000
