"""
The protocol between commands and a running engine: JSON objects, one a line.

A request names what is asked, and a reply its kind. A kill is answered twice, when the halt is
durable and when the venue's list has shown whether anything is left; everything else once.
"""

import enum
import json
from typing import Any

import msgspec

DOCUMENT_LENGTH_MAX = 64 * 1024
REQUEST_LENGTH_MAX = 7 * DOCUMENT_LENGTH_MAX
"""In bytes: the rarest characters take six each, and a request is more than the document."""

REPLY_LENGTH_MAX = 4 * 1024 * 1024
REASON_LENGTH_MAX = 500
DEFAULT_REASON = "killed by the operator"
STRATEGIES_CHANGE = "strategies come or go"
"""The reason of a session's end when another one follows in the same process."""

Json = dict[str, Any]


class Ask(enum.Enum):
    """The kinds of request to a running engine."""

    KILL = "kill"
    RESUME = "resume"
    HALT = "halt"
    """Whether a halt stands."""
    STATUS = "status"
    EXPLAIN = "explain"
    VIEWS = "views"
    """The views of its strategies, for a plan."""
    RELOAD = "reload"
    """Take over another configuration."""


class Is(enum.Enum):
    """The kinds of reply, with their fields."""

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
    """``views``: a snapshot (``engine.views.snapshot``) of each pair of which enough is known."""
    RELOAD = "reload"
    """``applied``, ``changes`` and ``problems``, as of ``engine.control.reloading``."""
    REFUSED = "refused"
    """``why``, in words."""


class NotUnderstood(Exception):
    """A line that is not of this protocol."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """
    A configuration to take over.

    Args:
        name: The file, as the person named it.
        text: What it holds.
        overrides: ``dotted.key=value`` texts that go before it.
        dry_run: Whether only to say what would change.
    """

    name: str
    text: str
    overrides: tuple[str, ...] = ()
    dry_run: bool = False


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """
    One question or order.

    Args:
        reason: Of a kill, in a person's words.
        document: Of a reload.
    """

    ask: Ask
    reason: str = ""
    document: Document | None = None


class Reply(msgspec.Struct, frozen=True):
    """One answer, with what belongs to it."""

    kind: Is
    content: Json = msgspec.field(default_factory=dict)


def request_line(request: Request) -> bytes:
    """A request as it is sent; a reason that is too long is cut."""
    fields: Json = {"ask": request.ask.value, "reason": request.reason[:REASON_LENGTH_MAX]}
    if request.document is not None:
        fields["document"] = msgspec.structs.asdict(request.document)
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
    document = _document(fields.get("document"))
    try:
        return Request(ask=Ask(fields.get("ask")), reason=reason, document=document)
    except ValueError:
        known = ", ".join(ask.value for ask in Ask)
        raise NotUnderstood(f"what can be asked is {known}") from None


def _document(fields: object) -> Document | None:
    if fields is None:
        return None
    match fields:
        case {
            "name": str(name),
            "text": str(text),
            "overrides": list(overrides),
            "dry_run": bool(dry_run),
        } if len(text) <= DOCUMENT_LENGTH_MAX and all(isinstance(one, str) for one in overrides):
            return Document(name=name, text=text, overrides=tuple(overrides), dry_run=dry_run)
        case _:
            raise NotUnderstood(
                f"a document has a name, a text of at most {DOCUMENT_LENGTH_MAX} characters,"
                " overrides and dry_run"
            )


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
