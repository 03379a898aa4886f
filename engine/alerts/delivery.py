"""
The process that sends one message: ``python -m engine.alerts.delivery``.

It reads an address and a message on its standard input, and writes why it failed, if it did;
without a message it looks whether the address is understood. What speaks to a hundred services is
imported here alone, at a lower priority than trading, and is gone with the message.
"""

import json
import logging
import os
import re
import sys
from typing import Protocol

from typing_extensions import override

NO_APPRISE = "apprise is not installed, which sends messages"
INSTALL = "pip install 'quotewright[alerts]'"
NOT_UNDERSTOOD = "apprise does not understand the address; its form is in apprise's documentation"

_NICENESS = 10
_PIECE_LENGTH_MIN = 4
_PIECES = re.compile(r"[/:@?&=,;#+]+")
_TROUBLE_LENGTH_MAX = 300


def main() -> None:
    """Do what standard input says; the answer is one JSON object."""
    asked = json.load(sys.stdin)
    if "body" in asked:
        trouble = deliver(asked["url"], asked["title"], asked["body"])
    else:
        found = destination(asked["url"])
        trouble = found if isinstance(found, str) else ""
    sys.stdout.write(json.dumps({"trouble": trouble}))


class Sender(Protocol):
    """What apprise makes of an address."""

    def notify(self, *, body: str, title: str) -> object:
        """Send a message; true where it was taken."""
        ...


def destination(url: str) -> Sender | str:
    """What sends to an address; why there is nothing that could, if so."""
    try:
        import apprise  # noqa: PLC0415  # an extra, and only where it is used
    except ImportError:
        return f"{NO_APPRISE}: {INSTALL}"
    logging.getLogger("apprise").propagate = False
    found: Sender | None = apprise.Apprise.instantiate(url)
    return NOT_UNDERSTOOD if found is None else found


def deliver(url: str, title: str, text: str) -> str:
    """Send one message; why it did not arrive, without anything secret, if so."""
    told = _Told()
    logging.getLogger("apprise").addHandler(told)
    found = destination(url)
    if isinstance(found, str):
        return found
    if found.notify(body=text, title=title):
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
