"""Checks without a key, by REST."""

from actors.watch.venue_clock import measure_offset
from engine.conformance.lab import Lab
from engine.conformance.looks import REST_PLACE, answer_shape, asked, shaped
from engine.conformance.probe import Group
from trading.core.identifiers import Pair
from trading.venues.valr.conformance.check import Facts, Level, NotSeen

PUBLIC_REST = Group(Level.PUBLIC)
NOBODYS = "NOPEZAR"
"""A pair that no venue has."""

_TIME = "GET /v1/public/time"
_STATUS = "GET /v1/public/status"
_PAIRS = "GET /v1/public/pairs"
_TYPES = "GET /v1/public/ordertypes"
_PAIR_TYPES = "GET /v1/public/{pair}/ordertypes"
_CURRENCIES = "GET /v1/public/currencies"
_BOOK = "GET /v1/public/{pair}/orderbook"
_FULL_BOOK = "GET /v1/public/{pair}/orderbook/full"
_SUMMARIES = "GET /v1/public/marketsummary"
_SUMMARY = "GET /v1/public/{pair}/marketsummary"
_TRADES = "GET /v1/public/{pair}/trades"
_BUCKETS = "GET /v1/public/{pair}/buckets"


def of(route: str, pair: str) -> str:
    """The path of a route that has a pair in it."""
    return route.removeprefix("GET ").replace("{pair}", pair)


async def inactive_pair(lab: Lab) -> Pair:
    """
    A pair that is listed and not traded.

    Raises:
        NotSeen: There is none.
    """
    rows = (await lab.get(of(_PAIRS, ""))).value
    for row in rows if isinstance(rows, list) else ():
        if row.get("active") is False:
            return Pair(str(row["symbol"]))
    raise NotSeen("no pair is listed as inactive")


def _shape(
    name: str,
    question: str,
    route: str,
    *,
    cached: int,
    assumed: str = f"section 3.4; {REST_PLACE}",
    unknown: tuple[str, ...] = (),
) -> None:
    """A check that asks for nothing but the shape of an answer, and for how long it is cached."""

    async def look(lab: Lab) -> Facts:
        return await asked(lab, route, of(route, lab.pair))

    expected = shaped(route, cached=cached)
    PUBLIC_REST.check(name, question, assumed=assumed, expected=expected, unknown=unknown)(look)


@PUBLIC_REST.check(
    "time",
    "Does the venue tell its clock to the nanosecond, as whole seconds and as a text?",
    assumed=f"section 3.4; {REST_PLACE}",
    expected={**shaped(_TIME), f"caching/{_TIME}": ""},
)
async def _time(lab: Lab) -> Facts:
    return await asked(lab, _TIME, of(_TIME, ""))


@PUBLIC_REST.check(
    "clock",
    "Is the venue's clock the true time, to the second?",
    assumed="section 3.4, U1; trading/readiness/clock_offset.py",
    expected={"rules/clock_ahead_s": 0},
    unknown=("U1",),
)
async def _clock(lab: Lab) -> Facts:
    offset = await measure_offset(
        lab.rest, lab.party.venue, lab.world.wall_clock, lab.settings.venue.clock_limits
    )
    if offset is None:
        raise NotSeen("this machine's clock ran backwards meanwhile")
    lab.party.clock_offset.put(offset)
    return {
        "rules/clock_ahead_s": round(offset.offset_ms / 1000),
        "offset in ms": round(offset.offset_ms),
        "sure to ms": round(offset.uncertainty_ms),
    }


@PUBLIC_REST.check(
    "status",
    "Does the venue say whether it takes orders?",
    assumed=f"section 3.4, U27; {REST_PLACE}",
    expected=shaped(_STATUS),
    unknown=("U27",),
)
async def _status(lab: Lab) -> Facts:
    answer = await lab.get(of(_STATUS, ""))
    facts = answer_shape(_STATUS, answer, cached=False)
    return {**facts, "it says": answer.value.get("status")}


@PUBLIC_REST.check(
    "pairs",
    "Have the listed pairs the rules that we read, inactive ones among them?",
    assumed=f"section 3.4; {REST_PLACE}",
    expected=shaped(_PAIRS, cached=60),
)
async def _pairs(lab: Lab) -> Facts:
    answer = await lab.get(of(_PAIRS, ""))
    return {**answer_shape(_PAIRS, answer), "pairs": len(answer.value)}


@PUBLIC_REST.check(
    "pairs-of-no-kind",
    "How is a kind of pair refused that there is not?",
    assumed="section 3.4; simulator/requests/fields.py",
    expected={
        "refusals/400 -11": "400 -11 Invalid Request, please check your request and try again"
    },
)
async def _pairs_of_no_kind(lab: Lab) -> Facts:
    return {"refusals/400 -11": (await lab.get("/v1/public/pairs/SOMETHING")).words}


