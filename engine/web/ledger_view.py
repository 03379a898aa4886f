"""What the page takes from the ledger: opened, read and closed again, without holding it up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import trio

from engine.storage.ledger_database import open_to_read
from engine.storage.whole_ledger import read_whole
from engine.views.order_story import order_story
from engine.views.time_args import moment_text
from engine.web.board import FILLS_MAX, Board
from engine.web.history import COLUMNS, NAN
from trading.core.decimals import decimal_text
from trading.core.errors import Fatal
from trading.core.identifiers import strategy_of
from trading.journal import reading, streams
from trading.journal.stored import StoredFill, StoredOrder
from trading.journal.tables import Query

Json = dict[str, Any]
T = TypeVar("T")

PAGE = 500

_DECISIONS_APART_S = 120.0
"""A price that was decided by stands for so long, at most, as the line between two of them."""

_DAY_NS = 24 * 3600 * 10**9


@attrs.frozen(kw_only=True)
class Captured:
    """
    What a strategy's fills of one run were better than the mid price when they came.

    Args:
        captured: In quote currency.
        fills: How many are in it: of the others no mid price is known.
    """

    session: int
    captured: float = 0.0
    fills: int = 0


class LedgerView:
    """
    Reads the engine's ledger, which it never changes.

    Args:
        path: Of the ledger.
    """

    def __init__(self, board: Board, path: Path) -> None:
        self._board = board
        self._path = path
        self._number = 0
        self._venue: str | None = None
        self._seen: object = None
        self._captured: dict[str, Captured] = {}

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Once begin with what there is, then wait for ``look``."""
        await self.look(None)
        task_status.started()

    async def look(self, seen: object) -> None:
        """
        Put fills that are new on the board.

        Args:
            seen: What the engine says of its last fills; when it has not changed, nothing is read.
        """
        if seen is not None and seen == self._seen:
            return
        try:
            rows = await trio.to_thread.run_sync(self._read, self._news)
        except (Fatal, FileNotFoundError) as trouble:
            self._board.part("ledger", {"trouble": _words(trouble, self._path)})
            return
        self._seen = seen
        self._board.part("ledger", {"trouble": ""})
        for number, stored in rows:
            self._number = max(self._number, number)
            fill = self._fill(number, stored)
            self._board.filled(fill)
            self._capture(stored, fill)
        for name, captured in self._captured.items():
            self._board.part(f"{name}/captured", attrs.asdict(captured))

    def _capture(self, stored: StoredFill, fill: Json) -> None:
        """Add what a fill was better than the mid price of its moment, of the newest run."""
        before = self._captured.get(fill["strategy"])
        if before is None or before.session != stored.session:
            before = Captured(session=stored.session)
        mid = self._board.strategy(fill["strategy"]).ring.at("mid", fill["at"] / 1000)
        sign = 1 if fill["side"] == "buy" else -1
        better = sign * (mid - float(fill["price"])) * float(fill["quantity"])
        known = better == better  # noqa: PLR0124  # NaN where no price is known
        self._captured[fill["strategy"]] = Captured(
            session=stored.session,
            captured=before.captured + (better if known else 0.0),
            fills=before.fills + known,
        )

    async def fills(self, below: int | None) -> list[Json]:
        """A page of older fills, the newest last."""

        def read(query: Query, venue: str) -> list[tuple[int, StoredFill]]:
            return streams.newest_fills(query, venue=venue, below=below, most=PAGE)

        rows = await trio.to_thread.run_sync(self._read, read)
        return [self._fill(number, stored) for number, stored in rows]

    async def orders(self, below: int | None) -> list[Json]:
        """A page of older orders, the newest last."""

        def read(query: Query, venue: str) -> list[tuple[int, StoredOrder]]:
            return streams.newest_orders(query, venue=venue, below=below, most=PAGE)

        return [_order(*row) for row in await trio.to_thread.run_sync(self._read, read)]

    async def story(self, order_id: str) -> Json | None:
        """All that is known of one order."""

        def read() -> Json | None:
            return read_whole(self._path, lambda whole: order_story(whole, order_id))

        return await trio.to_thread.run_sync(read)

    async def begin(self) -> None:
        """Put the mid prices of the last day's decisions on the board: all there is before us."""

        def read(query: Query, venue: str) -> list[tuple[int, str, float]]:
            since_ns = self._board.now_ms() * 10**6 - _DAY_NS
            prices = streams.decided_prices(query, venue=venue, since_ns=since_ns)
            return [(at_ns, strategy, float(price)) for at_ns, strategy, price in prices]

        try:
            prices = await trio.to_thread.run_sync(self._read, read)
        except (Fatal, FileNotFoundError):
            return  # told by the next look
        for at_ns, strategy, price in prices:
            row = [at_ns / 1e9, price, *(NAN for _ in COLUMNS[2:])]
            self._board.strategy(strategy).ring.add(row, gap_s=_DECISIONS_APART_S)

    def _news(self, query: Query, venue: str) -> list[tuple[int, StoredFill]]:
        if venue != self._venue:
            # Another simulated exchange, or another venue: its fills are another story.
            self._venue, self._number = venue, 0
            self._board.fills.clear()
        return streams.newest_fills(query, venue=venue, above=self._number, most=FILLS_MAX)

    def _read(self, read: Callable[[Query, str], T]) -> T:
        database = open_to_read(self._path)
        try:

            def of_newest_venue(query: Query) -> T:
                sessions = reading.sessions(query)
                return read(query, sessions[-1].venue if sessions else "")

            return database.read(of_newest_venue)
        finally:
            database.close()

    def _fill(self, number: int, stored: StoredFill) -> Json:
        fill = stored.fill
        assert fill.client_order_id is not None, "the ledger has no other fills"
        strategy = strategy_of(fill.client_order_id)
        return {
            "number": number,
            "at": fill.traded_at_ms,
            "strategy": strategy,
            "side": fill.side.value,
            "price": decimal_text(fill.price),
            "quantity": decimal_text(fill.quantity),
            "fee": decimal_text(fill.fee),
            "fee_currency": fill.fee_currency,
            "order": fill.client_order_id,
            "trade": fill.trade_id,
        }


def _order(number: int, stored: StoredOrder) -> Json:
    return {
        "number": number,
        "at": stored.decided_at_ns // 10**6,
        "changed": moment_text(stored.changed_at_ns),
        "order": stored.client_order_id,
        "strategy": stored.strategy,
        "side": stored.side.value,
        "price": decimal_text(stored.price),
        "quantity": decimal_text(stored.quantity),
        "filled": decimal_text(stored.filled_quantity),
        "status": stored.status.value,
        "reason": stored.reason,
    }


def _words(trouble: Exception, path: Path) -> str:
    if isinstance(trouble, FileNotFoundError):
        return f"there is no ledger at {path} yet"
    return str(trouble)
