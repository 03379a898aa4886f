"""
What a run leaves to be judged, live or in a backtest, as one value and as JSON.

Everything in ``trading/research`` is a function of these. A backtest writes them to ``result.json``
in its folder; of a live session they are made from the ledger.
"""

import enum
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.market import Side

FORM = 1
"""The form of result that is written; another one is not read."""

FILE_NAME = "result.json"

_PLACES = 40
"""Digits before and after the point, as of any decimal that is read."""


class RunKind(enum.Enum):
    """Where orders were."""

    LIVE = "live"
    """At a real venue."""
    PAPER = "paper"
    """At the engine's own simulated exchange, in real time."""
    BACKTEST = "backtest"
    """In a recorded market."""


class Holdings(msgspec.Struct, frozen=True):
    """What there was of both currencies, each in its own."""

    base: Decimal
    quote: Decimal


class MidSeries(msgspec.Struct, frozen=True, kw_only=True):
    """
    A market's mid price over time.

    Args:
        at_ns: When each began to hold, strictly ascending.
        prices: In quote currency; ``None`` where it is not known from then on: a gap, or a book
            with one side.
        until_ns: How far the last one is known to hold.
        continuous: Whether a price holds until the next. Where it does not, each is known at its
            moment alone: so it is with mid prices by which orders were decided.
    """

    at_ns: tuple[int, ...]
    prices: tuple[Decimal | None, ...]
    until_ns: int
    continuous: bool = True


class RunFill(msgspec.Struct, frozen=True, kw_only=True):
    """
    A trade of ours.

    Args:
        at_ns: By the venue's clock; of a live one whole milliseconds, cut off.
        price: In quote currency.
        quantity: In base currency.
        fee: In ``fee_currency``; negative is a rebate.
        maker: Whether the order had rested; ``None`` where that is not told.
    """

    at_ns: int
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_currency: str
    order_id: str
    maker: bool | None = None


class RunOrder(msgspec.Struct, frozen=True, kw_only=True):
    """
    An order of ours.

    Args:
        filled: In base currency, at its end.
        decided_ns: When it was decided.
        placed_ns: When it was first known to be at the venue; ``None`` where it never was.
        ended_ns: When it was known to have ended; ``None`` while it works.
        status: How it ended, or is.
        level: The strategy's level, 0 for the innermost; ``None`` where that is not written down.
        mid_price: What its decision took for the price.
        cancel_sent_ns: When it was first asked to be cancelled.
        filled_at_cancel: How much of it was known to be filled by then.
        queue_ahead: In base currency, what was ahead of it when it was placed.
        queue_best: The least that ever was.
    """

    order_id: str
    side: Side
    price: Decimal
    quantity: Decimal
    filled: Decimal
    decided_ns: int
    placed_ns: int | None
    ended_ns: int | None
    status: str
    reason: str = ""
    level: int | None = None
    mid_price: Decimal | None = None
    cancel_sent_ns: int | None = None
    filled_at_cancel: Decimal | None = None
    queue_ahead: Decimal | None = None
    queue_best: Decimal | None = None


class GateSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A gate that was shut from one moment to another; ``None`` as a side is both."""

    code: str
    side: Side | None
    from_ns: int
    to_ns: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """
    One strategy on one pair, from its beginning to its end.

    Args:
        tick: The pair's tick size, for labels; ``None`` where it is not known.
        orders: Oldest first.
        fills: Oldest first.
        gates: ``None`` where they are not recorded.
        mids: ``None`` where they are to be read from a dataset.
        start: What was held at the beginning; ``None`` where it is not known, or shared.
        queue: How ``queue_ahead`` is known: ``exact``, or a model's name; empty where it is not.
        tells_cancels: Whether orders say when they were asked to be cancelled.
    """

    strategy: StrategyName
    pair: Pair
    base: Currency
    quote: Currency
    from_ns: int
    to_ns: int
    orders: tuple[RunOrder, ...]
    fills: tuple[RunFill, ...]
    tick: Decimal | None = None
    gates: tuple[GateSpan, ...] | None = None
    mids: MidSeries | None = None
    start: Holdings | None = None
    queue: str = ""
    tells_cancels: bool = True


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """
    Under what circumstances.

    Args:
        session: Its number in the ledger.
        code: A digest of the code that ran; empty where it is not known.
        models: What stands for the real thing, by what it stands for: queue, latency, fees, path.
        data: Where the dataset was read, and its digest; empty without one.
        notes: What else a reader has to know, in sentences.
    """

    kind: RunKind
    engine: str
    venue: str
    session: int | None = None
    code: str = ""
    seed: int | None = None
    models: Mapping[str, str] = {}
    data: str = ""
    data_digest: str = ""
    notes: tuple[str, ...] = ()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A session or a backtest, with what each of its strategies did."""

    head: Head
    runs: tuple[Run, ...]
    form: int = FORM


class WrongResult(ValueError):
    """A text is no result; its message says where it differs."""


_decoder = msgspec.json.Decoder(Result)


def encode_result(result: Result) -> bytes:
    """JSON; decimals are text, times are whole nanoseconds since the epoch."""
    return msgspec.json.encode(result, order="deterministic") + b"\n"


def decode_result(text: bytes) -> Result:
    """
    Read what ``encode_result`` wrote.

    Raises:
        WrongResult: It is something else, of another form, or out of order.
    """
    try:
        result = _decoder.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WrongResult(str(error)) from error
    if result.form != FORM:
        raise WrongResult(f"it has form {result.form}, and form {FORM} is read here: run it again")
    for run in result.runs:
        if trouble := _trouble(run):
            raise WrongResult(f"strategy {run.strategy[:60]!r}: {trouble}")
    return result


def _trouble(run: Run) -> str:
    if run.from_ns > run.to_ns:
        return "it ends before it begins"
    times = [fill.at_ns for fill in run.fills]
    if times != sorted(times):
        return "its fills are not in the order of their times"
    amounts = [
        *(number for fill in run.fills for number in (fill.price, fill.quantity, fill.fee)),
        *(number for order in run.orders for number in (order.price, order.quantity, order.filled)),
        *(() if run.start is None else (run.start.base, run.start.quote)),
        *(() if run.tick is None else (run.tick,)),
    ]
    if not all(map(_reasonable, amounts)):
        return "an amount is not finite, or of no size that money has"
    return "" if run.mids is None else _trouble_of_mids(run.mids)


def _trouble_of_mids(mids: MidSeries) -> str:
    if len(mids.at_ns) != len(mids.prices):
        return f"{len(mids.at_ns)} times of mid prices, but {len(mids.prices)} prices"
    if any(later <= earlier for earlier, later in zip(mids.at_ns, mids.at_ns[1:], strict=False)):
        return "its mid prices are not in the order of their times"
    if mids.at_ns and mids.at_ns[-1] > mids.until_ns:
        return "a mid price is later than the last is known to hold"
    if not all(price is None or _reasonable(price) for price in mids.prices):
        return "a mid price is not finite, or of no size that prices have"
    return ""


def _reasonable(amount: Decimal) -> bool:
    """Whether sums and products of it can be exact: it has no digit beyond the fortieth place."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_PLACES and amount.adjusted() <= _PLACES
