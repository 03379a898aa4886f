"""What the charts of a report draw: few enough points, as plain numbers."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from trading.core.market import SIDES, Side
from trading.research.exact import exact
from trading.research.figures import BOTH, Figures
from trading.research.gates import shut
from trading.research.inventory import positions
from trading.research.markouts import HORIZONS_S
from trading.research.mid_path import MidPath, Span
from trading.research.result import GateSpan, Run, RunFill
from trading.research.stated import NotStated
from trading.research.thinning import Point, thinned
from trading.research.uptime import Quoted, quotes
from trading.research.worth import Captured, steps

_NS = 1_000_000_000
_MS = 1_000_000
_DIGITS = 10
"""Significant ones of a value: more than any screen has pixels."""
_GATES_SHOWN = 8
_SPANS_MAX = 1_000
"""Of one gate; of more only shares are told, for then they are thinner than a pixel."""
_SEEN_NS = 500_000_000
"""Shorter than this a quote is not drawn; it counts all the same."""


class Line(msgspec.Struct, frozen=True):
    """
    A series.

    Args:
        x: Seconds since the beginning of the run, to the millisecond.
        y: Values; ``None`` begins a gap.
    """

    x: list[float]
    y: list[float | None]


class FillMarks(msgspec.Struct, frozen=True):
    """
    Fills of one side.

    Args:
        x: As of a line.
        y: Prices.
        q: Quantities.
    """

    x: list[float]
    y: list[float]
    q: list[float]
    hidden: int


class GateRow(msgspec.Struct, frozen=True):
    """
    When one gate of one side was shut.

    Args:
        spans: From and to, as ``x`` of a line, and for what share of that time.
        whole: Whether these are the very times, not pieces of equal length.
    """

    name: str
    side: str
    spans: list[tuple[float, float, float]]
    whole: bool


class MarkoutCurve(msgspec.Struct, frozen=True):
    """
    Markouts in basis points, by side; ``None`` where one is not stated.

    Args:
        seconds: Horizons; 0 is what was captured.
    """

    seconds: list[int]
    sides: dict[str, list[float | None]]


class RunCharts(msgspec.Struct, frozen=True, kw_only=True):
    """
    All charts of a run.

    Args:
        begin: Seconds since the epoch.
        end: Seconds since its beginning.
        decimals: Of prices.
        steps: Whether the mid price holds until the next one.
    """

    begin: float
    end: float
    base: str
    quote: str
    decimals: int
    steps: bool
    mid: Line
    bid: Line
    ask: Line
    buys: FillMarks
    sells: FillMarks
    inventory: Line
    worth: Line
    markouts: MarkoutCurve | None
    gates: list[GateRow]
    gates_hidden: int
    hours: list[tuple[float, float]]


def run_charts(run: Run, path: MidPath | None, figures: Figures, points_max: int) -> RunCharts:
    """
    The charts of one run.

    Args:
        points_max: Of a series.
    """

    def line(points: Iterable[Point]) -> Line:
        return _line(thinned(_in_order(points), points_max), run.from_ns)

    pieces = _seen(list(quotes(run, None)))
    bids = ((piece.from_ns, _number(piece.bid)) for piece in pieces)
    asks = ((piece.from_ns, _number(piece.ask)) for piece in pieces)
    gates, hidden = _gates(run, figures)
    return RunCharts(
        begin=run.from_ns / _NS,
        end=(run.to_ns - run.from_ns) / _NS,
        base=run.base,
        quote=run.quote,
        decimals=_decimals(run),
        steps=path is None or path.series.continuous,
        mid=line(_until_known(_mids(path), path, run)),
        bid=line(_ended(bids, run)),
        ask=line(_ended(asks, run)),
        buys=_marks(run, Side.BUY, points_max),
        sells=_marks(run, Side.SELL, points_max),
        inventory=line([*((ns, float(at)) for ns, at in positions(run)), *_last_position(run)]),
        worth=line(_until_known(_worth(run, path), path, run)),
        markouts=_markouts(figures),
        gates=gates,
        gates_hidden=hidden,
        hours=[(float(hour.bought), float(hour.sold)) for hour in figures.hours],
    )


def _seen(pieces: Sequence[Quoted]) -> Sequence[Quoted]:
    """What stood long enough to be seen: when orders are replaced, they do not go all at once."""
    return [piece for piece in pieces if piece.length_ns >= _SEEN_NS] or pieces


def _until_known(points: Iterable[Point], path: MidPath | None, run: Run) -> Iterator[Point]:
    """A series that ends where the mid price is no longer known, before the run does."""
    yield from points
    if path is not None and path.series.continuous:
        unknown_ns = path.series.until_ns + _MS
        if unknown_ns < run.to_ns:
            yield unknown_ns, None


def _mids(path: MidPath | None) -> Iterator[Point]:
    if path is None:
        return
    for ns, price in zip(path.series.at_ns, path.series.prices, strict=True):
        yield ns, _number(price)
    if path.series.continuous:
        last = path.series.prices[-1]
        yield path.series.until_ns, _number(last)


def _worth(run: Run, path: MidPath | None) -> Iterator[Point]:
    """What trading made, at mid; where the mid price is known at moments alone, at these."""
    if path is None:
        return
    moments = None if path.series.continuous else set(path.series.at_ns)
    with exact():
        gain: Decimal | None = None
        for step in steps(run, path):
            gain = step.gain
            if moments is None or step.at_ns in moments:
                yield step.at_ns, _number(gain)
    if moments is None:
        yield path.series.until_ns, _number(gain)


def _last_position(run: Run) -> Iterator[Point]:
    yield run.to_ns, float(positions(run)[-1][1])


def _ended(points: Iterable[Point], run: Run) -> Iterator[Point]:
    last: Point | None = None
    for point in points:
        if last is None or point[1] != last[1]:
            yield point
            last = point
    if last is not None:
        yield run.to_ns, last[1]


def _in_order(points: Iterable[Point]) -> list[Point]:
    """One point a moment, the newest."""
    return sorted(dict(points).items())


def _line(points: Sequence[Point], from_ns: int) -> Line:
    return Line(
        x=[_seconds(ns, from_ns) for ns, _ in points],
        y=[None if value is None else _rounded(value) for _, value in points],
    )


def _marks(run: Run, side: Side, points_max: int) -> FillMarks:
    fills = [fill for fill in run.fills if fill.side is side]
    shown = fills if len(fills) <= points_max else _largest(fills, points_max)
    return FillMarks(
        x=[_seconds(fill.at_ns, run.from_ns) for fill in shown],
        y=[float(fill.price) for fill in shown],
        q=[float(fill.quantity) for fill in shown],
        hidden=len(fills) - len(shown),
    )


def _largest(fills: Sequence[RunFill], count: int) -> Sequence[RunFill]:
    largest = sorted(fills, key=lambda fill: fill.quantity, reverse=True)[:count]
    return sorted(largest, key=lambda fill: fill.at_ns)


def _markouts(figures: Figures) -> MarkoutCurve | None:
    sides: dict[str, list[float | None]] = {}
    for name in (BOTH, *(side.value for side in SIDES)):
        spread, found = figures.captured[name], figures.markouts[name]
        captured = spread.bps if isinstance(spread, Captured) and spread.fills else None
        later = [None if isinstance(one, NotStated) else one.bps for one in found]
        sides[name] = [captured, *later] if any(one is not None for one in later) else []
    if not any(sides.values()):
        return None
    return MarkoutCurve(
        seconds=[0, *HORIZONS_S], sides={name: values for name, values in sides.items() if values}
    )


def _gates(run: Run, figures: Figures) -> tuple[list[GateRow], int]:
    """The gates that were shut the longest, by side; and how many are not shown."""
    if run.gates is None or isinstance(figures.gates, NotStated):
        return [], 0
    ranked = sorted(
        ((share, side, code) for side in SIDES for code, share in figures.gates[side].items()),
        key=lambda row: (-row[0], row[1].value, row[2]),
    )
    shown = sorted(ranked[:_GATES_SHOWN], key=lambda row: (row[1].value, -row[0], row[2]))
    rows = [_gate_row(run, run.gates, side, code) for _, side, code in shown]
    return rows, len(ranked) - len(shown)


def _gate_row(run: Run, gates: Sequence[GateSpan], side: Side, code: str) -> GateRow:
    spans = shut(run, gates, side, code)
    if len(spans) <= _SPANS_MAX:
        told = [
            (_seconds(begin, run.from_ns), _seconds(end, run.from_ns), 1.0) for begin, end in spans
        ]
    else:
        told = _shares(spans, run)
    return GateRow(name=code, side=side.value, spans=told, whole=len(spans) <= _SPANS_MAX)


def _shares(spans: Sequence[Span], run: Run) -> list[tuple[float, float, float]]:
    """For what share of each of equally long pieces of a run it was shut; never is left out."""
    length = (run.to_ns - run.from_ns) // _SPANS_MAX + 1
    covered: dict[int, int] = {}
    for begin, end in spans:
        first, last = (begin - run.from_ns) // length, (end - run.from_ns) // length
        for piece in range(first, last + 1):
            piece_ns = run.from_ns + piece * length
            within = min(end, piece_ns + length) - max(begin, piece_ns)
            covered[piece] = covered.get(piece, 0) + within
    return [
        (_seconds(piece * length, 0), _seconds((piece + 1) * length, 0), round(time / length, 3))
        for piece, time in sorted(covered.items())
        if time
    ]


def _decimals(run: Run) -> int:
    """Places of a price: of the tick, or of what our orders and fills have."""
    prices = [run.tick] if run.tick is not None else []
    if not prices:
        prices = [order.price for order in run.orders] + [fill.price for fill in run.fills]
    places = [-int(price.normalize().as_tuple().exponent) for price in prices]
    return max([0, *places])


def _seconds(ns: int, from_ns: int) -> float:
    return round((ns - from_ns) / _NS, 3)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
