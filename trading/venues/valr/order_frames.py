"""
Requests about orders for VALR's account socket.

The payload is the body of the REST call. A reply is an acknowledgement, never an outcome.
"""

from collections.abc import Sequence

from trading.venues.interface import OrderFrame
from trading.venues.valr import limits
from trading.venues.valr.account_codec import request_frame
from trading.venues.valr.order_requests import Leg, LegKind, Payload, batch_payload


def place_limit(payload: Payload, request_id: str) -> OrderFrame:
    return OrderFrame(request_frame("PLACE_LIMIT_ORDER", payload, request_id), (limits.PLACE,))


def place_market(payload: Payload, request_id: str) -> OrderFrame:
    return OrderFrame(request_frame("PLACE_MARKET_ORDER", payload, request_id), (limits.PLACE,))


def modify(payload: Payload, request_id: str) -> OrderFrame:
    return OrderFrame(request_frame("MODIFY_ORDER", payload, request_id), (limits.MODIFY,))


def cancel(payload: Payload, request_id: str) -> OrderFrame:
    return OrderFrame(request_frame("CANCEL_LIMIT_ORDER", payload, request_id), (limits.CANCEL,))


def batch(legs: Sequence[Leg], request_id: str) -> OrderFrame:
    """
    Several requests in one frame.

    What VALR replies is not published (protocol U4): count on the events of each order.

    Raises:
        ValueError: More legs than a batch takes, modifications among placements, or a stop order,
            which sockets do not know.
    """
    if any(leg.kind is LegKind.PLACE_STOP_LIMIT for leg in legs):
        raise ValueError("VALR takes stop orders by REST alone")
    text = request_frame("BATCH_ORDERS", batch_payload(legs), request_id)
    return OrderFrame(text, (limits.BATCH,))
