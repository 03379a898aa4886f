"""
The process that sends one message: ``python -m engine.alerts.delivery``.

It reads an address and a message on its standard input, and writes why it failed, if it did. What
speaks to a hundred services is imported here alone, at a lower priority than trading, and is gone
with the message.
"""

import json
import logging
import os
import re
import sys
from typing import Any

from typing_extensions import override

NO_APPRISE = "apprise is not installed, which sends messages"
INSTALL = "pip install 'quotewright[alerts]'"
NOT_UNDERSTOOD = "apprise does not understand the address; its form is in apprise's documentation"

_NICENESS = 10
_PIECE_LENGTH_MIN = 4
_PIECES = re.compile(r"[/:@?&=,;#+]+")
_TROUBLE_LENGTH_MAX = 300


def main() -> None:
    """Send what standard input says; the answer is one JSON object."""
    asked = json.load(sys.stdin)
    trouble = deliver(asked["url"], asked["title"], asked["body"])
    sys.stdout.write(json.dumps({"trouble": trouble}))


def deliver(url: str, title: str, text: str) -> str:
    """Send one message; why it did not arrive, without anything secret, if so."""
    try:
        import apprise  # noqa: PLC0415  # an extra, and only where it is used
    except ImportError:
        return f"{NO_APPRISE}: {INSTALL}"
    told = _Told()
    logger = logging.getLogger("apprise")
    logger.addHandler(told)
    logger.propagate = False
    destination: Any = apprise.Apprise.instantiate(url)
    if destination is None:
        return NOT_UNDERSTOOD
    if destination.notify(body=text, title=title):
        return ""
    return without_secrets(url, "; ".join(told.lines) or "it was not taken")[:_TROUBLE_LENGTH_MAX]


def without_secrets(url: str, text: str) -> str:
    """A text without any piece of an address but its scheme."""
    rest = url.partition("://")[2]
    pieces = sorted({p for p in _PIECES.split(rest) if len(p) >= _PIECE_LENGTH_MIN}, key=len)
    for piece in reversed(pieces):
        text = text.replace(piece, "[redacted]")
    return text


class _Told(logging.Handler):
    """What apprise says of a failure."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


if __name__ == "__main__":
    os.nice(_NICENESS)
    main()
