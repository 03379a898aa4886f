"""Reads the orders that leave an engine off the wire, before anything can happen to them."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import trio

from engine.simulation.internet import REST
from engine.simulation.links import Link
from trading.core.identifiers import Pair
from trading.core.market import Side

_PLACES, _CANCELS = "PLACE_LIMIT_ORDER", "CANCEL_LIMIT_ORDER"
_REST_CANCELS = b"DELETE /"
_REST_LISTS = b"GET /v1/orders/open"
_REST_PLACES = (b"POST /v1/orders/limit", b"POST /v2/orders/limit")
_TEXT_FRAME = 0x81
_LENGTH_16, _LENGTH_64 = 126, 127


@attrs.frozen(kw_only=True)
class Departure:
    """
    A new order that was handed to the network.

    Args:
        at: Monotonic seconds.
        link: The connection that it left by.
        last_byte: Of it, among all bytes that ever left by that connection.
    """

    at: float
    process: int
    link: Link
    last_byte: int
    client_order_id: str
    pair: Pair
    side: Side
    price: Decimal
    quantity: Decimal
    post_only: bool

    @property
    def on_the_way(self) -> bool:
        """Whether it may still arrive, and has not."""
        up = self.link.up
        lost = up.dead or up.broken or up.reader_gone
        return up.arrived < self.last_byte and not lost


class DepartureReader:
    """
    Finds the orders in what one process sends, and whose orders it wants to end.

    Args:
        seen: Called with each order.
        cancels: Called with the names in each cancel: the venue's, and the client's.
        lists: Called when the list of open orders is asked for.
    """

    def __init__(
        self,
        seen: Callable[[Departure], None],
        cancels: Callable[[str | None, str | None], None],
        lists: Callable[[], None],
    ) -> None:
        self._seen = seen
        self._lists = lists
        self._cancels = cancels
        self._bodies: dict[int, bytes] = {}

    def __call__(self, link: Link, data: bytes) -> None:
        if link.kind == REST:
            self._rest(link, data)
        elif data[0] == _TEXT_FRAME and "_LIMIT_ORDER" in (text := _unmasked(data)):
            frame = json.loads(text)
            if frame.get("type") == _PLACES:
                self._found(link, frame["payload"], len(data))
            elif frame.get("type") == _CANCELS:
                self._cancelled(frame["payload"])

    def _rest(self, link: Link, data: bytes) -> None:
        if data.startswith(_REST_LISTS):
            self._lists()
        # Head and body are handed over one after the other.
        if data.startswith((*_REST_PLACES, _REST_CANCELS)):
            self._bodies[link.number] = data
        elif link.number in self._bodies:
            self._bodies[link.number] += data
        else:
            return
        head, _, body = self._bodies[link.number].partition(b"\r\n\r\n")
        try:
            payload = json.loads(body)
        except ValueError:
            return
        del self._bodies[link.number]
        if head.startswith(_REST_CANCELS):
            self._cancelled(payload)
        else:
            self._found(link, payload, len(data))

    def _cancelled(self, payload: dict[str, Any]) -> None:
        self._cancels(payload.get("orderId"), payload.get("customerOrderId"))

    def _found(self, link: Link, payload: dict[str, Any], length: int) -> None:
        self._seen(
            Departure(
                at=trio.current_time(),
                process=link.process,
                link=link,
                last_byte=link.up.sent + length,
                client_order_id=payload["customerOrderId"],
                pair=Pair(payload["pair"]),
                side=Side(payload["side"].lower()),
                price=Decimal(payload["price"]),
                quantity=Decimal(payload["quantity"]),
                post_only=payload.get("postOnly") in (True, "true"),
            )
        )


def _unmasked(frame: bytes) -> str:
    """The text of a whole client frame; empty where it is none."""
    length, offset = frame[1] & 0x7F, 2
    if length == _LENGTH_16:
        length, offset = int.from_bytes(frame[2:4]), 4
    elif length == _LENGTH_64:
        length, offset = int.from_bytes(frame[2:10]), 10
    mask, body = frame[offset : offset + 4], frame[offset + 4 :]
    if len(body) != length:
        return ""
    whole = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(body) ^ int.from_bytes(whole)).to_bytes(length).decode()
