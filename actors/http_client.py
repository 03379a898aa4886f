"""The only user of httpx: one request over a network that is handed in, with few known endings."""

import functools
import ssl
from collections.abc import Callable, Mapping

import attrs
import httpcore
import httpx
import trio
from typing_extensions import override

from actors.network import Address, Network, own_port
from trading.errors import Outage, OutcomeUnknown


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """
    What came back.

    Args:
        retry_after: The header of that name, where there is one.
    """

    status: int
    body: bytes
    retry_after: str | None


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
        verb: str,
        address: Address,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        before_sending: Callable[[], None] | None = None,
    ) -> HttpAnswer:
        """
        Send one request and read its answer.

        Args:
            path: With its query, exactly as it is to be sent.
            before_sending: Called once the connection stands and nothing has been sent; what it
                raises keeps everything from being sent.

        Raises:
            OutcomeUnknown: Something may or may not have happened.
            Outage: Nobody is there; nothing happened.
        """
        request = _request(verb, address, path, content, headers or {})
        try:
            with trio.fail_after(self._answer_deadline_s):
                stream = await self._connect(address)
                try:
                    if before_sending is not None:
                        before_sending()
                    return await _exchange(request, stream)
                finally:
                    # Whatever matters has come by now or never will; this waits for nobody.
                    with trio.CancelScope(shield=True):
                        await stream.aclose()
        except trio.TooSlowError as error:
            raise OutcomeUnknown(f"no whole answer within {self._answer_deadline_s:g} s") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.DecodingError) as error:
            raise OutcomeUnknown(f"the connection failed: {error}") from error

    async def _connect(self, address: Address) -> trio.abc.Stream:
        try:
            stream = await self._network.connect(address.host, address.port)
        except Outage as outage:
            raise Outage(f"{address.host} cannot be reached: {outage}") from outage
        if not address.tls:
            return stream
        tls = trio.SSLStream(
            stream, _ssl_context(), server_hostname=address.host, https_compatible=True
        )
        try:
            await tls.do_handshake()
        except trio.BrokenResourceError as error:
            await trio.aclose_forcefully(stream)
            why = error.__cause__ or error
            raise Outage(f"{address.host} cannot be reached: {why}") from error
        except trio.Cancelled:
            await trio.aclose_forcefully(stream)
            raise
        return tls


def parsed(url: str) -> tuple[Address, str]:
    """The address and the path, with its query, of a URL."""
    whole = httpx.URL(url)
    tls = whole.scheme == "https"
    port = whole.port or own_port(tls=tls)
    return Address(host=whole.host, port=port, tls=tls), whole.raw_path.decode()


_HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "quotewright"}


def _request(
    verb: str, address: Address, path: str, content: bytes, headers: Mapping[str, str]
) -> httpcore.Request:
    shown = {"Host": address.authority, **_HEADERS, **headers}
    if content or verb in _SIZED:
        shown["Content-Length"] = str(len(content))
    return httpcore.Request(
        verb,
        httpcore.URL(
            scheme="https" if address.tls else "http",
            host=address.host,
            port=address.port,
            target=path,
        ),
        headers=[(name.encode(), value.encode()) for name, value in shown.items()],
        content=content,
    )


_SIZED = frozenset({"POST", "PUT", "PATCH"})
"""What says how long its body is, also where it has none."""


async def _exchange(request: httpcore.Request, stream: trio.abc.Stream) -> HttpAnswer:
    connection = httpcore.AsyncHTTP11Connection(request.url.origin, _Stream(stream))
    response = await connection.handle_async_request(request)
    body = await response.aread()
    headers = {name.lower(): value for name, value in response.headers}
    if b"content-encoding" in headers:
        body = httpx.Response(response.status, headers=response.headers, content=body).content
    retry_after = headers.get(b"retry-after")
    return HttpAnswer(
        status=response.status,
        body=body,
        retry_after=None if retry_after is None else retry_after.decode("ascii", "replace"),
    )


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Whom to trust; one for the process, because reading all of them takes 15 ms each time."""
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Stream(httpcore.AsyncNetworkStream):
    """A stream of ours as httpcore wants it; deadlines are the callers', not its own."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return bytes(await self._stream.receive_some(max_bytes))
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise httpcore.ReadError(str(error)) from error

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
