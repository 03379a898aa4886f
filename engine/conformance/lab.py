"""What a check has to hand: questions by REST, sockets, and the run that it is part of."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import attrs
import msgspec
import trio

from actors.net.http_client import HttpClient, HttpRequest
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from config.settings import Settings
from engine.conformance.evidence import Evidence, Frame
from engine.conformance.line import Line, Way
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.venues.interface import Call, Handshake
from trading.venues.rate_limits import Priority, RateBudget
from trading.venues.valr.conformance.check import Level, NotSeen
from trading.venues.valr.limits import CONNECTION

TRADE, ACCOUNT = "/ws/trade", "/ws/account"
_MARKET = "/v1/marketdata/"
"""What is signed and yet the same for everybody."""


@attrs.frozen(kw_only=True)
class Answer:
    """An answer by REST, whatever it says."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    frame: Frame

    @property
    def value(self) -> Any:
        """The body as JSON; ``None`` where it is something else."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    @property
    def words(self) -> str:
        """A refusal in words: its status, code and message, as far as it has them."""
        value = self.value
        if isinstance(value, dict) and "code" in value:
            return f"{self.status} {value['code']} {value.get('message', '')}".rstrip(" ")
        return str(self.status)


class Desk(Protocol):
    """Where orders are placed, as far as a run has to know of it."""

    async def last_will(self, within_s: float) -> str:
        """Cancel every order of this engine; why it is not proven that none is left, or empty."""
        ...

    @property
    def holdings(self) -> str:
        """What this run has changed of the holdings, in words; empty where that is nothing."""
        ...


@attrs.frozen
class Held:
    """A socket that is held for the whole time, and whether that is over."""

    line: Line
    over: trio.Event


@attrs.define(kw_only=True)
class Lab:
    """
    One run of the checks.

    Args:
        pair: The one that is looked at.
        for_s: Seconds for which sockets are held.
        nursery: Of the sockets.

    Attributes:
        held: The sockets that are held beside all checks, by name.
        desk: Where orders are placed; ``None`` below that level.
        no_desk: Why there is none at that level.
        left: Why it is not proven that no order is left; empty where it is.
        left_orders: Those whose end the ledger does not know then.
    """

    settings: Settings
    world: World
    party: VenueConnection
    level: Level
    pair: Pair
    for_s: float
    evidence: Evidence
    nursery: trio.Nursery
    gate: RateGate = attrs.field(init=False)
    rest: VenueRest = attrs.field(init=False)
    held: dict[str, Held] = attrs.field(factory=dict)
    desk: Desk | None = None
    no_desk: str = ""
    left: str = ""
    left_orders: Sequence[str] = ()
    _http: HttpClient = attrs.field(init=False)
    _answers: dict[str, Answer] = attrs.field(factory=dict)
    _lines: dict[str, Line] = attrs.field(factory=dict)
    _count: int = 0

    def __attrs_post_init__(self) -> None:
        venue = self.settings.venue
        self._http = HttpClient(self.world.network, answer_deadline_s=venue.answer_deadline_s)
        self.gate = RateGate(RateBudget(self.party.venue.rate_limits()))
        self.rest = VenueRest(
            self.party.venue,
            self.world.network,
            self.party.rest,
            answer_deadline_s=venue.answer_deadline_s,
            gate=self.gate,
        )

    async def get(self, path: str, *, signed: bool = False) -> Answer:
        """The answer to a question; the same one is asked once."""
        if path not in self._answers:
            self._answers[path] = await self.ask("GET", path, signed=signed)
        answer = self._answers[path]
        self.evidence.cite([answer.frame])
        return answer

    async def ask(
        self,
        verb: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        signed: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        Ask by REST.

        Args:
            headers: In place of those that a good request has.

        Raises:
            Outage: No connection came about.
            OutcomeUnknown: No whole answer came.
        """
        text = "" if body is None else msgspec.json.encode(body).decode()
        call = Call(verb=verb, path=path, body=text, signed=signed, decode=lambda raw: raw)
        lanes = self.party.venue.lanes(call)
        private = signed and not path.startswith(_MARKET)
        await self.gate.enter(lanes, Priority.CANCEL)
        sent: list[Frame] = []

        def request() -> HttpRequest:
            signed_call = self.party.venue.sign(call)
            ours = signed_call.headers if headers is None else headers
            sent.append(
                self.evidence.note(
                    "rest", text, sent=True, private=private, head=f"{verb} {path}", headers=ours
                )
            )
            return HttpRequest(verb=verb, path=path, content=text.encode(), headers=ours)

        answer = await self._http.request(self.party.rest(), request)
        frame = self.evidence.note(
            "rest",
            answer.body.decode("utf-8", "replace"),
            private=private,
            head=str(answer.status),
            headers=dict(answer.headers),
        )
        self.evidence.cite([*sent, frame])
        return Answer(status=answer.status, headers=answer.headers, body=answer.body, frame=frame)

    async def held_to_the_end(self, name: str) -> Line:
        """A socket that was held for the whole time, once that is over."""
        if (held := self.held.get(name)) is None:
            raise NotSeen("the venue was not reached when the socket was to be held")
        await held.over.wait()
        return held.line

    async def open(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        ping_every_s: float | None = None,
    ) -> Line:
        """
        A new socket; it may have ended, or been refused, when it is returned.

        Args:
            headers: In place of those that log in.

        Raises:
            Outage: The venue was not reached.
        """
        self._count += 1
        line = Line(
            name=f"{path} {self._count}",
            private=path == ACCOUNT,
            evidence=self.evidence,
            ping_every_s=ping_every_s,
        )
        await self.nursery.start(line.run, self._way(), self.handshake(path, headers))
        if line.opened_at is None and not line.ended.isdigit():
            raise Outage(line.ended)  # which says nothing of the venue
        return line

    async def line(self, path: str, *, logged_in: bool) -> Line:
        """The socket of this path that all checks share; opened anew once it has ended."""
        name = f"{path} {logged_in}"
        if name not in self._lines or self._lines[name].ended:
            headers: Mapping[str, str] | None = None if logged_in else {}
            self._lines[name] = await self.open(path, headers, ping_every_s=20.0)
        return self._lines[name]

    def handshake(self, path: str, headers: Mapping[str, str] | None) -> Handshake:
        if headers is not None:
            return Handshake(path=path, headers=lambda: headers, lanes=(CONNECTION,))
        return Handshake(path=path, headers=lambda: self.login(path), lanes=(CONNECTION,))

    def login(self, path: str) -> Mapping[str, str]:
        """The headers of a good login, signed now."""
        call = Call(verb="GET", path=path, decode=lambda raw: raw)
        return dict(self.party.venue.sign(call).headers)

    def _way(self) -> Way:
        return Way(
            network=self.world.network,
            address=self.party.sockets,
            gate=self.gate,
            deadline_s=self.settings.venue.connect_deadline_s,
        )

    @property
    def has_key(self) -> bool:
        return self.level.rank >= Level.ACCOUNT.rank

    @property
    def where(self) -> str:
        """The venue's address, for a person."""
        url = self.settings.venue.rest_url
        return urlsplit(url).netloc if url else self.party.name
