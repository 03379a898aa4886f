"""REST calls to the venue, each with one of the few known endings."""

from collections.abc import Callable
from typing import TypeVar

from actors.net.http_client import HttpClient, HttpRequest
from actors.net.key_standing import KeyStanding
from actors.net.network import AddressSource, Network
from actors.net.odd_rows import OddRowsTold
from actors.net.rate_gate import RateGate
from actors.ports.tap import Tap
from trading.core.errors import KeyRefused, MalformedFrame, Outage, OutcomeUnknown, RateLimited
from trading.core.listed import Listed, ListedBy
from trading.recorded.noted import RestAnswer
from trading.venues.interface import Call, MarketVenue
from trading.venues.rate_limits import Priority

T = TypeVar("T")


class VenueRest:
    """
    Sends calls to a venue.

    Args:
        venue: Signs requests and judges answers.
        network: Where streams come from.
        address: Where the venue is.
        answer_deadline_s: Seconds for a whole exchange, from connecting to the last byte.
        gate: Has a request wait until the venue's rate limits have room for it.
        key: Judges a refusal of our key.
        tap: Takes each answer for the session's recording; ``None`` where none is made.
    """

    def __init__(
        self,
        venue: MarketVenue,
        network: Network,
        address: AddressSource,
        *,
        answer_deadline_s: float,
        gate: RateGate,
        key: KeyStanding | None = None,
        tap: Tap | None = None,
    ) -> None:
        self._venue = venue
        self._tap = tap
        self._gate = gate
        self._key = KeyStanding() if key is None else key
        self._address = address
        self._odd_rows = OddRowsTold()
        self._http = HttpClient(network, answer_deadline_s=answer_deadline_s)

    async def call(
        self,
        call: Call[T],
        priority: Priority = Priority.QUERY,
        before_sending: Callable[[], None] | None = None,
    ) -> T:
        """
        Send one request and read its answer.

        Args:
            priority: How much of the rate limits it may use.
            before_sending: Called once there is room and the connection stands, and nothing has
                been sent; what it raises keeps everything from being sent.

        Raises:
            Rejected: The venue refused, and nothing happened.
            OutcomeUnknown: Something may or may not have happened, or the answer to something
                cannot be read; never for a GET.
            RateLimited: The venue asks for fewer requests; nothing happened.
            Outage: The venue is away, or its answer to a GET cannot be read; nothing happened.
            KeyRefused: Our key or its permissions will not do. The first time that this happens to
                one that has worked it is an outage.
        """
        # What takes risk away leaves at once: refused, if it was signed before the clock was
        # compared, it costs nothing but its answer.
        if call.signed and priority is not Priority.CANCEL:
            await self._key.settled()
        lanes = self._venue.lanes(call)
        await self._gate.enter(lanes, priority, call.weight)
        try:
            return await self._exchange(call, before_sending)
        except RateLimited as limited:
            self._gate.complain(lanes, limited.retry_after_s)
            raise
        except OutcomeUnknown as unknown:
            if call.harmless:
                raise Outage(f"{call.verb} {call.path}: {unknown}") from unknown
            raise

    async def _exchange(self, call: Call[T], before_sending: Callable[[], None] | None) -> T:
        signed_after = 0

        def request() -> HttpRequest:
            nonlocal signed_after
            signed_after = self._key.comparisons
            signed = self._venue.sign(call)
            return HttpRequest(
                verb=signed.verb,
                path=signed.path,
                content=signed.body.encode(),
                headers=signed.headers,
            )

        answer = await self._http.request(self._address(), request, before_sending)
        if self._tap is not None:
            # The path before it was signed: with some venues the signature is part of it.
            self._tap.note(
                RestAnswer(self._tap.wall_clock(), call.verb, call.path, answer.status, answer.body)
            )
        try:
            body = self._venue.verdict(answer.status, answer.body, answer.headers)
        except KeyRefused as refusal:
            raise self._key.refused(refusal, signed_after) from refusal
        if call.signed:
            self._key.worked()
        if answer.cut is not None:
            raise OutcomeUnknown(f"status {answer.status}, but {answer.cut}")
        try:
            value = call.decode(body)
        except MalformedFrame as malformed:
            # A front end answers like this without knowing what became of the request behind it.
            raise OutcomeUnknown(f"its answer makes no sense: {malformed}") from malformed
        if isinstance(value, Listed | ListedBy) and value.odd:
            self._odd_rows.tell(value.odd)
        return value
