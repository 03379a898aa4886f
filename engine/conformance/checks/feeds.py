"""Checks of what the trade socket sends while it is held: shapes, numbers, checksums, rates."""

from collections.abc import Sequence
from itertools import pairwise

from engine.conformance.holding import MARKET
from engine.conformance.lab import Lab
from engine.conformance.line import Heard
from engine.conformance.looks import frame_shapes, shaped
from engine.conformance.probe import Group
from trading.venues.valr.codec import fields
from trading.venues.valr.conformance.books import level_facts, order_facts
from trading.venues.valr.conformance.check import Facts, Level, NotSeen

FEEDS = Group(Level.PUBLIC)

_LEVELS = ("OB_L1_SNAPSHOT", "OB_L1_DIFF")
_ORDERS = ("FULL_ORDERBOOK_SNAPSHOT", "FULL_ORDERBOOK_UPDATE")
_DEPTH = "OB_L1_D10_SNAPSHOT"
_BOOK = "AGGREGATED_ORDERBOOK_UPDATE"
_TRADE, _CANDLE = "NEW_TRADE", "NEW_TRADE_BUCKET"
_SUMMARY, _MARK = "MARKET_SUMMARY_UPDATE", "MARK_PRICE_UPDATE"
_TYPES = "ALLOWED_ORDER_TYPES_UPDATED"
_PLACE = "section 4.3; simulator/sockets/publisher.py"
_SAID_OF_LEVELS = {
    "rules/checksum_depth": "checksum of orders",
    "rules/checksum_quantities": "checksum takes",
    "rules/quantity_decimals": "decimals of quantities",
}
"""Knobs that the check of levels sets, and what they are called where it is orders."""
_AT_ONCE_S, _GATHERED_S = 0.03, 0.28
_MANY = 10
"""Gaps between frames that are enough to tell how they are sent."""
_LATE_S = 2.0


async def _heard(lab: Lab, *kinds: str) -> Sequence[Heard]:
    """
    The frames of some types that the held socket has received.

    Raises:
        NotSeen: There is none.
    """
    line = await lab.held_to_the_end(MARKET)
    found = [one for one in line.heard if one.said.get("type") in kinds]
    if not found:
        raise NotSeen(f"no {' or '.join(kinds)} came; the socket ended: {line.ended}")
    lab.evidence.cite([one.frame for one in found])
    return found


def _gaps_s(heard: Sequence[Heard]) -> Sequence[float]:
    """The gaps between frames of which each follows another, without those of the beginning."""
    times = [one.at for one in heard[1:]]
    return [after - before for before, after in pairwise(times)]


def _interval_s(heard: Sequence[Heard]) -> float:
    """
    The least gap between two frames, to the half of a second.

    Raises:
        NotSeen: There are too few of them.
    """
    times = [one.at for one in heard]
    gaps = [after - before for before, after in pairwise(times)]
    telling = [gap for gap in gaps if gap > _AT_ONCE_S]
    if not telling:
        raise NotSeen("too few frames came to tell how often they do")
    halves = round(min(telling) * 2) / 2
    return int(halves) if halves == int(halves) else halves


def _paced(name: str, question: str, kind: str, knob: str, every_s: float) -> None:
    """A check of the shape of a type of frame, and of how often it comes."""

    async def look(lab: Lab) -> Facts:
        heard = await _heard(lab, kind)
        return {**frame_shapes(heard, kind), knob: _interval_s(heard)}

    FEEDS.check(name, question, assumed=_PLACE, expected={**shaped(kind), knob: every_s})(look)


@FEEDS.check(
    "feed-levels",
    "Do changes of levels follow a snapshot, one number apart, with the checksum that we know?",
    assumed="sections 4.3 and 5, U15, U16; trading/venues/valr/book_rules.py",
    expected={
        **shaped(*_LEVELS),
        "first frame": _LEVELS[0],
        "rules/level_sequence_step": 1,
        "rules/checksum_depth": 25,
        "rules/checksum_quantities": "written",
        "rules/quantity_decimals": 0,
        "decimals of prices": 0,
        "rules/level_feed_batch_s": 0,
    },
    unknown=("U15", "U16"),
)
async def _levels(lab: Lab) -> Facts:
    heard = await _heard(lab, *_LEVELS)
    gaps = _gaps_s(heard)
    gathered = len(gaps) >= _MANY and min(gaps) > _AT_ONCE_S
    batch_s = round(min(gaps) * 20) / 20 if gathered else 0
    return {
        **frame_shapes(heard, *_LEVELS),
        **level_facts([one.said for one in heard]),
        **({"rules/level_feed_batch_s": batch_s} if len(gaps) >= _MANY else {}),
        "frames": len(heard),
    }


