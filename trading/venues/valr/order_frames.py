"""
Requests about orders for VALR's account socket.

The payload is the body of the REST call. A reply is an acknowledgement, never an outcome.
"""

from collections.abc import Sequence

import msgspec

from trading.venues.valr.rest.orders import Leg, LegKind, Payload, batch_payload

_encoder = msgspec.json.Encoder()


def place_limit(payload: Payload, request_id: str) -> str:
    return _frame("PLACE_LIMIT_ORDER", payload, request_id)


def place_market(payload: Payload, request_id: str) -> str:
    return _frame("PLACE_MARKET_ORDER", payload, request_id)


def modify(payload: Payload, request_id: str) -> str:
    return _frame("MODIFY_ORDER", payload, request_id)


def cancel(payload: Payload, request_id: str) -> str:
    return _frame("CANCEL_LIMIT_ORDER", payload, request_id)


def batch(legs: Sequence[Leg], request_id: str) -> str:
    """
    Several requests in one frame.

    What VALR replies is not published (protocol U4): count on the events of each order.

    Raises:
        ValueError: More legs than a batch takes, modifications among placements, or a stop order,
            which sockets do not know.
    """
    if any(leg.kind is LegKind.PLACE_STOP_LIMIT for leg in legs):
        raise ValueError("VALR takes stop orders by REST alone")
    return _frame("BATCH_ORDERS", batch_payload(legs), request_id)


def _frame(kind: str, payload: object, request_id: str) -> str:
    frame = {"type": kind, "clientMsgId": request_id, "payload": payload}
    return _encoder.encode(frame).decode()
