"""Requests and responses of the REST interface as values, and the table of its routes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import attrs
import msgspec

from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.requests.fields import Refused, invalid_request, read_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JSON_HEADERS = (("content-type", "application/json"),)


@attrs.frozen(kw_only=True)
class Response:
    """
    An HTTP response.

    Args:
        headers: Without the content length, which the server adds.
        cut: Whether the connection ends instead, with nothing sent back.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = _JSON_HEADERS
    body: bytes = b""
    cut: bool = False

    @property
    def ok(self) -> bool:
        return self.status < HTTPStatus.BAD_REQUEST

    @classmethod
    def json(cls, value: Any, status: int = 200) -> "Response":
        return cls(status=status, body=msgspec.json.encode(value))

    @classmethod
    def refusal(cls, refused: Refused) -> "Response":
        body = {"code": refused.code, "message": refused.message}
        return cls.json(body, refused.status)


@attrs.frozen(kw_only=True)
class Call:
    """
    A request on a known route.

    Args:
        parameters: The parts of the path that the route leaves open.
        query: The last value of each name.
        account: Whose key signed it; ``None`` on public routes.
        now: Seconds since the exchange began.
    """

    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    account: Account | None
    now: float

    @property
    def signed_by(self) -> Account:
        assert self.account is not None, "only signed routes ask"
        return self.account

    def decoded(self) -> object:
        """
        The body as JSON.

        Raises:
            Refused: The body is not JSON.
        """
        try:
            return read_json(self.body)
        except ValueError:
            raise Refused(-113, "Invalid JSON payload") from None

    def count(self, name: str, default: int, maximum: int) -> int:
        """A number from the query, kept within its bounds."""
        text = self.query.get(name, "")
        if not (text.isascii() and text.isdigit()):
            return default
        return min(int(text[:18]), maximum)

    def time_ms(self, name: str) -> int | None:
        """
        An ISO 8601 time from the query, in milliseconds since 1970; ``None`` when it is not given.

        Raises:
            Refused: The text is not a time.
        """
        text = self.query.get(name, "")
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
            if at.tzinfo is None:
                at = at.replace(tzinfo=UTC)
            return round((at - _EPOCH) / timedelta(milliseconds=1))
        except (ValueError, OverflowError):
            raise invalid_request() from None

    def within(self, at_ms: int) -> bool:
        """Whether a time lies within the query's startTime and endTime, where they are given."""
        start_ms, end_ms = self.time_ms("startTime"), self.time_ms("endTime")
        return (start_ms is None or at_ms >= start_ms) and (end_ms is None or at_ms <= end_ms)

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() == "true"


Handler = Callable[[Call], Response]


@attrs.frozen
class Route:
    """
    One row of the table.

    Args:
        pattern: A path whose parts in braces stand for anything.
        max_age_s: How long the venue's edge may answer the same, errors included.
    """

    method: str
    pattern: str
    handler: Handler
    signed: bool = True
    max_age_s: int | None = None

    def parameters(self, method: str, path: str) -> dict[str, str] | None:
        """The open parts, or ``None`` when the route does not fit."""
        if method != self.method or self.pattern.count("/") != path.count("/"):
            return None
        wanted, given = self.pattern.split("/"), path.split("/")
        found: dict[str, str] = {}
        for pattern, part in zip(wanted, given, strict=True):
            if pattern.startswith("{"):
                found[pattern.strip("{}")] = part
            elif pattern != part:
                return None
        return found


def query_of(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace"))
