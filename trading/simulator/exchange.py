"""A whole simulated VALR as one value: requests and frames in, responses and frames out."""

from collections.abc import Iterator, Mapping
from random import Random

from trading.identifiers import Pair
from trading.simulator.account_rest import AccountRoutes
from trading.simulator.authentication import INVALID_SIGNATURE, KEY_HEADER, Authenticator
from trading.simulator.commands import Commands
from trading.simulator.feeds import BookFeed, Feed
from trading.simulator.flow import SyntheticMarket
from trading.simulator.frames import new_trade
from trading.simulator.http import Call, Response, Route, query_of
from trading.simulator.ids import Ids
from trading.simulator.listing import Listing, PublicTrade
from trading.simulator.market import Market, StillMarket
from trading.simulator.public_rest import PublicRoutes
from trading.simulator.replay import RecordedMarket
from trading.simulator.requests import Refused, RequestReader, invalid_request
from trading.simulator.sessions import BAD_SIGNATURE, CUT, CloseReason, Session
from trading.simulator.settings import ExchangeSettings, SimulatedPair
from trading.simulator.venue import Venue

ACCOUNT_PATH = "/ws/account"
TRADE_PATH = "/ws/trade"
_L1_SEQUENCE_BITS = 20
_FORBIDDEN = 403
_NEVER = float("inf")


