"""The line to the simulated exchange: what is sent arrives later, and so do the answers."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from trading.backtest.latency import Latency
from trading.core.errors import Fatal, Outage, OutcomeUnknown, Rejected
from trading.core.market import Balance
from trading.gateway.effects import Ticket
from trading.gateway.events import Answered, Event, Failed
from trading.messages.account import BalanceChanged, CancelOnDisconnectSet, OrderNews
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint
from trading.simulator.core.agenda import Agenda
from trading.venues.interface import Call, Handshake, Venue
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.simulator.wire.http import Response

T = TypeVar("T")

_NS_PER_S = 1_000_000_000
_SILENT = (Authenticated, Heartbeat, CancelOnDisconnectSet, VenueComplaint, Unrecognised)


class VenueLine:
    """
    The account's socket and REST, without a network. Nothing overtakes what left before it.

    Args:
        feed_ns: How late the market data last were, in nanoseconds.
        hear: Takes what the account's socket says, a burst at once: news and balances.
        tell: Takes the answers to calls.
        began_s: When it is opened.
    """

    def __init__(
        self,
        exchange: SimulatedExchange,
        venue: Venue,
        latency: Latency,
        agenda: Agenda,
        *,
        feed_ns: Callable[[], int],
        hear: Callable[[Sequence[OrderNews], Sequence[Balance], float], None],
        tell: Callable[[Event, float], None],
        began_s: float = 0.0,
    ) -> None:
        self._exchange = exchange
        self._venue = venue
        self._latency = latency
        self._agenda = agenda
        self._feed_ns = feed_ns
        self._hear = hear
        self._tell = tell
        self._dropped: set[Ticket] = set()
        self._arrived = self._answered = 0.0
        handshake = venue.account_handshake()
        assert isinstance(handshake, Handshake), "this venue's connections begin with a call"
        headers = {name.lower(): value for name, value in handshake.headers().items()}
        self._began_s = began_s
        self._session = exchange.open_session(handshake.path, headers, began_s)
        self._session.outgoing.clear()

    def ask_now(self, call: Call[T]) -> T:
        """Ask before anything is decided, when it takes no time."""
        return self._read(call, self._request(call, self._began_s))

    def put(self, frame: str, at: float) -> None:
        """Let a frame arrive before anything is decided; what comes of it is not told."""
        self._exchange.receive(self._session, frame, at)
        self._session.outgoing.clear()

    def begin(self, at: float) -> None:
        """Let everything happen that happens before anything is decided."""
        self._began_s = at
        self._exchange.advance(at)
        self._session.outgoing.clear()

    def send(self, frame: str, now: float) -> None:
        """Send a frame on the account's socket."""

        def arrive(at: float) -> None:
            self._exchange.receive(self._session, frame, at)
            self.collect(at)

        self._agenda.at(self._arrival(now), arrive)

    def call(self, ticket: Ticket, call: Call[object], now: float) -> None:
        """Send a call by REST."""

        def arrive(at: float) -> None:
            response = self._request(call, at)
            self.collect(at)
            self._agenda.at(
                self._answer_at(at), lambda then: self._answer(ticket, call, response, then)
            )

        self._agenda.at(self._arrival(now), arrive)

    def drop(self, ticket: Ticket) -> None:
        """Forget a call: its answer does not matter any more."""
        self._dropped.add(ticket)

    def collect(self, now: float) -> None:
        """Send on what the exchange has said until now."""
        outgoing = self._session.outgoing
        if not outgoing:
            return
        frames = tuple(outgoing)
        outgoing.clear()
        self._agenda.at(self._answer_at(now), lambda at: self._take(frames, at))

    def _take(self, frames: Sequence[str], now: float) -> None:
        news: list[OrderNews] = []
        balances: list[Balance] = []
        for frame in frames:
            for event in self._venue.decode_account(frame):
                if isinstance(event, BalanceChanged):
                    balances.append(event.balance)
                elif not isinstance(event, _SILENT):
                    news.append(event)
        self._hear(news, balances, now)

    def _answer(self, ticket: Ticket, call: Call[object], response: Response, now: float) -> None:
        if ticket in self._dropped:
            self._dropped.discard(ticket)
            return
        try:
            value = self._read(call, response)
        except (Rejected, OutcomeUnknown, Outage, Fatal) as error:
            self._tell(Failed(ticket, error), now)
        else:
            self._tell(Answered(ticket, value), now)

    def _request(self, call: Call[T], now: float) -> Response:
        signed = self._venue.sign(call)
        return self._exchange.request(
            signed.verb, signed.path, signed.headers, signed.body.encode(), now
        )

    def _read(self, call: Call[T], response: Response) -> T:
        headers = {name.lower(): value for name, value in response.headers}
        return call.decode(self._venue.verdict(response.status, response.body, headers))

    def _arrival(self, now: float) -> float:
        taken_ns = self._latency.entry_ns(self._ns(now), self._feed_ns())
        self._arrived = max(self._arrived, now + taken_ns / _NS_PER_S)
        return self._arrived

    def _answer_at(self, now: float) -> float:
        taken_ns = self._latency.answer_ns(self._ns(now), self._feed_ns())
        self._answered = max(self._answered, now + taken_ns / _NS_PER_S)
        return self._answered

    def _ns(self, now: float) -> int:
        return self._exchange.epoch_ns + round(now * _NS_PER_S)
