"""Judges VALR's REST answers: done, definitely refused, our key, come back later, or unknown."""

import re
from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from trading.core.errors import (
    KeyRefused,
    KeyTrouble,
    Outage,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from trading.venues.rate_limits import TURNED_AWAY, retry_after_s
from trading.venues.valr.codec.fields import UNREADABLE
from trading.venues.valr.wire import rest as rest_wire

_BAD_ADDRESS = -11272
"""The address is not on the key's allow-list."""
_KEY_CODES = frozenset({-11252, -11268, _BAD_ADDRESS})
"""And bad key or signature, key missing."""

_decoder = msgspec.json.Decoder(rest_wire.ApiError)


_ABOUT_RULES = re.compile(
    r"minimum|maximum|tick|increment|decimal|precision|order type|currency pair|\bfees?\b"
    r"|invalid (order|request)",  # all that VALR says of a price between two ticks
    re.IGNORECASE,
)


def speaks_of_rules(reason: str) -> bool:
    """Whether a refusal of an order may mean that the pair's rules are not what they were."""
    return _ABOUT_RULES.search(reason) is not None


def verdict(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """
    The body of a success.

    The body decides before the status: a 2xx may carry an error code, and an error page that is
    not JSON was seen from a front end although the order had been accepted. What the status says of
    our key or of too many requests stands without a body too.

    Args:
        headers: The answer's, with their names in lower case.

    Raises:
        Rejected: VALR refused, and nothing happened.
        OutcomeUnknown: The answer does not tell whether something happened.
        RateLimited: VALR asks for fewer requests; nothing happened.
        Outage: VALR is away; nothing happened.
        KeyRefused: Our key or its permissions will not do.
    """
    headers = headers or {}
    error = _error(body)
    if status in TURNED_AWAY:
        wished_s = retry_after_s(headers.get("retry-after"), headers.get("date"))
        raise RateLimited(f"VALR asks for fewer requests ({status})", wished_s)
    page = body.lstrip().startswith(b"<") or (
        not body and headers.get("content-type", "").lower().startswith("text/html")
    )
    _require_permission(status, error, page=page)
    if status == HTTPStatus.SERVICE_UNAVAILABLE and error is not None:
        raise Outage(f"VALR is in maintenance: {error.words}")
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        if error is not None:
            raise Rejected(error.words, error.code)
        return body
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and error is not None:
        raise Rejected(error.words, error.code)
    raise OutcomeUnknown(f"VALR answered {status} with a body that tells nothing")


def _require_permission(status: int, error: rest_wire.ApiError | None, *, page: bool) -> None:
    if error is not None and error.code in _KEY_CODES:
        raise KeyRefused(
            f"VALR refused our key: {error.words} (code {error.code}); check the key, its"
            " permissions, its allow-list of addresses, and this machine's clock",
            _trouble(error),
        )
    if status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return
    if page:
        raise OutcomeUnknown(
            f"{status} with a web page: not VALR has answered, but somebody before it (a captive"
            " portal, a proxy, a firewall)"
        )
    words = error.words if error is not None else f"status {status}"
    raise KeyRefused(f"VALR refused our key or permission: {words}", KeyTrouble.PERMISSION)


def _trouble(error: rest_wire.ApiError) -> KeyTrouble:
    if error.code == _BAD_ADDRESS:
        return KeyTrouble.ADDRESS
    # VALR has one number for a wrong key and a wrong signature; its words differ.
    return KeyTrouble.SIGNATURE if "signature" in error.words.lower() else KeyTrouble.KEY


def _error(body: bytes) -> rest_wire.ApiError | None:
    """The error in a body, if it is a JSON object with a code."""
    try:
        error = _decoder.decode(body)
    except UNREADABLE:
        return None
    return error if error.code is not None else None
