"""Periodic feeds of the trade socket: depth, summary, mark price, candles."""

from collections.abc import Mapping

from trading.core.identifiers import Pair
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.sockets.feed_timers import FeedTimers
from trading.venues.valr.simulator.sockets.feeds import DEPTHS, BookFeed, Feed
from trading.venues.valr.simulator.sockets.order_feed import OrderFeed
from trading.venues.valr.simulator.sockets.subscribers import Subscribers
from trading.venues.valr.simulator.wire import public_frames as frames
from trading.venues.valr.simulator.wire.frames import Json

BUCKET_PERIODS_S = (60, 300)
_MS_PER_S = 1000


class PeriodicFeeds:
    """Sends the periodic feeds while they have subscribers, most of them only after a change."""

    def __init__(
        self,
        *,
        subscribers: Subscribers,
        timers: FeedTimers,
        level_feeds: Mapping[Pair, BookFeed],
        order_feeds: Mapping[Pair, OrderFeed],
        rules: VenueRules,
        ids: Ids,
    ) -> None:
        self._subscribers = subscribers
        self._timers = timers
        self._level_feeds = level_feeds
        self._order_feeds = order_feeds
        self._rules = rules
        self._ids = ids
        self._changed_at: dict[tuple[Feed, Pair], int] = {}

    def keep(self, feed: Feed, listing: Listing, now: float) -> None:
        """Start the timer of a feed, if it is one of these."""
        if feed in DEPTHS:
            interval_s = self._rules.depth_interval_s
            self._timers.every(feed, listing, now, interval_s, self._send_depth)
        elif feed is Feed.SUMMARY:
            interval_s = self._rules.summary_interval_s
            self._timers.every(feed, listing, now, interval_s, self._send_summary)
        elif feed is Feed.MARK_PRICE:
            interval_s = self._rules.mark_price_interval_s
            self._timers.every(feed, listing, now, interval_s, self._send_mark_price)
        elif feed is Feed.BUCKETS and not self._timers.is_running(feed, listing.rules.symbol):
            self._timers.at(self._next_minute(now), feed, listing, self._send_buckets)

    def _send_depth(self, feed: Feed, listing: Listing, _now: float) -> None:
        if self._is_news(feed, listing):
            text = self._level_feeds[listing.rules.symbol].depth(feed)
            self._subscribers.send_each(self._subscribers.of(feed, listing), text)

    def _send_summary(self, feed: Feed, listing: Listing, now: float) -> None:
        if self._is_news(feed, listing):
            frame = frames.market_summary_update(listing, self._ids.ms(now))
            self._subscribers.send_each(self._subscribers.of(feed, listing), frame)

    def _send_mark_price(self, feed: Feed, listing: Listing, _now: float) -> None:
        self._subscribers.send_each(
            self._subscribers.of(feed, listing), frames.mark_price_update(listing)
        )

    def _send_buckets(self, listing: Listing, now: float) -> None:
        listeners = self._subscribers.of(Feed.BUCKETS, listing)
        if not listeners:
            return
        at_ms = self._ids.ms(now)
        # Rounding may put the moment just before the minute that it stands for.
        minute_ms = round(at_ms / 60_000) * 60_000
        periods = [p for p in BUCKET_PERIODS_S if minute_ms % (p * _MS_PER_S) == 0]
        for frame in closed_buckets(listing, tuple(periods), minute_ms):
            self._subscribers.send_each(listeners, frame)
        self._timers.at(self._next_minute(now + 1.0), Feed.BUCKETS, listing, self._send_buckets)

    def _is_news(self, feed: Feed, listing: Listing) -> bool:
        key = feed, listing.rules.symbol
        state = self._order_feeds[listing.rules.symbol].sequence
        news = self._changed_at.get(key) != state
        self._changed_at[key] = state
        return news

    def _next_minute(self, now: float) -> float:
        left_ms = 60_000 - self._ids.ms(now) % 60_000
        return now + left_ms / _MS_PER_S


def closed_buckets(listing: Listing, periods_s: tuple[int, ...], at_ms: int) -> list[Json | str]:
    """The last candle of each period that is complete."""
    found: list[Json | str] = []
    for period_s in periods_s:
        start_ms = at_ms - at_ms % (period_s * _MS_PER_S) - period_s * _MS_PER_S
        candle = listing.candles.candle(period_s, start_ms)
        found.append(frames.new_trade_bucket(candle, period_s, listing))
    return found