@FEEDS.check(
    "feed-orders",
    "Are single orders gathered for a moment, numbered one by one, with the checksum we know?",
    assumed="sections 4.3 and 5, U16; trading/venues/valr/book_rules.py",
    expected={
        **shaped(*_ORDERS),
        "first frame": _ORDERS[0],
        "rules/count_orders": True,
        "checksum of orders": 25,
        "checksum takes": "written",
        "decimals of quantities": 0,
        "rules/order_feed_batch_min_s": 0.04,
        "rules/order_feed_batch_max_s": 0.28,
    },
    unknown=("U16",),
)
async def _orders(lab: Lab) -> Facts:
    heard = await _heard(lab, *_ORDERS)
    facts = dict(order_facts([one.said for one in heard]))
    for knob, name in _SAID_OF_LEVELS.items():
        facts[name] = facts.pop(knob)
    gaps = _gaps_s(heard)
    if len(gaps) >= _MANY:
        gathered = min(gaps) > _AT_ONCE_S
        facts["rules/order_feed_batch_min_s"] = 0.04 if gathered else 0
        facts["rules/order_feed_batch_max_s"] = _GATHERED_S if gathered else 0
    return {**frame_shapes(heard, *_ORDERS), **facts, "frames": len(heard)}


@FEEDS.check(
    "feed-book",
    "Is each aggregated book whole, sorted from the best price, of 40 levels a side at most?",
    assumed=_PLACE,
    expected={**shaped(_BOOK), "rules/aggregated_depth": 40},
)
async def _book(lab: Lab) -> Facts:
    heard = await _heard(lab, _BOOK)
    depth = max(len(one.said["data"].get(side, ())) for one in heard for side in ("Asks", "Bids"))
    usual = 40
    cut = {"rules/aggregated_depth": depth} if depth >= usual or _is_cut(heard, depth) else {}
    return {**frame_shapes(heard, _BOOK), **cut, "levels": depth}


def _is_cut(heard: Sequence[Heard], depth: int) -> bool:
    """Whether sides seem to end at a number of levels, since many of them have just so many."""
    lengths = [len(one.said["data"].get(side, ())) for one in heard for side in ("Asks", "Bids")]
    return lengths.count(depth) * 2 > len(lengths)


_paced(
    "feed-depth",
    "Does the feed of the best ten levels come whole, at most twice a second?",
    _DEPTH,
    "rules/depth_interval_s",
    0.5,
)


@FEEDS.check(
    "feed-trades",
    "Has a trade its id, and does it come within two seconds of its time?",
    assumed=f"{_PLACE}, U19",
    expected={**shaped(_TRADE), "rules/trades_late_s": 0},
    unknown=("U19",),
)
async def _trades(lab: Lab) -> Facts:
    heard = await _heard(lab, _TRADE)
    ages = [_age_s(one) for one in heard]
    offset = lab.party.clock_offset.read()
    ahead_s = 0.0 if offset is None else offset.offset_ms / 1000
    median = sorted(ages)[len(ages) // 2] + ahead_s
    return {
        **frame_shapes(heard, _TRADE),
        "rules/trades_late_s": round(median) if median > _LATE_S else 0,
        "age in ms": round(median * 1000),
    }


def _age_s(heard: Heard) -> float:
    return heard.frame.at_ns / 1e9 - fields.time_ms(str(heard.said["data"]["tradedAt"])) / 1000


@FEEDS.check(
    "feed-candles",
    "Are candles pushed for one minute and for five, in one subscription?",
    assumed=_PLACE,
    expected={**shaped(_CANDLE), "periods": [60, 300]},
)
async def _candles(lab: Lab) -> Facts:
    heard = await _heard(lab, _CANDLE)
    periods = {one.said["data"].get("bucketPeriodInSeconds") for one in heard}
    return {**frame_shapes(heard, _CANDLE), "periods": sorted(map(int, filter(None, periods)))}


_paced(
    "feed-summary",
    "Does the summary come at most once a second, and name its pair as on the wire?",
    _SUMMARY,
    "rules/summary_interval_s",
    1,
)


_paced(
    "feed-mark-price",
    "Does the mark price come every three seconds?",
    _MARK,
    "rules/mark_price_interval_s",
    3,
)


@FEEDS.check(
    "feed-order-types",
    "Are the kinds of order that a pair takes pushed as a list?",
    assumed=_PLACE,
    expected=shaped(_TYPES),
)
async def _types(lab: Lab) -> Facts:
    return frame_shapes(await _heard(lab, _TYPES), _TYPES)


@FEEDS.check(
    "feed-pongs",
    "Is every PING answered, and by a PONG that says nothing more?",
    assumed="section 4.1; simulator/sockets/commands.py",
    expected={"texts/pong": "", "unanswered": 0, "it ended": "hung up"},
    unknown=("U13",),
)
async def _pongs(lab: Lab) -> Facts:
    line = await lab.held_to_the_end(MARKET)
    pongs = await _heard(lab, "PONG")
    began = min(one.at for one in await _heard(lab, "SUBSCRIBED"))
    later = [one for one in pongs if one.at > began]
    words = {"texts/pong": str(later[0].said.get("message", ""))} if later else {}
    return {
        **words,
        "unanswered": line.unanswered(),
        "it ended": line.ended,
        "frames in all": len(line.heard),
    }
