"""
Cancels our orders when the event loop stands still: in a thread, without the engine's loop.

Blocking HTTPS, a connection a request, a few at a time. It asks for the venue's own list and
cancels what carries this engine's client order ids, until the list shows none or its time is up.
"""

import http.client
import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import TypeVar

import msgspec
import structlog

from actors.net.http_body import BODY_BYTES_MAX
from actors.net.network import Address, AddressSource
from trading.core.errors import Fatal, MalformedFrame, Outage, OutcomeUnknown, RateLimited, Rejected
from trading.core.identifiers import ClientOrderId
from trading.messages.account import OrderReport
from trading.venues.interface import Call, Venue

log = structlog.get_logger()

T = TypeVar("T")

LAST_ACT_S = 4.0
"""Together with the patience while stopping less than the 10 s after which `docker stop` kills."""

_ANSWER_S = 2.0
_AT_ONCE = 8
_PAUSE_S = 0.3
_TROUBLES = (
    *(OSError, http.client.HTTPException),
    *(Fatal, MalformedFrame, Outage, OutcomeUnknown, RateLimited, Rejected),
)

Trust = Callable[[], ssl.SSLContext]


class Managed(msgspec.Struct, frozen=True, kw_only=True):
    """
    The result of the last act.

    Args:
        cancelled: Orders that the venue was asked to cancel and no longer lists.
        left: Orders that it listed last; ``None`` if it never told.
        trouble: What went wrong last; empty when the list shows nothing of ours.
    """

    cancelled: int = 0
    left: tuple[str, ...] | None = None
    trouble: str = ""


class LastAct(msgspec.Struct, frozen=True, kw_only=True):
    """
    Withdraws this engine's orders without the event loop.

    Args:
        venue: Signs requests and judges answers, as in the engine.
        address: Of the venue's REST interface.
        owns: Whether an order is one of this engine's.
        trust: Makes the TLS context; called only where the address is encrypted.
        within_s: Seconds for all of it.
    """

    venue: Venue
    address: AddressSource
    owns: Callable[[ClientOrderId | None], bool]
    trust: Trust
    within_s: float = LAST_ACT_S

    def perform(self) -> Managed:
        """Cancel what can be cancelled in time, and return what was achieved; raises nothing."""
        ends_at = time.monotonic() + self.within_s
        found: set[str] = set()
        managed = Managed(trouble="the venue was not reached")
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="last act")
        try:
            while (left_s := ends_at - time.monotonic()) > 0:
                listing = pool.submit(self._ours, min(left_s, _ANSWER_S))
                wait_for([listing], left_s)
                if not listing.done():
                    return msgspec.structs.replace(
                        managed, trouble="its list of orders did not come in time"
                    )
                try:
                    ours = listing.result()
                except _TROUBLES as error:
                    managed = msgspec.structs.replace(
                        managed, trouble=f"{type(error).__name__}: {error}"
                    )
                    time.sleep(_PAUSE_S)  # noqa: TID251  # a thread of its own
                    continue
                names = {str(report.client_order_id) for report in ours}
                found |= names
                managed = Managed(
                    cancelled=len(found - names),
                    left=tuple(sorted(names)),
                    trouble="orders were still listed" if names else "",
                )
                if not names:
                    return managed
                cancels = [pool.submit(self._cancel, report) for report in ours]
                wait_for(cancels, max(0.0, ends_at - time.monotonic()))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return managed

    def _ours(self, within_s: float) -> Sequence[OrderReport]:
        listed = self._call(self.venue.open_orders(), within_s)
        return [report for report in listed if self.owns(report.client_order_id)]

    def _cancel(self, report: OrderReport) -> None:
        """Ask for a cancel; only the next list tells whether it was done."""
        call = self.venue.cancel(report.pair, report.venue_order_id, report.client_order_id)
        try:
            self._call(call, _ANSWER_S)
        except _TROUBLES as error:
            log.warning("sweep_refused", order=report.client_order_id, cause=str(error))

    def _call(self, call: Call[T], within_s: float) -> T:
        address = self.address()
        connection = self._connection(address, within_s)
        try:
            # Signed once the connection stands: a signature is dated.
            connection.connect()
            signed = self.venue.sign(call)
            headers = {"Accept": "*/*", "Host": address.authority, **signed.headers}
            connection.request(signed.verb, signed.path, signed.body.encode() or None, headers)
            answer = connection.getresponse()
            body = answer.read(BODY_BYTES_MAX)
            heads = {name.lower(): value for name, value in answer.getheaders()}
            return call.decode(self.venue.verdict(answer.status, body, heads))
        finally:
            connection.close()

    def _connection(self, address: Address, within_s: float) -> http.client.HTTPConnection:
        if not address.tls:
            return http.client.HTTPConnection(address.host, address.port, timeout=within_s)
        return http.client.HTTPSConnection(
            address.host, address.port, timeout=within_s, context=self.trust()
        )
