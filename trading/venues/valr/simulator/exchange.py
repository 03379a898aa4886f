"""A whole simulated VALR as one value: requests and frames in, responses and frames out."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from random import Random

from trading.core.identifiers import Pair
from trading.simulator.core.agenda import Agenda
from trading.simulator.market.beginning import recording_of
from trading.simulator.market.live_clocks import LiveClocks
from trading.simulator.market.sources import market_of
from trading.simulator.market.two_clocks import Row
from trading.venues.valr.simulator.accounts.authentication import (
    Authenticator,
)
from trading.venues.valr.simulator.connections import Connections
from trading.venues.valr.simulator.core.fault_plan import Faults
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import ORDER_TYPES, Listing
from trading.venues.valr.simulator.core.settings import ExchangeSettings
from trading.venues.valr.simulator.faults.events import Deeds, VenueEvent
from trading.venues.valr.simulator.faults.mid_session import MidSession
from trading.venues.valr.simulator.faults.venue_handle import VenueHandle
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.requests import RequestReader
from trading.venues.valr.simulator.rest.faults import Part, refused_upgrade
from trading.venues.valr.simulator.rest.rest import Rest
from trading.venues.valr.simulator.sockets.commands import Commands
from trading.venues.valr.simulator.sockets.delivery import Delivery
from trading.venues.valr.simulator.sockets.feeds import BookFeed
from trading.venues.valr.simulator.sockets.order_feed import OrderFeed
from trading.venues.valr.simulator.sockets.publisher import Publisher
from trading.venues.valr.simulator.sockets.sessions import Session
from trading.venues.valr.simulator.sockets.subscribers import Subscribers
from trading.venues.valr.simulator.wire.book_faults import BookFaults
from trading.venues.valr.simulator.wire.dialect import Dialect
from trading.venues.valr.simulator.wire.http import Response
from trading.venues.valr.simulator.wire.limits import Gate
from trading.venues.valr.simulator.wire.shapes import Shapes

_L1_SEQUENCE_BITS = 20
_NEVER = float("inf")
_UNHEARD_S = 1.0
"""The longest delay of events that no session is sent, so that they never pile up."""


class SimulatedExchange:
    """
    VALR as far as bots use it. Time is a parameter: seconds since the exchange began.

    It outlives the server in front of it: orders and balances are the exchange's, sessions are the
    connections'. The same settings, random source and calls repeat the same answers exactly.

    Args:
        random: The source of all randomness; each market has a stream of its own, so orders do
            not change what the crowd does next.
        epoch_ns: Wall-clock nanoseconds since 1970 at which it began; ``None`` for when the
            earliest of the recordings did.
        recordings: Records of recorded markets, by the pair they appear as; all on one clock.
        by_wall_clock: Whether its time 0 is at ``epoch_ns`` of the recordings, and not where the
            earliest of them begins.
        live: What deals out markets that are told while they happen, by their pairs.

    Attributes:
        watch: Called whenever something may have happened, for checks.
        publishes_books: Whether anyone may ever subscribe to a book; where nobody does, numbering
            its changes would only take time.

    Raises:
        MalformedRecording: By every method that lets time pass, for a bad recording.
    """

    def __init__(
        self,
        settings: ExchangeSettings,
        random: Random,
        epoch_ns: int | None,
        recordings: Mapping[Pair, Iterable[Row]] | None = None,
        *,
        by_wall_clock: bool = False,
        live: Mapping[Pair, LiveClocks] | None = None,
    ) -> None:
        recordings = recordings or {}
        self.watch: Callable[[], None] = _unwatched
        self.publishes_books = True
        self._settings = settings
        symbols = [rules.symbol for rules in settings.pairs]
        unknown = sorted(set(recordings) - set(symbols))
        if unknown:
            raise ValueError(f"recordings for pairs that are not listed: {', '.join(unknown)}")
        replayed = {pair: recording_of(rows) for pair, rows in recordings.items()}
        began_ns = min((recording.began_ns for recording in replayed.values()), default=None)
        if epoch_ns is None:
            if began_ns is None:
                raise ValueError("without a recording the exchange has to be told when it began")
            epoch_ns = began_ns
        elif by_wall_clock:
            began_ns = epoch_ns
        self.epoch_ns = epoch_ns
        ids = Ids(_stream(random), epoch_ns)
        ids.run_ahead(settings.rules.clock_ahead_s)
        self._listings: dict[Pair, Listing] = {}
        level_feeds: dict[Pair, BookFeed] = {}
        for rules in settings.pairs:
            seed, sequence = random.getrandbits(64), random.getrandbits(_L1_SEQUENCE_BITS)
            recording = replayed.get(rules.symbol)
            told = None if live is None else live.get(rules.symbol)
            market = market_of(
                rules,
                settings.synthetic,
                settings.recorded,
                seed,
                recording,
                began_ns=began_ns if told is None else epoch_ns,
                live=told,
            )
            listing = Listing(rules, market, ids.ms(0.0), settings.rules)
            self._listings[rules.symbol] = listing
            level_feeds[rules.symbol] = BookFeed(listing, sequence, settings.rules)
        self._recorded = [self._listings[symbol] for symbol in symbols if symbol in recordings]
        self._moving = [listing for listing in self._listings.values() if listing.moves]
        self.faults = Faults(settings.faults, _stream(random))
        self._venue = Venue(
            listings=self._listings,
            accounts=settings.accounts,
            fees=settings.fees,
            ids=ids,
            rules=settings.rules,
            faults=self.faults,
        )
        self._assemble(level_feeds, _stream(random))
        self._mid_session = MidSession(
            settings.rules, self._venue, self._listings, self._agenda, self.set_read_only
        )

    def _assemble(self, level_feeds: Mapping[Pair, BookFeed], random: Random) -> None:
        """Assemble the parts around the venue."""
        settings, venue = self._settings, self._venue
        order_feeds = {
            symbol: OrderFeed(
                listing,
                lambda number: venue.orders.by_number(number).order_id,
                feed.sequence,
                settings.rules,
            )
            for (symbol, listing), feed in zip(
                self._listings.items(), level_feeds.values(), strict=True
            )
        }
        self._sessions: dict[Session, None] = {}
        self._agenda = Agenda()
        self._now = 0.0
        self._gate = Gate(settings.limits, settings.rules)
        shapes, dialect = Shapes(self.faults), Dialect(settings.rules)
        book_faults = BookFaults(self.faults, shapes)
        self._subscribers = Subscribers(self._sessions, book_faults)
        self._delivery = Delivery(self.faults, self._agenda, shapes, settings.rules)
        self._publisher = Publisher(
            listings=self._listings,
            moving=self._moving,
            level_feeds=level_feeds,
            order_feeds=order_feeds,
            subscribers=self._subscribers,
            agenda=self._agenda,
            rules=settings.rules,
            faults=book_faults,
            ids=venue.ids,
            random=random,
        )
        authenticator = self._authenticator = Authenticator(
            venue.accounts,
            failure_status=settings.authentication_failure_status,
            failure_code=settings.rules.authentication_failure_code,
            window_ms=settings.timestamp_window_ms,
        )
        reader = RequestReader(self._listings)
        self._commands = Commands(venue, reader, self._publisher, self._gate)
        self._rest = Rest(
            venue=venue,
            reader=reader,
            order_feeds=order_feeds,
            delivery=self._delivery,
            authenticator=authenticator,
            gate=self._gate,
            shapes=shapes,
            dialect=dialect,
        )
        self._connections = Connections(
            sessions=self._sessions,
            venue=venue,
            settings=settings,
            faults=self.faults,
            authenticator=authenticator,
            agenda=self._agenda,
            withheld=self._rest.faults.withheld,
            dialect=dialect,
        )
        ground = VenueHandle(
            venue=venue,
            sessions=self._sessions,
            agenda=self._agenda,
            random=self.faults.random,
            rest=self._rest.faults,
        )
        self._deeds = Deeds(ground, self.faults)

    @property
    def now(self) -> float:
        """The latest time that was passed to the exchange."""
        return self._now

    @property
    def venue(self) -> Venue:
        """The books and accounts behind the wire, for checks."""
        return self._venue

    @property
    def limits_exceeded(self) -> Mapping[str, int]:
        """How often a rate limit was exceeded, by lane; injected faults left out."""
        return self._gate.exceeded

    @property
    def untimely(self) -> int:
        """How many requests were refused because of their timestamp."""
        return self._authenticator.untimely

    @property
    def withheld(self) -> MutableMapping[Part, int]:
        """The parts that REST withholds now, with the answer's status; 200 is an empty list."""
        return self._rest.faults.withheld

    @property
    def ended(self) -> bool:
        """Whether a recording is over; synthetic markets never end."""
        return any(listing.market.ended for listing in self._recorded)

    def set_read_only(self, read_only: bool) -> None:  # noqa: FBT001 - its name says it
        """Take nothing but GET, or everything again."""
        self._venue.read_only = read_only

    def deactivate(self, pair: Pair, now: float) -> None:
        """Stop trading a pair: its orders are cancelled, its book is not shown any more."""
        self.advance(now)
        self._venue.deactivate(self._listings[pair], self._now)
        self._publish()

    def activate(self, pair: Pair, now: float) -> None:
        """Trade a pair again."""
        self.advance(now)
        self._venue.activate(self._listings[pair])
        self._publish()

    def allow(self, pair: Pair, order_types: tuple[str, ...], now: float) -> None:
        """Allow these kinds of orders, and no others."""
        unknown = [kind for kind in order_types if kind not in ORDER_TYPES]
        if unknown:
            raise ValueError(f"unknown order types: {', '.join(unknown)}")
        self.advance(now)
        self._listings[pair].allow(order_types)
        self._venue.settlement.tell_rules(self._listings[pair])
        self._publish()

    def carry_out(self, deed: VenueEvent, now: float, duration_s: float | None = None) -> bool:
        """
        Carry out an event at the venue; ``False`` when there is nothing that it could affect.

        Args:
            duration_s: How long it lasts, if it does; ``None`` leaves it to chance.
        """
        self.advance(now)
        done = self._deeds.carry_out(deed, self._now, duration_s)
        self._publish()
        return done

    def schedule(self, deed: VenueEvent, at: float, duration_s: float | None = None) -> None:
        """Schedule an event at the venue for later."""
        self._agenda.at(at, lambda now: _discard(self._deeds.carry_out(deed, now, duration_s)))

    def heal(self, now: float) -> None:
        """Restore the venue: no fault strikes any more, and lasting events are undone."""
        self.advance(now)
        self.faults.heal()
        self._deeds.heal(self._now)
        self._venue.heal()
        self._publish()

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> Response:
        """Answer a REST request; every request has an answer."""
        self.advance(now)
        self._mid_session.somebody_came(self._now)
        self.advance(now)  # rules that set in at once hold for the first client too
        response = self._rest.answer(method, target, headers, body, self._now)
        self._publish()
        return response

    def refuse_connection(
        self, now: float, path: str = "", headers: Mapping[str, str] | None = None
    ) -> Response | None:
        """Count a WebSocket upgrade; the answer to one too many, or to a bad signature."""
        self.advance(now)
        self._mid_session.somebody_came(self._now)
        at_ms = self._venue.ids.ms(self._now)
        if not self._gate.admits_connection(at_ms):
            return self._gate.too_many(at_ms)
        status = self._connections.refused(path, headers or {}, self._now)
        if status is not None:
            return Response(status=status, headers=())
        return refused_upgrade(self.faults, self._gate, at_ms)

    def open_session(self, path: str, headers: Mapping[str, str], now: float) -> Session:
        """
        Accept a WebSocket; its path without the query must be one of the two.

        A bad signature is accepted too, and then closed, as the venue does.
        """
        self.advance(now)
        self._mid_session.somebody_came(self._now)
        return self._connections.open(path, headers, self._now)

    def receive(self, session: Session, text: str, now: float) -> None:
        """Take a text frame from a client."""
        self.advance(now)
        if session.close_reason is None and not session.half_open:
            session.heard_at = self._now
            self._commands.receive(session, text, self._now)
            self._publish()

    def close_session(self, session: Session, now: float) -> None:
        """Remove a connection that has ended; a second call is harmless."""
        self.advance(now)
        if self._connections.close(session, self._now):
            self._publish()

    def advance(self, now: float) -> None:
        """Carry out everything that is due, in order; time never runs backwards."""
        while True:
            listing, at = self._next_market()
            deed_at = self._agenda.next_at()
            if deed_at is not None and deed_at <= now and (listing is None or deed_at <= at):
                self._now = max(self._now, deed_at)
                self._agenda.take()(self._now)
            elif listing is not None and at <= now:
                self._now = max(self._now, at)
                self._venue.flow.step(listing, self._now)
            else:
                break
            self._publish()
        self._now = max(self._now, now)
        self._connections.cut_idle(self._now)

    def next_event_at(self) -> float | None:
        """
        When ``advance`` has to be called next; ``None`` when never.

        That is when something happens by itself that a session may be sent. Other events have their
        own time too, but are carried out later, together with the next one.
        """
        at = self._agenda.next_at()
        earliest = _NEVER if at is None else at
        for listing in self._moving:
            at = listing.market.next_event_at() if listing.active else None
            if at is not None and at < earliest:
                owned = self._venue.orders.any_open_in(listing.rules.symbol)
                heard = owned or listing in self._recorded or self._subscribers.is_heard(listing)
                earliest = min(earliest, at + (0.0 if heard else _UNHEARD_S))
        earliest = min(earliest, self._connections.next_deadline())
        return None if earliest == _NEVER else earliest

    def _next_market(self) -> tuple[Listing | None, float]:
        due: Listing | None = None
        earliest = 0.0
        for listing in self._moving:
            at = listing.market.next_event_at() if listing.active else None
            if at is not None and (due is None or at < earliest):
                due, earliest = listing, at
        return due, earliest

    def _publish(self) -> None:
        """Send each session the events that concern it."""
        told = self._venue.take_told()
        self._delivery.deliver(self._sessions, told.accounts, self._now)
        for listing, trade in told.trades:
            self._publisher.publish_trade(listing, trade, self._now)
        for listing in told.rules:
            self._publisher.publish_rules(listing)
        if self.publishes_books:
            self._publisher.publish_books(self._now)
        self.watch()


def _unwatched() -> None:
    """The watch where there are no checks."""


def _discard(_: object) -> None:
    """Drops a result that is not needed."""


def _stream(random: Random) -> Random:
    return Random(random.getrandbits(64))  # noqa: S311 - seeded on purpose