class SimulatedExchange:
    """
    VALR as far as the engine uses it. Time is a parameter: seconds since the exchange began.

    It outlives the server in front of it: orders and balances are the exchange's, sessions are the
    connections'. The same settings, random source and calls repeat the same answers exactly.

    Args:
        random: Everything random comes from here; each market has a stream of its own, so orders
            do not change what the crowd does next.
        epoch_ns: Wall-clock nanoseconds since 1970 at which it began.
        recordings: Raw lines of recorded markets, by the pair they appear as.

    Raises:
        MalformedRecording: By every method that lets time pass, for a bad line.
    """

    def __init__(
        self,
        settings: ExchangeSettings,
        random: Random,
        epoch_ns: int,
        recordings: Mapping[Pair, Iterator[bytes]] | None = None,
    ) -> None:
        recordings = recordings or {}
        self._settings = settings
        ids = Ids(Random(random.getrandbits(64)), epoch_ns)  # noqa: S311 - seeded on purpose
        symbols = [rules.symbol for rules in settings.pairs]
        unknown = sorted(set(recordings) - set(symbols))
        if unknown:
            raise ValueError(f"recordings for pairs that are not listed: {', '.join(unknown)}")
        self._listings: dict[Pair, Listing] = {}
        self._feeds: dict[Pair, BookFeed] = {}
        for rules in settings.pairs:
            seed, sequence = random.getrandbits(64), random.getrandbits(_L1_SEQUENCE_BITS)
            market = _market(settings, rules, seed, recordings.get(rules.symbol))
            listing = Listing(rules, market, ids.ms(0.0))
            self._listings[rules.symbol] = listing
            self._feeds[rules.symbol] = BookFeed(listing, sequence)
        self._recorded = [self._listings[symbol] for symbol in symbols if symbol in recordings]
        self._venue = Venue(
            listings=self._listings, accounts=settings.accounts, fees=settings.fees, ids=ids
        )
        self._authenticator = Authenticator(
            self._venue.accounts,
            settings.authentication_failure_status,
            settings.timestamp_window_ms,
        )
        reader = RequestReader(self._listings)
        self._routes: tuple[Route, ...] = (
            *PublicRoutes(self._venue, reader).table(),
            *AccountRoutes(self._venue, reader).table(),
        )
        self._commands = Commands(self._venue, reader, self._feeds)
        self._sessions: dict[Session, None] = {}
        self._now = 0.0

    @property
    def now(self) -> float:
        """The latest time it was told."""
        return self._now

    @property
    def venue(self) -> Venue:
        """The books and accounts behind the wire, for whoever checks them."""
        return self._venue

    @property
    def ended(self) -> bool:
        """Whether a recording is over; synthetic markets never end."""
        return any(listing.market.ended for listing in self._recorded)

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> Response:
        """Answer a REST request. Whatever is asked, there is an answer."""
        self.advance(now)
        lower = {name.lower(): value for name, value in headers.items()}
        try:
            response = self._answer(method, target, lower, body)
        except Refused as refused:
            response = Response.refusal(refused)
        self._publish()
        return response

    def open_session(self, path: str, headers: Mapping[str, str], now: float) -> Session:
        """
        Accept a WebSocket; its path without the query must be one of the two.

        A bad signature is accepted too, and then closed, as the venue does.
        """
        self.advance(now)
        lower = {name.lower(): value for name, value in headers.items()}
        api_key: str | None = None
        refused: Refused | None = None
        if KEY_HEADER in lower:
            try:
                api_key = self._authenticator.account(
                    "GET", path, lower, b"", self._venue.ids.ms(self._now)
                ).api_key
            except Refused as error:
                refused = error
        session = Session(
            api_key=api_key,
            is_account=path.partition("?")[0] == ACCOUNT_PATH,
            opened_at=self._now,
            outgoing_max=self._settings.outgoing_frames_max,
        )
        self._sessions[session] = None
        if refused is not None:
            session.close(CloseReason(BAD_SIGNATURE, INVALID_SIGNATURE))
        elif api_key is not None:
            self._welcome(session, api_key)
        return session

    def receive(self, session: Session, text: str, now: float) -> None:
        """Take a text frame from a client."""
        self.advance(now)
        if session.close_reason is None:
            session.heard_at = self._now
            self._commands.receive(session, text, self._now)
            self._publish()

    def close_session(self, session: Session, now: float) -> None:
        """A connection is gone, however it went; again is harmless."""
        self.advance(now)
        if session not in self._sessions:
            return
        del self._sessions[session]
        session.close(CloseReason(CUT))
        if session.cancel_on_disconnect and session.api_key is not None:
            account = self._venue.accounts[session.api_key]
            self._venue.cancel_all(account, None, self._now)
            self._publish()

    def advance(self, now: float) -> None:
        """Let the markets do everything that is due, in order; time never runs backwards."""
        while True:
            listing, at = self._next_market()
            if listing is None or at > now:
                break
            self._now = max(self._now, at)
            self._venue.step(listing, self._now)
            self._publish()
        self._now = max(self._now, now)
        for session in self._sessions:
            if session.close_reason is None and self._deadline(session) <= self._now:
                session.close(CloseReason(CUT, "idle"))

    def next_event_at(self) -> float | None:
        """When something happens by itself next; ``None`` when nothing ever will."""
        listing, at = self._next_market()
        times = [] if listing is None else [at]
        times += [self._deadline(s) for s in self._sessions if s.close_reason is None]
        return min((at for at in times if at != _NEVER), default=None)

    def _next_market(self) -> tuple[Listing | None, float]:
        due: Listing | None = None
        earliest = 0.0
        for listing in self._listings.values():
            at = listing.market.next_event_at()
            if at is not None and (due is None or at < earliest):
                due, earliest = listing, at
        return due, earliest

    def _deadline(self, session: Session) -> float:
        """When a session is cut unless something happens."""
        deadline = _NEVER
        # A subscribed trade socket lives without a word from its client, others do not.
        if session.is_account or not session.has_subscriptions:
            deadline = session.heard_at + self._settings.idle_limit_s
        if session.api_key is None:
            deadline = min(deadline, session.opened_at + self._settings.unauthenticated_limit_s)
        return deadline

    def _answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        path, _, query = target.partition("?")
        for route in self._routes:
            parameters = route.parameters(method, path)
            if parameters is not None:
                break
        else:
            return Response(status=404, headers=())
        if method in ("POST", "PUT", "PATCH") and "content-type" not in headers:
            raise invalid_request(_FORBIDDEN)
        account = None
        if route.signed:
            account = self._authenticator.account(
                method, target, headers, body, self._venue.ids.ms(self._now)
            )
        call = Call(
            parameters=parameters, query=query_of(query), body=body, account=account, now=self._now
        )
        return route.handler(call)

    def _welcome(self, session: Session, api_key: str) -> None:
        session.send({"type": "AUTHENTICATED"})
        if session.is_account:
            for frame in self._venue.balance_frames(self._venue.accounts[api_key]):
                session.send(frame)
            session.send(self._venue.open_orders_frame(api_key))

    def _publish(self) -> None:
        """Send everybody what concerns them of what just happened."""
        told = self._venue.take_told()
        for api_key, frame in told.accounts:
            for session in self._sessions:
                concerns = session.is_account and session.api_key == api_key
                if concerns and frame["type"] not in session.muted:
                    session.send(frame)
        for listing, trade in told.trades:
            self._publish_trade(listing, trade)
        for listing in self._listings.values():
            self._publish_book(listing)

    def _publish_trade(self, listing: Listing, trade: PublicTrade) -> None:
        listeners = self._subscribers(Feed.TRADES, listing)
        if listeners:
            frame = new_trade(trade, listing)
            for session in listeners:
                session.send(frame)

    def _publish_book(self, listing: Listing) -> None:
        feed = self._feeds[listing.rules.symbol]
        change = feed.take_change(self._venue.ids.ms(self._now))
        if change is None:
            return
        for kind in (Feed.L1, Feed.AGGREGATED):
            for session in self._subscribers(kind, listing):
                session.send(change.text(kind))

    def _subscribers(self, feed: Feed, listing: Listing) -> list[Session]:
        symbol = listing.rules.symbol
        return [s for s in self._sessions if s.subscribed_to(feed, symbol)]


def _market(
    settings: ExchangeSettings, rules: SimulatedPair, seed: int, lines: Iterator[bytes] | None
) -> Market:
    if not rules.active:
        return StillMarket()
    if lines is not None:
        return RecordedMarket(lines, settings.recorded)
    return SyntheticMarket(rules, settings.synthetic, Random(seed))  # noqa: S311 - seeded on purpose
