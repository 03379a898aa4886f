"""An HTTP client: one request over a given network, with few known endings. It uses httpcore."""

from collections.abc import AsyncIterable, Callable, Mapping
from http import HTTPStatus

import httpcore
import msgspec
import trio
from typing_extensions import override

from actors.net.http_body import BODY_BYTES_MAX, Body
from actors.net.network import Address, Network
from actors.net.trust import reached
from trading.core.errors import Outage, OutcomeUnknown

_HEAD_BYTES_MAX = 32 * 1024
"""Cookies and policies of a front end are a few kilobytes; one read may go beyond it."""

_FRAMING_BYTES_MAX = 256 * 1024
"""What an answer may have besides its body: all of its heads, and the lengths of its pieces."""


class HttpAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    An answer to a request.

    Args:
        headers: With their names in lower case.
        cut: Why the body is not whole; ``None`` where it is. Only a refusal (4xx) is told without
            all of its body: its status and headers have a meaning of their own.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: str | None = None


class HttpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    A request to send.

    Args:
        path: With its query, exactly as it is to be sent.
    """

    verb: str
    path: str
    content: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


class HttpClient:
    """
    Sends requests.

    Connections are not kept: a request on a kept connection that the other side has just closed
    leaves its outcome unknown, and calls are rare. Redirects are not followed.

    What speaks HTTP is httpx's own engine, httpcore, a connection at a time: there is nothing to be
    pooled, and cookies, credentials, proxies and time-outs for each read are not for an exchange.

    Args:
        network: Where streams come from.
        answer_deadline_s: Seconds for a whole exchange, from connecting to the last byte.
    """

    def __init__(self, network: Network, *, answer_deadline_s: float) -> None:
        self._network = network
        self._answer_deadline_s = answer_deadline_s

    async def request(
        self,
        address: Address,
        request: Callable[[], HttpRequest],
        before_sending: Callable[[], None] | None = None,
    ) -> HttpAnswer:
        """
        Send one request and read its answer.

        Args:
            request: Asked for once the connection stands, in the moment of sending: a signature
                that has waited may be too old.
            before_sending: Called once the connection stands and nothing has been sent; what it
                raises keeps everything from being sent.

        Raises:
            OutcomeUnknown: Something may or may not have happened: no whole answer came.
            Outage: No connection came about; nothing happened.
        """
        deadline = trio.current_time() + self._answer_deadline_s
        try:
            with trio.fail_at(deadline):
                stream = await reached(self._network, address)
        except trio.TooSlowError as error:
            raise Outage(
                f"{address.host} cannot be reached: no connection within"
                f" {self._answer_deadline_s:g} s"
            ) from error
        try:
            if before_sending is not None:
                before_sending()
            return await self._exchange(_request(address, request()), stream, deadline)
        finally:
            # The outcome is known by now; closing the connection must not wait for the other side.
            with trio.CancelScope(shield=True):
                await stream.aclose()

    async def _exchange(
        self, request: httpcore.Request, stream: trio.abc.Stream, deadline: float
    ) -> HttpAnswer:
        wire = _Stream(stream)
        connection = _Connection(request.url.origin, wire)
        late = f"no whole answer within {self._answer_deadline_s:g} s"
        try:
            with trio.fail_at(deadline):
                response = await connection.handle_async_request(request)
        except trio.TooSlowError as error:
            raise OutcomeUnknown(late) from error
        except _BROKEN as error:
            raise OutcomeUnknown(f"the connection failed: {error}") from error
        headers = {
            name.decode("ascii", "replace").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        body = Body(headers.get("content-encoding", ""))
        with trio.move_on_at(deadline) as patience:
            await _read(response, body, wire)
        if patience.cancelled_caught:
            body.end(late)
        if body.trouble is not None and not _refuses(response.status):
            raise OutcomeUnknown(f"status {response.status}, but {body.trouble}")
        return HttpAnswer(status=response.status, headers=headers, body=body.data, cut=body.trouble)


def _refuses(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


class _Connection(httpcore.AsyncHTTP11Connection):
    MAX_INCOMPLETE_EVENT_SIZE = _HEAD_BYTES_MAX


_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)


async def _read(response: httpcore.Response, body: Body, wire: "_Stream") -> None:
    assert isinstance(response.stream, AsyncIterable)
    try:
        # To leave httpcore's generators before they end would leave them to the garbage collector.
        async for piece in response.stream:
            if not body.take(piece):
                wire.refuse()
    except _BROKEN as error:
        body.end(f"the connection failed: {error}")


_HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "quotewright"}


def _request(address: Address, request: HttpRequest) -> httpcore.Request:
    shown = {"Host": address.authority, **_HEADERS, **request.headers}
    if request.content or request.verb in _SIZED:
        shown["Content-Length"] = str(len(request.content))
    return httpcore.Request(
        request.verb,
        httpcore.URL(
            scheme="https" if address.tls else "http",
            host=address.host,
            port=address.port,
            target=request.path,
        ),
        headers=[(name.encode(), value.encode()) for name, value in shown.items()],
        content=_Body(request.content),
    )


_SIZED = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests state the length of the body, also where there is none."""


class _Body:
    """A body in one piece. httpcore's own is a generator, which a cancellation leaves open."""

    def __init__(self, content: bytes) -> None:
        self._pieces = iter((content,))

    def __aiter__(self) -> "_Body":
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


class _Stream(httpcore.AsyncNetworkStream):
    """
    One of our streams with httpcore's interface; the callers set the deadlines.

    Reading stops at the greatest length of an answer.
    """

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._room = _FRAMING_BYTES_MAX + BODY_BYTES_MAX

    def refuse(self) -> None:
        """Refuse to read any further."""
        self._room = 0

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._room <= 0:
            raise httpcore.ReadError("its answer is longer than any answer may be")
        try:
            data = bytes(await self._stream.receive_some(min(max_bytes, self._room)))
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise httpcore.ReadError(str(error)) from error
        self._room -= len(data)
        return data

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            await self._stream.send_all(buffer)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise httpcore.WriteError(str(error)) from error

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()
