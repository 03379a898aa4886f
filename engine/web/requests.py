"""What a request holds, and how it is answered: small JSON objects, whole numbers, and reasons."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from trading.core.errors import Fatal

Json = dict[str, Any]

_BODY_MAX = 16_384
_TOO_LONG = f"a request is at most {_BODY_MAX} bytes long"


class Unfit(Exception):
    """A request that cannot be understood; says why."""


def answer_of(content: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def refusal(status: int, why: str) -> Response:
    """An answer that says why there is no other."""
    return answer_of({"why": why}, status)


async def understood(
    answer: Callable[[Request], Awaitable[Response]], request: Request
) -> Response:
    """An answer, or why there is none."""
    try:
        return await answer(request)
    except Unfit as unfit:
        return refusal(400, str(unfit))
    except (Fatal, FileNotFoundError) as trouble:
        return refusal(503, str(trouble))


async def body_of(request: Request) -> Json:
    """
    A small JSON object.

    Raises:
        Unfit: It is none.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > _BODY_MAX:
        raise Unfit(_TOO_LONG)
    body = b""
    async with contextlib.aclosing(request.stream()) as parts:
        async for part in parts:
            body += part
            if len(body) > _BODY_MAX:
                raise Unfit(_TOO_LONG)
    try:
        found = msgspec.json.decode(body or b"{}")
    except msgspec.DecodeError as error:
        raise Unfit(f"no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Unfit("a request is one JSON object")
    return found


def whole(request: Request, name: str, usual: int | None) -> int:
    """
    A whole number that is asked with.

    Args:
        usual: Where there is none; ``None`` where there has to be one.

    Raises:
        Unfit: It is no whole number.
    """
    text = request.query_params.get(name)
    if text is None and usual is not None:
        return usual
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 18:  # noqa: PLR2004
        raise Unfit(f"{name} is a whole number")
    return int(text)


def range_ms(request: Request) -> tuple[int, int]:
    """From and to, in milliseconds since the epoch."""
    return whole(request, "from", 0), whole(request, "to", 2**53)


def before(request: Request) -> int | None:
    """The number below which a page of older rows begins; ``None`` for the newest."""
    return whole(request, "before", None) if "before" in request.query_params else None
