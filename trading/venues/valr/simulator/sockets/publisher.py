"""What the subscribers of the trade socket are sent: at once, in batches, and by the clock."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from random import Random

from trading.core.identifiers import Pair
from trading.simulator.core.agenda import Agenda
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing, PublicTrade
from trading.venues.valr.simulator.core.rules import VenueRules
from trading.venues.valr.simulator.sockets.feeds import DEPTHS, BookFeed, Feed
from trading.venues.valr.simulator.sockets.order_feed import OrderFeed
from trading.venues.valr.simulator.sockets.sessions import Session
from trading.venues.valr.simulator.wire import public_frames as frames
from trading.venues.valr.simulator.wire.book_faults import BookFaults
from trading.venues.valr.simulator.wire.frames import Json

_BUCKET_PERIODS_S = (60, 300)
_MS_PER_S = 1000
_ALL = tuple(Feed)
_BATCHED = (Feed.FULL, Feed.AGGREGATED)


class Publisher:
    """
    Watches the books of all pairs. Nothing is written down that nobody asked for.

    Args:
        moving: Those of the listings whose book may ever change.
        sessions: Those that are connected now; the exchange's own.
        random: Decides how long changes are gathered, and nothing else.
    """

    def __init__(
        self,
        *,
        listings: Mapping[Pair, Listing],
        moving: Sequence[Listing],
        level_feeds: Mapping[Pair, BookFeed],
        order_feeds: Mapping[Pair, OrderFeed],
        sessions: Mapping[Session, None],
        agenda: Agenda,
        rules: VenueRules,
        faults: BookFaults,
        ids: Ids,
        random: Random,
    ) -> None:
        self._listings = listings
        self._moving = moving
        self._level_feeds = level_feeds
        self._order_feeds = order_feeds
        self._sessions = sessions
        self._agenda = agenda
        self._rules = rules
        self._faults = faults
        self._ids = ids
        self._random = random
        self._ticking: dict[tuple[Feed, Pair], None] = {}
        self._changed_at: dict[tuple[Feed, Pair], int] = {}

    def is_heard(self, listing: Listing, feeds: Container[Feed] = _ALL) -> bool:
        """Whether anybody is subscribed to one of these feeds of a pair."""
        symbol = listing.rules.symbol
        return any(
            symbol in pairs and feed in feeds
            for session in self._sessions
            for feed, pairs in session.subscriptions.items()
        )

    def publish_trade(self, listing: Listing, trade: PublicTrade) -> None:
        listeners = self._subscribers(Feed.TRADES, listing)
        if listeners:
            told = [frames.new_trade(t, listing) for t in self._faults.trades(trade)]
            for session in listeners:
                self._send_all(session, told)

    def publish_rules(self, listing: Listing) -> None:
        self._send_each(
            self._subscribers(Feed.ORDER_TYPES, listing), frames.order_types_update(listing)
        )

    def publish_books(self, now: float) -> None:
        """Tell of every book that changed, or see to it that it is told soon."""
        for listing in self._moving:
            entries = listing.market.take_entries()
            if not entries:
                continue
            listing.changed_ms = self._ids.ms(now)
            feed = self._order_feeds[listing.rules.symbol]
            feed.add(entries)
            if not self.is_heard(listing, _BATCHED):
                feed.skip()
            elif (Feed.FULL, listing.rules.symbol) not in self._ticking:
                self._tick(Feed.FULL, listing, now + self._batch_s(), self._send_orders)
            if self._rules.level_feed_batch_s == 0.0 or not self._subscribers(Feed.L1, listing):
                self._send_levels(listing, now)
            elif (Feed.L1, listing.rules.symbol) not in self._ticking:
                at = now + self._rules.level_feed_batch_s
                self._tick(Feed.L1, listing, at, self._send_levels)

    def flush(self, feed: Feed, pair: Pair, now: float) -> None:
        """Send what waits to those who listen: whoever comes next begins with a snapshot."""
        listing = self._listings[pair]
        if feed is Feed.FULL:
            self._send_orders(listing, now, may_cross=False)
        elif feed is Feed.L1:
            self._send_levels(listing, now, may_cross=False)

    def welcome(self, session: Session, feed: Feed, pair: Pair, now: float) -> None:
        """Send a new subscriber the latest state, and see to it that more follows."""
        listing = self._listings[pair]
        late_s = self._faults.snapshot_delay_s() if feed in (Feed.L1, Feed.FULL) else None
        if late_s is None:
            self._send_all(session, self._latest(feed, listing, now))
        else:
            self._agenda.at(now + late_s, partial(self._make_up, session, feed, listing))
        if feed in DEPTHS:
            self._keep_ticking(feed, listing, now, self._rules.depth_interval_s, self._send_depth)
        elif feed is Feed.SUMMARY:
            interval_s = self._rules.summary_interval_s
            self._keep_ticking(feed, listing, now, interval_s, self._send_summary)
        elif feed is Feed.MARK_PRICE:
            interval_s = self._rules.mark_price_interval_s
            self._keep_ticking(feed, listing, now, interval_s, self._send_mark_price)
        elif feed is Feed.BUCKETS and (feed, pair) not in self._ticking:
            self._tick(feed, listing, self._next_minute(now), self._send_buckets)

    def _latest(self, feed: Feed, listing: Listing, now: float) -> list[Json | str]:
        symbol = listing.rules.symbol
        match feed:
            case Feed.L1 | Feed.FULL:
                return self._snapshot(feed, listing)
            case Feed.AGGREGATED:
                sequence = self._order_feeds[symbol].sequence
                return [frames.aggregated_book_update(listing, sequence)]
            case Feed.SUMMARY:
                return [frames.market_summary_update(listing, self._ids.ms(now))]
            case Feed.MARK_PRICE:
                return [frames.mark_price_update(listing)]
            case Feed.ORDER_TYPES:
                return [frames.order_types_update(listing)]
            case Feed.TRADES:
                return []
            case Feed.BUCKETS:
                return self._closed_buckets(listing, _BUCKET_PERIODS_S, self._ids.ms(now))
            case _:
                return [self._level_feeds[symbol].depth(feed)]

    def _make_up(self, session: Session, feed: Feed, listing: Listing, now: float) -> None:
        """Send the snapshot that a subscriber should have had before everything else."""
        if session.subscribed_to(feed, listing.rules.symbol):
            self.flush(feed, listing.rules.symbol, now)
            self._send_all(session, self._latest(feed, listing, now))

    def _snapshot(self, feed: Feed, listing: Listing) -> list[Json | str]:
        """A book from which on changes are counted."""
        symbol = listing.rules.symbol
        if self._faults.swallow_snapshot():
            return []
        wrong = self._faults.falsify_checksum()
        source = self._order_feeds[symbol] if feed is Feed.FULL else self._level_feeds[symbol]
        return [source.snapshot(wrong_checksum=wrong)]

    def _send_levels(self, listing: Listing, _now: float, *, may_cross: bool = True) -> None:
        feed = self._level_feeds[listing.rules.symbol]
        change = feed.take_change()
        listeners = self._subscribers(Feed.L1, listing)
        if change is None or not listeners:
            return
        wrong = self._faults.falsify_checksum()
        ticks = self._faults.crossing(listing) if may_cross else None
        if ticks is not None:
            change = feed.cross(change, ticks)
        self._send(listeners, feed.diff(change, wrong_checksum=wrong))

    def _send_orders(self, listing: Listing, _now: float, *, may_cross: bool = True) -> None:
        feed = self._order_feeds[listing.rules.symbol]
        if not feed.pending:
            return
        listeners = self._subscribers(Feed.FULL, listing)
        if listeners:
            wrong = self._faults.falsify_checksum()
            ticks = self._faults.crossing(listing) if may_cross else None
            self._send(listeners, feed.take_update(wrong_checksum=wrong, crossed_by=ticks))
        else:
            feed.skip()
        others = self._subscribers(Feed.AGGREGATED, listing)
        if others:
            self._send_each(others, frames.aggregated_book_update(listing, feed.sequence))

    def _send(self, listeners: list[Session], text: str) -> None:
        """Send a change of a book, if nothing swallows it."""
        for session in listeners:
            self._send_all(session, self._faults.changes(text))

    def _send_each(self, listeners: list[Session], frame: Json | str) -> None:
        for session in listeners:
            self._send_all(session, [frame])

    def _send_all(self, session: Session, told: Iterable[Json | str]) -> None:
        for frame in told:
            session.send(self._faults.spoilt(frame))

    def _send_depth(self, feed: Feed, listing: Listing, _now: float) -> None:
        if self._is_news(feed, listing):
            text = self._level_feeds[listing.rules.symbol].depth(feed)
            self._send_each(self._subscribers(feed, listing), text)

    def _send_summary(self, feed: Feed, listing: Listing, now: float) -> None:
        if self._is_news(feed, listing):
            frame = frames.market_summary_update(listing, self._ids.ms(now))
            self._send_each(self._subscribers(feed, listing), frame)

    def _send_mark_price(self, feed: Feed, listing: Listing, _now: float) -> None:
        self._send_each(self._subscribers(feed, listing), frames.mark_price_update(listing))

    def _send_buckets(self, listing: Listing, now: float) -> None:
        listeners = self._subscribers(Feed.BUCKETS, listing)
        if not listeners:
            return
        at_ms = self._ids.ms(now)
        # Rounding may put the moment just before the minute that it stands for.
        minute_ms = round(at_ms / 60_000) * 60_000
        periods = [p for p in _BUCKET_PERIODS_S if minute_ms % (p * _MS_PER_S) == 0]
        for frame in self._closed_buckets(listing, tuple(periods), minute_ms):
            self._send_each(listeners, frame)
        self._tick(Feed.BUCKETS, listing, self._next_minute(now + 1.0), self._send_buckets)

    @staticmethod
    def _closed_buckets(
        listing: Listing, periods_s: tuple[int, ...], at_ms: int
    ) -> list[Json | str]:
        """The last candle of each period that is complete."""
        found: list[Json | str] = []
        for period_s in periods_s:
            start_ms = at_ms - at_ms % (period_s * _MS_PER_S) - period_s * _MS_PER_S
            candle = listing.candles.candle(period_s, start_ms)
            found.append(frames.new_trade_bucket(candle, period_s, listing))
        return found

    def _keep_ticking(
        self,
        feed: Feed,
        listing: Listing,
        now: float,
        interval_s: float,
        send: Callable[[Feed, Listing, float], None],
    ) -> None:
        """Do something again and again, for as long as somebody listens."""
        if (feed, listing.rules.symbol) in self._ticking:
            return

        def again(listing: Listing, at: float) -> None:
            if self._subscribers(feed, listing):
                send(feed, listing, at)
                self._tick(feed, listing, at + interval_s, again)

        self._tick(feed, listing, now + interval_s, again)

    def _tick(
        self, feed: Feed, listing: Listing, at: float, deed: Callable[[Listing, float], None]
    ) -> None:
        key = feed, listing.rules.symbol
        self._ticking[key] = None

        def due(now: float) -> None:
            self._ticking.pop(key, None)
            deed(listing, now)

        self._agenda.at(at, due)

    def _is_news(self, feed: Feed, listing: Listing) -> bool:
        key = feed, listing.rules.symbol
        state = self._order_feeds[listing.rules.symbol].sequence
        news = self._changed_at.get(key) != state
        self._changed_at[key] = state
        return news

    def _batch_s(self) -> float:
        rules = self._rules
        return self._random.uniform(rules.order_feed_batch_min_s, rules.order_feed_batch_max_s)

    def _next_minute(self, now: float) -> float:
        left_ms = 60_000 - self._ids.ms(now) % 60_000
        return now + left_ms / _MS_PER_S

    def _subscribers(self, feed: Feed, listing: Listing) -> list[Session]:
        symbol = listing.rules.symbol
        # Asked at every deed of every crowd, so without a call for each session.
        return [s for s in self._sessions if symbol in s.subscriptions.get(feed, ())]
