"""Tables about money: where worth came from, markouts, fees, drawdown, Sharpe."""

from collections.abc import Iterator, Sequence

from engine.reports.markup import Html, joined
from engine.reports.table import table
from engine.reports.words import (
    DASH,
    figure,
    moment,
    money,
    not_stated,
    seconds,
    span,
)
from trading.core.decimals import ZERO
from trading.research.figures import BOTH, Figures
from trading.research.markouts import HORIZONS_S, Markout
from trading.research.stated import NotStated
from trading.research.worth import Change, Identity

_SIDES = (BOTH, "buy", "sell")
_WHERE = "Where the change of worth came from"


def worth_tables(figures: Figures) -> Html:
    """All tables about money."""
    return joined(
        _identity(figures),
        _captured(figures),
        _markouts(figures),
        _fees(figures),
        _risk(figures),
    )


def _identity(figures: Figures) -> Html:
    head = ("part", figures.quote)
    match figures.identity, figures.change:
        case Identity() as parts, _:
            note = (
                "The parts add up to the change of worth to the last decimal, which is reckoned"
                " from flows of money alone."
            )
            assert parts.holds, "what a report says adds up"
            return table(_WHERE, head, _rows_of(parts), note=note)
        case NotStated() as reason, Change() as change:
            return table(
                _WHERE,
                head,
                [
                    ("spread captured", not_stated(reason)),
                    ("inventory profit", not_stated(reason)),
                    *_change_rows(change),
                ],
                note=f"At the mid prices of {moment(change.first_ns)} and of"
                f" {moment(change.last_ns)}.",
            )
        case NotStated() as reason, _:
            return table(_WHERE, head, [("change of worth at mid", not_stated(reason))])


def _rows_of(parts: Identity) -> Iterator[tuple[str, str]]:
    yield "spread captured, Σ s (m⁻ - p) q", money(parts.captured)
    yield "inventory profit of what was traded, Σ position · dm", money(parts.inventory)
    if parts.held is not None:
        yield "inventory profit of what was held at the beginning", money(parts.held)
    if parts.undivided_fills:
        yield (
            f"{parts.undivided_fills} fills without a mid price before them, not divided",
            money(parts.undivided),
        )
    yield "fees in base and quote currency, subtracted", money(parts.fees.copy_negate())
    yield from _change_rows(parts.change)


def _change_rows(change: Change) -> Iterator[tuple[str, str]]:
    yield "change of worth at mid, against having held", money(change.traded)
    if change.held is not None:
        yield "change of worth at mid, all that was held", money(change.worth)


def _captured(figures: Figures) -> Html:
    rows: list[Sequence[str]] = []
    lacking = set(figures.captured.values())
    if len(lacking) == 1 and isinstance(reason := lacking.pop(), NotStated):
        return table("Spread captured by side", ("fills", "value"), [("all", not_stated(reason))])
    for side in _SIDES:
        found = figures.captured[side]
        if isinstance(found, NotStated):
            rows.append((side, not_stated(found), DASH, DASH))
        else:
            rows.append((side, money(found.money), str(found.fills), str(found.left_out)))
    head = ("fills", f"{figures.quote}", "counted", "left out")
    return table("Spread captured by side", head, rows, note="Left out: no mid price before it.")


def _markouts(figures: Figures) -> Html:
    rows: list[Sequence[str]] = []
    lacking = {found for side in _SIDES for found in figures.markouts[side]}
    if len(lacking) == 1 and isinstance(reason := lacking.pop(), NotStated):
        return table("Markouts", ("fills", "value"), [("all", not_stated(reason))])
    for side in _SIDES:
        for horizon, found in zip(HORIZONS_S, figures.markouts[side], strict=True):
            name = f"{side}, {horizon} s"
            if isinstance(found, NotStated):
                rows.append((name, not_stated(found), *(DASH for _ in range(5))))
            else:
                rows.append((name, *_markout_cells(found)))
    quote = figures.quote
    head = ("fills", quote, "bps", f"adverse, {quote}", "adverse, bps", "counted", "left out")
    note = (
        "Σ s (m(t+h) - p) q. Left out: fills whose t+h is past the end or across a gap. Adverse"
        " selection is markout less spread captured, over fills for which both are known."
    )
    return table("Markouts", head, rows, note=note)


def _markout_cells(found: Markout) -> tuple[str, ...]:
    adverse, bps = found.adverse, found.adverse_bps
    return (
        money(found.money),
        figure(found.bps),
        not_stated(adverse) if isinstance(adverse, NotStated) else money(adverse),
        DASH if isinstance(bps, NotStated) else figure(bps),
        str(found.fills),
        str(found.left_out),
    )


def _fees(figures: Figures) -> Html:
    known = {figures.base, figures.quote}

    def name(currency: str) -> str:
        return currency if currency in known else f"{currency}, part of no profit here"

    rows: list[Sequence[str]] = [
        (name(currency), money(paid)) for currency, paid in sorted(figures.fees.items())
    ]
    makers = figures.makers
    told = not_stated(makers) if isinstance(makers, NotStated) else f"{makers} of {figures.fills}"
    return table(
        "Fees",
        ("currency", "paid, negative is a rebate"),
        [*(rows or [("none", money(ZERO))]), ("fills as maker", told)],
    )


def _risk(figures: Figures) -> Html:
    return table("Risk", ("number", "value"), [*_drawdown(figures), *_sharpe(figures)])


def _drawdown(figures: Figures) -> Iterator[tuple[str, str]]:
    found = figures.drawdown
    if isinstance(found, NotStated):
        yield "drawdown of worth at mid, each second", not_stated(found)
        return
    yield f"drawdown of worth at mid, each second, {figures.quote}", money(found.depth)
    if found.depth:
        yield "from its best at", moment(found.peak_ns)
        yield "to its deepest after", span(found.peak_ns, found.trough_ns)
    yield "longest time below a best", seconds(found.longest_ns / 1e9)


def _sharpe(figures: Figures) -> Iterator[tuple[str, str]]:
    found = figures.sharpe
    if isinstance(found, NotStated):
        yield "Sharpe ratio, daily, √365", not_stated(found)
        return
    text = f"{figure(found.ratio)} ± {figure(found.interval)} (95 %, {found.days} days)"
    yield "Sharpe ratio, daily, √365", text