_shape(
    "order-types",
    "Does the venue list which kinds of order each pair takes?",
    _TYPES,
    cached=60,
)
_shape(
    "order-types-of-a-pair",
    "Does one pair's list of them have the same words?",
    _PAIR_TYPES,
    cached=60,
)
_shape(
    "currencies",
    "Are currencies listed with the texts and numbers that we know?",
    _CURRENCIES,
    cached=60,
    assumed="section 3.4; simulator/wire/public_frames.py",
)


@PUBLIC_REST.check(
    "book",
    "Is the aggregated book sorted from the best price, with numbers as texts?",
    assumed="section 3.4; simulator/wire/public_frames.py",
    expected=shaped(_BOOK, cached=30),
)
async def _book(lab: Lab) -> Facts:
    answer = await lab.get(of(_BOOK, lab.pair))
    facts = answer_shape(_BOOK, answer)
    return {**facts, "levels": max(len(answer.value.get(side, ())) for side in ("Asks", "Bids"))}


_shape(
    "full-book",
    "Is the book of single orders sorted by price and place in the queue?",
    _FULL_BOOK,
    cached=30,
    assumed="section 3.4, U16; simulator/sockets/order_feed.py",
    unknown=("U16",),
)
_shape(
    "summaries",
    "Do the summaries of all pairs have the prices that we read?",
    _SUMMARIES,
    cached=5,
    assumed="section 3.4; trading/venues/valr/rest/market.py",
)
_shape(
    "summary",
    "Has the summary of one pair the same fields?",
    _SUMMARY,
    cached=5,
    assumed="section 3.4; trading/venues/valr/rest/market.py",
)


@PUBLIC_REST.check(
    "summary-of-an-inactive-pair",
    "How is the summary of an inactive pair refused?",
    assumed="section 3.7; simulator/rest/public.py",
    expected={"refusals/404 -111": "404 -111 Market summary not found"},
)
async def _inactive_summary(lab: Lab) -> Facts:
    answer = await lab.get(of(_SUMMARY, await inactive_pair(lab)))
    return {"refusals/404 -111": answer.words}


_shape(
    "trades",
    "Are trades listed newest first, with ids and 64-bit numbers?",
    _TRADES,
    cached=30,
    assumed="section 3.4, U19; simulator/wire/public_frames.py",
    unknown=("U19",),
)


@PUBLIC_REST.check(
    "candles",
    "Are candles listed newest first, with their times as texts?",
    assumed="section 3.4; simulator/rest/public.py",
    expected=shaped(_BUCKETS),
)
async def _candles(lab: Lab) -> Facts:
    path = f"{of(_BUCKETS, lab.pair)}?periodSeconds=60&includeEmpty=true&limit=3"
    return await asked(lab, _BUCKETS, path, cached=False)


@PUBLIC_REST.check(
    "wrong-pair",
    "How is a pair refused that there is not?",
    assumed="section 3.7; simulator/requests/requests.py",
    expected={"refusals/400 -21": "400 -21 Unsupported Currency Pair"},
)
async def _wrong_pair(lab: Lab) -> Facts:
    return {"refusals/400 -21": (await lab.get(of(_BOOK, NOBODYS))).words}


@PUBLIC_REST.check(
    "wrong-path",
    "How is a path refused that there is not?",
    assumed="simulator/rest/rest.py",
    expected={"refusals/404": "404"},
)
async def _wrong_path(lab: Lab) -> Facts:
    return {"refusals/404": (await lab.get("/v1/public/nothing-of-this-name")).words}


@PUBLIC_REST.check(
    "book-of-an-inactive-pair",
    "Is the book of an inactive pair empty?",
    assumed="section 3.4; simulator/rest/public.py",
    expected={"rules/inactive_books": ""},
)
async def _inactive_book(lab: Lab) -> Facts:
    answer = await lab.get(of(_BOOK, await inactive_pair(lab)))
    if answer.status == 200:  # noqa: PLR2004  # a success
        rows = sum(len(answer.value.get(side, ())) for side in ("Asks", "Bids"))
        return {"rules/inactive_books": None if rows else "", "rows": rows}
    return {"rules/inactive_books": answer.words}


@PUBLIC_REST.check(
    "headers",
    "Do answers say nothing of rate limits while they are kept?",
    assumed="sections 1 and 3.2; trading/venues/valr/limits.py",
    expected={"headers/x-valr-ratelimited": "", "headers/retry-after": ""},
)
async def _headers(lab: Lab) -> Facts:
    answer = await lab.get(of(_TIME, ""))
    names = sorted(name for name in answer.headers if "limit" in name)
    seen = {f"headers/{name}": answer.headers[name] for name in names}
    usual = {"headers/x-valr-ratelimited": "", "headers/retry-after": ""}
    after = answer.headers.get("retry-after", "")
    return {**usual, **seen, "headers/retry-after": after}
