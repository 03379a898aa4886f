"""Publishes the trade socket's feeds: at once, in batches, and by the clock."""

from collections.abc import Mapping, Sequence
from functools import partial
from random import Random

from trading.core.identifiers import Pair
from trading.simulator.core.agenda import Agenda
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.ids import Ids
from trading.venues.valr.simulator.core.listing import Listing, PublicTrade
from trading.venues.valr.simulator.sockets.feed_timers import FeedTimers
from trading.venues.valr.simulator.sockets.feeds import BookFeed, Feed
from trading.venues.valr.simulator.sockets.order_feed import OrderFeed
from trading.venues.valr.simulator.sockets.periodic_feeds import (
    BUCKET_PERIODS_S,
    PeriodicFeeds,
    closed_buckets,
)
from trading.venues.valr.simulator.sockets.sessions import Session
from trading.venues.valr.simulator.sockets.subscribers import Subscribers
from trading.venues.valr.simulator.wire import public_frames as frames
from trading.venues.valr.simulator.wire.book_faults import BookFaults
from trading.venues.valr.simulator.wire.frames import Json

_BATCHED = (Feed.FULL, Feed.AGGREGATED)


class Publisher:
    """
    Publishes changes of all pairs' books. Nothing is encoded that has no subscriber.

    Args:
        moving: Those of the listings whose book may ever change.
        random: For the time for which changes are gathered, and nothing else.
    """

    def __init__(
        self,
        *,
        listings: Mapping[Pair, Listing],
        moving: Sequence[Listing],
        level_feeds: Mapping[Pair, BookFeed],
        order_feeds: Mapping[Pair, OrderFeed],
        subscribers: Subscribers,
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
        self._subscribers = subscribers
        self._agenda = agenda
        self._timers = FeedTimers(agenda, subscribers)
        self._periodic = PeriodicFeeds(
            subscribers=subscribers,
            timers=self._timers,
            level_feeds=level_feeds,
            order_feeds=order_feeds,
            rules=rules,
            ids=ids,
        )
        self._rules = rules
        self._faults = faults
        self._ids = ids
        self._random = random

    def publish_trade(self, listing: Listing, trade: PublicTrade, now: float) -> None:
        listeners = self._subscribers.of(Feed.TRADES, listing)
        if listeners:
            told = [frames.new_trade(t, listing) for t in self._faults.trades(trade)]
            late_s = self._rules.trades_late_s
            for session in listeners:
                if late_s:
                    tell = partial(self._tell_late, session, told)
                    self._agenda.at(now + late_s, tell)
                else:
                    self._subscribers.send_all(session, told)

    def _tell_late(self, session: Session, told: list[Json], _now: float) -> None:
        self._subscribers.send_all(session, told)

    def publish_rules(self, listing: Listing) -> None:
        self._subscribers.send_each(
            self._subscribers.of(Feed.ORDER_TYPES, listing), frames.order_types_update(listing)
        )

    def publish_books(self, now: float) -> None:
        """Send the changes of every book, or start the timers that will."""
        for listing in self._moving:
            entries = listing.market.take_entries()
            if not entries:
                continue
            listing.changed_ms = self._ids.ms(now)
            feed = self._order_feeds[listing.rules.symbol]
            feed.add(entries)
            if not self._subscribers.is_heard(listing, _BATCHED):
                feed.skip()
            elif not self._timers.is_running(Feed.FULL, listing.rules.symbol):
                self._timers.at(now + self._batch_s(), Feed.FULL, listing, self._send_orders)
            if self._rules.level_feed_batch_s == 0.0 or not self._subscribers.of(Feed.L1, listing):
                self._send_levels(listing, now)
            elif not self._timers.is_running(Feed.L1, listing.rules.symbol):
                at = now + self._rules.level_feed_batch_s
                self._timers.at(at, Feed.L1, listing, self._send_levels)

    def flush(self, feed: Feed, pair: Pair, now: float) -> None:
        """Send waiting changes to the present subscribers: the next one begins with a snapshot."""
        listing = self._listings[pair]
        if feed is Feed.FULL:
            self._send_orders(listing, now, may_cross=False)
        elif feed is Feed.L1:
            self._send_levels(listing, now, may_cross=False)

    def welcome(self, session: Session, feed: Feed, pair: Pair, now: float) -> None:
        """Send a new subscriber the latest state, and start the feed."""
        listing = self._listings[pair]
        late_s = self._faults.snapshot_delay_s() if feed in (Feed.L1, Feed.FULL) else None
        if late_s is None:
            self._subscribers.send_all(session, self._latest(feed, listing, now))
        else:
            self._agenda.at(now + late_s, partial(self._make_up, session, feed, listing))
        self._periodic.keep(feed, listing, now)

    def _latest(self, feed: Feed, listing: Listing, now: float) -> list[Json | str]:
        symbol = listing.rules.symbol
        match feed:
            case Feed.L1 | Feed.FULL:
                return self._snapshot(feed, listing)
            case Feed.AGGREGATED:
                sequence = self._order_feeds[symbol].sequence
                return [
                    frames.aggregated_book_update(listing, sequence, self._rules.aggregated_depth)
                ]
            case Feed.SUMMARY:
                return [frames.market_summary_update(listing, self._ids.ms(now))]
            case Feed.MARK_PRICE:
                return [frames.mark_price_update(listing)]
            case Feed.ORDER_TYPES:
                return [frames.order_types_update(listing)]
            case Feed.TRADES:
                return []
            case Feed.BUCKETS:
                return closed_buckets(listing, BUCKET_PERIODS_S, self._ids.ms(now))
            case _:
                return [self._level_feeds[symbol].depth(feed)]

    def _make_up(self, session: Session, feed: Feed, listing: Listing, now: float) -> None:
        """Send the snapshot that a subscriber should have had before everything else."""
        if session.subscribed_to(feed, listing.rules.symbol):
            self.flush(feed, listing.rules.symbol, now)
            self._subscribers.send_all(session, self._latest(feed, listing, now))

    def _snapshot(self, feed: Feed, listing: Listing) -> list[Json | str]:
        """The snapshot of a book from which changes are counted."""
        symbol = listing.rules.symbol
        if self._faults.swallow_snapshot():
            return []
        wrong = self._faults.falsify_checksum()
        source = self._order_feeds[symbol] if feed is Feed.FULL else self._level_feeds[symbol]
        return [source.snapshot(wrong_checksum=wrong)]

    def _send_levels(self, listing: Listing, _now: float, *, may_cross: bool = True) -> None:
        feed = self._level_feeds[listing.rules.symbol]
        change = feed.take_change()
        listeners = self._subscribers.of(Feed.L1, listing)
        if change is None or not listeners:
            return
        wrong = self._faults.falsify_checksum()
        ticks = self._faults.crossing(listing) if may_cross else None
        if ticks is not None:
            change = feed.cross(change, ticks)
        self._subscribers.send_change(listeners, feed.diff(change, wrong_checksum=wrong))

    def _send_orders(self, listing: Listing, _now: float, *, may_cross: bool = True) -> None:
        feed = self._order_feeds[listing.rules.symbol]
        if not feed.pending:
            return
        listeners = self._subscribers.of(Feed.FULL, listing)
        if listeners:
            wrong = self._faults.falsify_checksum()
            ticks = self._faults.crossing(listing) if may_cross else None
            self._subscribers.send_change(
                listeners, feed.take_update(wrong_checksum=wrong, crossed_by=ticks)
            )
        else:
            feed.skip()
        others = self._subscribers.of(Feed.AGGREGATED, listing)
        if others:
            self._subscribers.send_each(
                others,
                frames.aggregated_book_update(listing, feed.sequence, self._rules.aggregated_depth),
            )

    def _batch_s(self) -> float:
        rules = self._rules
        return self._random.uniform(rules.order_feed_batch_min_s, rules.order_feed_batch_max_s)
