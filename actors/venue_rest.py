"""The only user of httpx: REST calls to the venue, each with one of the few known endings."""

from collections.abc import Iterable
from typing import Any, TypeVar

import httpcore
import httpx
import trio
from httpcore._backends.trio import TrioStream  # the one piece without a public name
from typing_extensions import override

from actors.network import AddressSource, Network
from actors.rate_gate import RateGate
from trading.errors import Outage, OutcomeUnknown, RateLimited
from trading.rate_limits import Priority
from trading.venues.interface import Call, Venue

T = TypeVar("T")


class VenueRest:
    """
    Sends calls to a venue.

    Connections are not kept: a request on a kept connection that the other side has just closed
    leaves its outcome unknown, and calls are rare.

    Args:
        venue: Signs requests and judges answers.
        network: Where streams come from.
        address: Where the venue is.
        answer_deadline_s: Seconds for a whole exchange, from connecting to the last byte.
        gate: Where a request waits until the venue's rate limits have room for it.
    """

    def __init__(
        self,
        venue: Venue,
        network: Network,
        address: AddressSource,
        *,
        answer_deadline_s: float,
        gate: RateGate,
    ) -> None:
        self._venue = venue
        self._gate = gate
        self._address = address
        self._answer_deadline_s = answer_deadline_s
        transport = httpx.AsyncHTTPTransport(trust_env=False)
        # httpx has no public way to hand in a network; httpcore has.
        transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_keepalive_connections=0,
            network_backend=_Backend(network),
        )
        # The whole exchange has one deadline, in virtual time too; httpx's own are per read.
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=None,  # noqa: S113
            trust_env=False,
        )

    async def call(self, call: Call[T], priority: Priority = Priority.QUERY) -> T:
        """
        Send one request and read its answer.

        Args:
            priority: How much of the rate limits it may use.

        Raises:
            Rejected: The venue refused, and nothing happened.
            OutcomeUnknown: Something may or may not have happened; never for a GET.
            RateLimited: The venue asks for fewer requests; nothing happened.
            Outage: The venue is away; nothing happened.
            Fatal: Our key or its permissions will not do.
            MalformedFrame: A success whose body is not of the protocol.
        """
        lanes = self._venue.lanes(call)
        await self._gate.enter(lanes, priority)
        try:
            return await self._exchange(call)
        except RateLimited as limited:
            self._gate.complain(lanes, limited.retry_after_s)
            raise
        except OutcomeUnknown as unknown:
            if call.harmless:
                raise Outage(f"{call.verb} {call.path}: {unknown}") from unknown
            raise

    async def _exchange(self, call: Call[T]) -> T:
        address = self._address()
        scheme = "https" if address.tls else "http"
        try:
            with trio.fail_after(self._answer_deadline_s):
                response = await self._client.request(
                    call.verb,
                    f"{scheme}://{address.authority}{call.path}",
                    content=call.body.encode() or None,
                    headers=dict(self._venue.headers(call)),
                    follow_redirects=False,
                )
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            raise Outage(f"the venue cannot be reached: {error}") from error
        except trio.TooSlowError as error:
            raise OutcomeUnknown(f"no whole answer within {self._answer_deadline_s:g} s") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the connection failed: {error}") from error
        retry_after = response.headers.get("retry-after")
        body = self._venue.verdict(response.status_code, response.content, retry_after)
        return call.decode(body)

    async def aclose(self) -> None:
        await self._client.aclose()


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
