"""The only user of httpx: one request over a network that is handed in, with few known endings."""

import functools
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import httpcore
import httpx
import trio
from httpcore._backends.trio import TrioStream  # the one piece without a public name
from typing_extensions import override

from actors.network import Network
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

    Args:
        network: Where streams come from.
        answer_deadline_s: Seconds for a whole exchange, from connecting to the last byte.
    """

    def __init__(self, network: Network, *, answer_deadline_s: float) -> None:
        self._answer_deadline_s = answer_deadline_s
        ssl_context = _ssl_context()
        transport = httpx.AsyncHTTPTransport(verify=ssl_context, trust_env=False)
        # httpx has no public way to hand in a network; httpcore has.
        transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001
            ssl_context=ssl_context,
            max_keepalive_connections=0,
            network_backend=_Backend(network),
        )
        # A client around it would look after cookies, redirects, credentials and proxies, none of
        # which an exchange has; and its time-outs are per read. Here one deadline is for it all.
        self._transport = transport

    async def request(
        self,
        verb: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        before_sending: Callable[[], None] | None = None,
    ) -> HttpAnswer:
        """
        Send one request and read its answer.

        Args:
            before_sending: Called once the connection stands and nothing has been sent; what it
                raises keeps everything from being sent.

        Raises:
            OutcomeUnknown: Something may or may not have happened.
            Outage: Nobody is there; nothing happened.
        """
        request = httpx.Request(
            verb,
            url,
            content=content,
            headers={**_HEADERS, **(headers or {})},
            extensions=_extensions(before_sending),
        )
        try:
            with trio.fail_after(self._answer_deadline_s):
                response = await self._transport.handle_async_request(request)
                try:
                    body = await response.aread()
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            raise Outage(f"{_host(url)} cannot be reached: {error}") from error
        except trio.TooSlowError as error:
            raise OutcomeUnknown(f"no whole answer within {self._answer_deadline_s:g} s") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the connection failed: {error}") from error
        return HttpAnswer(
            status=response.status_code,
            body=body,
            retry_after=response.headers.get("retry-after"),
        )

    async def aclose(self) -> None:
        await self._transport.aclose()


_HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "quotewright"}

_ABOUT_TO_SEND = "http11.send_request_headers.started"


def _extensions(before_sending: Callable[[], None] | None) -> dict[str, Any]:
    if before_sending is None:
        return {}

    async def trace(event: str, _: object) -> None:  # noqa: ASYNC124  # httpcore awaits it
        if event == _ABOUT_TO_SEND:
            before_sending()

    return {"trace": trace}


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Whom to trust; one for the process, because reading all of them takes 15 ms each time."""
    return httpx.create_ssl_context(trust_env=False)


def _host(url: str) -> str:
    return httpx.URL(url).host


class _Backend(httpcore.AsyncNetworkBackend):
    """Our network as httpcore wants it; its time-outs are unused, deadlines are the callers'."""

    def __init__(self, network: Network) -> None:
        self._network = network

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _Stream(await self._network.connect(host, port))
        except Outage as outage:
            raise httpcore.ConnectError(str(outage)) from outage


class _Stream(TrioStream):
    """A stream of ours; the parent's takes every stream for a socket when it is asked about it."""

    @override
    def get_extra_info(self, info: str) -> Any:
        if isinstance(self._stream, trio.SocketStream | trio.SSLStream):
            return super().get_extra_info(info)
        return None
