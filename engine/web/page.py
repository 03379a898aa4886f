"""All that the routes of the page look at."""

import attrs
import trio

from engine.web.board import Board
from engine.web.deeds import Deeds
from engine.web.door import Door
from engine.web.ledger_view import LedgerView
from engine.web.reports import Reports


@attrs.frozen(kw_only=True)
class Page:
    """
    All that the routes look at.

    Args:
        name: Of the engine.
        config: As the person named it.
        port: Where the page is served, which is in the cookie's name: hosts share cookies.
        read_only: No deed is done.
    """

    board: Board
    door: Door
    deeds: Deeds
    ledger: LedgerView
    reports: Reports
    stop: trio.Event
    name: str
    config: str
    port: int
    read_only: bool

    @property
    def cookie(self) -> str:
        return f"quotewright_{self.port}"
