"""Judges Binance's REST answers (rest-api.md, "HTTP Return Codes"; errors.md)."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from trading.core.errors import Outage, OutcomeUnknown, RateLimited, Rejected
from trading.venues.binance import wire
from trading.venues.binance.codec import UNREADABLE
from trading.venues.rate_limits import TURNED_AWAY, retry_after_s

_complaints = msgspec.json.Decoder(wire.Complaint)


def verdict(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """
    The body of a success.

    Raises:
        Rejected: Binance refused, and says why.
        OutcomeUnknown: The answer tells nothing.
        RateLimited: Binance asks for fewer requests.
        Outage: Binance does not serve this address.
    """
    headers = headers or {}
    if status in TURNED_AWAY or status == HTTPStatus.FORBIDDEN:
        # 403 is the firewall's answer to too many requests.
        wished_s = retry_after_s(headers.get("retry-after"), headers.get("date"))
        raise RateLimited(f"Binance asks for fewer requests ({status})", wished_s)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return body
    complaint = _complaint(body)
    if status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
        said = "" if complaint is None else f": {complaint.msg}"
        raise Outage(f"Binance does not serve the place of this machine{said}")
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and complaint:
        raise Rejected(complaint.msg, complaint.code)
    raise OutcomeUnknown(f"Binance answered {status} with a body that tells nothing")


def _complaint(body: bytes) -> wire.Complaint | None:
    try:
        return _complaints.decode(body)
    except UNREADABLE:
        return None
