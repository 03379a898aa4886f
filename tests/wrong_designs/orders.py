"""Wrong designs of orders, their ledger and their limits."""

from collections.abc import Callable, Mapping
from typing import Any

from actors.watch import kill_switch
from engine.storage import ledger_database
from tests.wrong_designs.design import Design, put
from trading.core.identifiers import ClientOrderIds, TradeId
from trading.gateway import reconciliation
from trading.gateway.fill_count import FillCount
from trading.gateway.records import OrderRecords
from trading.gateway.scripts import Flag, Script, wait
from trading.gateway.tracker import OrderTracker
from trading.messages.account import OpenOrdersListed, OrderNews, RequestAcknowledged
from trading.orders.evidence import NotFoundPolicy
from trading.orders.order import OrderEvent
from trading.orders.request_ids import Request, asked


def send_before_ledger() -> None:
    """An order leaves while its intent is still on its way to the disk."""

    def intended(self: Any, *arguments: Any) -> Flag:
        durable = before(self, *arguments)
        durable.set()
        return durable

    before = OrderRecords.intended
    put(OrderRecords, "intended", intended)


def no_fsync() -> None:
    """A commit returns before it is on the disk."""
    prepare = ledger_database._prepare  # noqa: SLF001

    def hasty(connection: Any, *arguments: Any, **options: Any) -> None:
        prepare(connection, *arguments, **options)
        connection.execute("PRAGMA synchronous = OFF")

    put(ledger_database, "_prepare", hasty)


def no_reconciliation() -> None:
    """Whatever the venue has, ours is taken for the truth."""

    def compare(_self: Any) -> Script[reconciliation.Comparison]:
        yield from wait(until=0.0)
        return reconciliation.Comparison.AGREED

    put(reconciliation.Reconciliation, "compare", compare)


def ids_restart_at_one() -> None:
    """Every run counts its orders from the same beginning."""
    begin = ClientOrderIds.__init__

    def forgetful(self: ClientOrderIds, engine: str, _session: int) -> None:
        begin(self, engine, 1)

    put(ClientOrderIds, "__init__", forgetful)


def no_settling_delay() -> None:
    """The first "no such order" is believed."""
    settled = NotFoundPolicy(answers=1, seconds=0.0)
    begin = OrderTracker.__init__

    def credulous(self: OrderTracker, _settling: NotFoundPolicy = settled) -> None:
        begin(self, settled)

    put(OrderTracker, "__init__", credulous)


def _reading(changed: Callable[[OrderTracker, OrderNews], None]) -> None:
    """Have the tracker read news in one more way, after its own."""
    take = OrderTracker._take  # noqa: SLF001

    def misread(self: OrderTracker, news: OrderNews) -> None:
        take(self, news)
        changed(self, news)

    put(OrderTracker, "_take", misread)


def requested_is_cancelled() -> None:
    """The acknowledgement of a cancel ends the order."""

    def end(tracker: OrderTracker, news: OrderNews) -> None:
        about = asked(news.request_id) if isinstance(news, RequestAcknowledged) else None
        if about is not None and about[0] is Request.CANCEL:
            tracker._advance(about[1], OrderEvent.CANCELLED)  # noqa: SLF001

    _reading(end)


def absence_is_cancelled() -> None:
    """What a list of open orders does not show is gone."""

    def end(tracker: OrderTracker, news: OrderNews) -> None:
        if isinstance(news, OpenOrdersListed):
            shown = {report.client_order_id for report in news.reports}
            for order_id in set(tracker.working) - shown:
                tracker._advance(order_id, OrderEvent.CANCELLED)  # noqa: SLF001

    _reading(end)


def timeout_is_rejected() -> None:
    """No answer in time means no order."""
    advance = OrderTracker._advance  # noqa: SLF001

    def hasty(self: OrderTracker, order_id: Any, event: OrderEvent, *, reason: str = "") -> None:
        ended = OrderEvent.REJECTED if event is OrderEvent.ANSWER_OVERDUE else event
        advance(self, order_id, ended, reason=reason)

    put(OrderTracker, "_advance", hasty)


def fills_counted_twice() -> None:
    """A fill that is told twice counts twice."""

    def new(_self: FillCount, _trade_id: TradeId, _where: Any) -> bool:
        return False

    def without_twin(_self: FillCount, *_arguments: Any) -> None:
        return None

    put(FillCount, "told", new)
    put(FillCount, "twin", without_twin)


def halt_forgotten() -> None:
    """A halt ends with the process: the next one quotes again."""
    begin = kill_switch._Life.begin  # noqa: SLF001

    def forgetful(self: Any, _remembered: str) -> None:
        begin(self, "")

    put(kill_switch._Life, "begin", forgetful)  # noqa: SLF001


def halt_not_written() -> None:
    """A kill is answered before it is on the disk, where it never gets to."""

    def careless(self: Any, *_entries: Any, then: Callable[[], None] | None = None) -> None:
        book(self, then=then)

    book = kill_switch._Life._book  # noqa: SLF001
    put(kill_switch._Life, "_book", careless)  # noqa: SLF001


_GATEWAY = ("tests/actors/test_gateway_unknown.py", "tests/actors/test_gateway_orders.py")
_TRACKER = ("tests/trading/test_order_tracker.py", "tests/trading/test_order_tracker_doubt.py")


DESIGNS: Mapping[str, Design] = {
    "send_before_ledger": Design(send_before_ledger, ("tests/actors/test_gateway_orders.py",)),
    "no_fsync": Design(no_fsync, ("tests/engine/test_ledger_database.py",)),
    "no_reconciliation": Design(no_reconciliation, ("tests/actors/test_gateway_limits.py",)),
    "ids_restart_at_one": Design(ids_restart_at_one, ("tests/trading/test_identifiers.py",)),
    "no_settling_delay": Design(no_settling_delay, _TRACKER),
    "requested_is_cancelled": Design(requested_is_cancelled, _TRACKER),
    "absence_is_cancelled": Design(absence_is_cancelled, _TRACKER),
    "timeout_is_rejected": Design(timeout_is_rejected, _TRACKER),
    "fills_counted_twice": Design(fills_counted_twice),
    "halt_forgotten": Design(halt_forgotten),
    "halt_not_written": Design(halt_not_written),
}
