"""
What a command and the running engine say to each other: JSON objects, one a line.

A request names what is asked. A reply names what it is; a kill is answered twice, when the halt is
durable and when the venue's list has shown whether anything is left, everything else once.
"""

import enum
import json
from typing import Any

import attrs

REQUEST_LENGTH_MAX = 4096
REPLY_LENGTH_MAX = 4 * 1024 * 1024
REASON_LENGTH_MAX = 500

Json = dict[str, Any]


class Ask(enum.Enum):
    """What may be asked of a running engine."""

    KILL = "kill"
    RESUME = "resume"
    HALT = "halt"
    """Whether a halt stands."""
    STATUS = "status"
    EXPLAIN = "explain"
    VIEWS = "views"
    """What its strategies see, for a plan."""


class Is(enum.Enum):
    """What a reply is."""

    DURABLE = "durable"
    """``halt``: the reason that stands, written down."""
    FLAT = "flat"
    """``proven``, ``left`` (client order ids), ``trouble``."""
    HALT = "halt"
    """``halt``: the reason that stands; empty without a halt."""
    STATUS = "status"
    """``status``: everything, as ``engine status --json`` prints it."""
    EXPLAIN = "explain"
    """``explain``: why each side is not quoting, as ``engine explain --json`` prints it."""
    VIEWS = "views"
    """``views``: a snapshot (``engine.snapshot``) of each pair of which enough is known."""
    REFUSED = "refused"
    """``why``, in words."""


class NotUnderstood(Exception):
    """A line that this protocol does not have."""


@attrs.frozen(kw_only=True)
class Request:
    """
    One question or order.

    Args:
        reason: Of a kill, in a person's words.
    """

    ask: Ask
    reason: str = ""


@attrs.frozen
class Reply:
    """One answer, with what belongs to it."""

    kind: Is
    content: Json = attrs.field(factory=dict)


def request_line(request: Request) -> bytes:
    """A request as it is sent; a reason that is too long is cut."""
    fields = {"ask": request.ask.value, "reason": request.reason[:REASON_LENGTH_MAX]}
    return json.dumps(fields, ensure_ascii=True).encode()


def read_request(line: bytes) -> Request:
    """
    A request as it was sent.

    Raises:
        NotUnderstood: It is none.
    """
    fields = _object(line)
    reason = fields.get("reason", "")
    if not isinstance(reason, str) or len(reason) > REASON_LENGTH_MAX:
        raise NotUnderstood(f"a reason is a text of at most {REASON_LENGTH_MAX} characters")
    try:
        return Request(ask=Ask(fields.get("ask")), reason=reason)
    except ValueError:
        known = ", ".join(ask.value for ask in Ask)
        raise NotUnderstood(f"what can be asked is {known}") from None


def reply_line(reply: Reply) -> bytes:
    """A reply as it is sent."""
    return json.dumps({"is": reply.kind.value, **reply.content}, ensure_ascii=True).encode()


def read_reply(line: bytes) -> Reply:
    """
    A reply as it was sent.

    Raises:
        NotUnderstood: It is none.
    """
    fields = _object(line)
    try:
        return Reply(Is(fields.pop("is", None)), fields)
    except ValueError:
        raise NotUnderstood("the engine answers what this command does not know") from None


def _object(line: bytes) -> Json:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise NotUnderstood("a line is one JSON object") from None
    if not isinstance(fields, dict):
        raise NotUnderstood("a line is one JSON object")
    return fields
