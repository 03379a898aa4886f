"""Tables about quoting: uptime, orders, queue, inventory, gates, gaps."""

from collections.abc import Sequence

from engine.reports.markup import Html, joined
from engine.reports.table import table
from engine.reports.words import (
    DASH,
    figure_or_reason,
    moment,
    money,
    not_stated,
    percent,
    share_or_reason,
    significant,
    span,
    three_times,
)
from trading.core.market import SIDES
from trading.research.figures import Figures
from trading.research.inventory import Inventory
from trading.research.order_lives import QueueFigures
from trading.research.stated import NotStated
from trading.research.uptime import Shares, Uptime

_GAPS_SHOWN = 50
_QUANTILES = ("10 %", "50 %", "90 %")


def trading_tables(figures: Figures) -> Html:
    """All tables about quoting."""
    return joined(
        _uptime(figures),
        _quotes(figures),
        _orders(figures),
        _cancels(figures),
        _queue(figures),
        _inventory(figures),
        _gates(figures),
        _gaps(figures),
    )


def _uptime(figures: Figures) -> Html:
    found = figures.uptime
    head = ("share of time", "buy", "sell", "both")
    if isinstance(found, NotStated):
        return table("Uptime", head, [("at the venue", not_stated(found), DASH, DASH)])
    rows: list[Sequence[str]] = [("at the venue", *_shares(found.quoted))]
    if isinstance(found.within, NotStated):
        rows.append(("within some bps of the mid price", not_stated(found.within), DASH, DASH))
    else:
        for bps, shares in found.within.items():
            rows.append((f"within {bps} bps of the mid price", *_shares(shares)))
    note = (
        "By when orders were known to come and go. Distances: of the time in which the mid price"
        " is known."
    )
    return table("Uptime", head, rows, note=note)


def _shares(shares: Shares) -> tuple[str, str, str]:
    return percent(shares.buy), percent(shares.sell), percent(shares.both)


def _quotes(figures: Figures) -> Html:
    found = figures.uptime
    if not isinstance(found, Uptime):
        return joined()
    rows: list[Sequence[str]] = [
        ("spread while both sides were quoted", figure_or_reason(found.spread, figures.quote)),
        ("the same against the mid price", figure_or_reason(found.spread_bps, "bps")),
    ]
    for side in SIDES:
        size = figure_or_reason(found.size[side], figures.base)
        rows.append((f"{side.value} quantity while quoted", size))
    return table("Quotes, time-weighted", ("number", "value"), rows)


def _orders(figures: Figures) -> Html:
    rows: list[Sequence[str]] = []
    for name, group in figures.orders.groups.items():
        if not group.orders:
            rows.append((name, "0", *(DASH for _ in range(9))))
            continue
        rows.append(
            (
                name,
                str(group.orders),
                str(group.whole),
                str(group.touched),
                percent(group.fill_ratio),
                *three_times(group.lifetimes_s),
                *three_times(group.filled_s),
            )
        )
    head = (
        "orders",
        "at the venue",
        "filled whole",
        "filled at all",
        "filled by quantity",
        *(f"lifetime {share}" for share in _QUANTILES),
        *(f"until whole {share}" for share in _QUANTILES),
    )
    note = "Quantiles of the time from being known at the venue to being known to have ended."
    if not figures.orders.by_level:
        note += " Levels are not written down; distances are from the mid price of the decision."
    return table("Orders", head, rows, note=note)


def _cancels(figures: Figures) -> Html:
    found = figures.orders.cancels
    asked = "orders that were asked to be cancelled"
    rows: list[Sequence[str]] = [
        ("orders that never were at the venue", str(figures.orders.never_there))
    ]
    if isinstance(found, NotStated):
        rows.append((asked, not_stated(found)))
    else:
        rows += [
            (asked, str(found.asked)),
            ("of these filled further all the same", str(found.lost_race)),
            (f"by, {figures.base}", money(found.lost_quantity)),
        ]
    return table("Cancels", ("number", "value"), rows)


def _queue(figures: Figures) -> Html:
    found = figures.queue
    caption, head = "Queue", (f"ahead, {figures.base}", *_QUANTILES)
    if not isinstance(found, QueueFigures):
        return table(caption, head, [("when placed", not_stated(found), DASH, DASH)])
    rows: list[Sequence[str]] = [("when placed", *map(significant, found.at_placing))]
    note = f"Known as: {found.known or 'not told'}. Of {found.orders} orders."
    if isinstance(found.best, NotStated):
        rows.append(("least ever", not_stated(found.best), DASH, DASH))
    else:
        rows.append(("least ever", *map(significant, found.best)))
        note = f"{note[:-1]}, {found.reached_front} reached the front."
    return table(caption, head, rows, note=note)


def _inventory(figures: Figures) -> Html:
    found = figures.inventory
    caption, head = "Inventory from trading", ("number", figures.base)
    if not isinstance(found, Inventory):
        return table(caption, head, [("position", not_stated(found))])
    half_life = found.half_life_s
    rows: list[Sequence[str]] = [
        ("at the end", money(found.end)),
        ("mean, time-weighted", significant(found.mean)),
        ("95 % of the time no larger than", significant(found.p95)),
        ("lowest", money(found.lowest)),
        ("highest", money(found.highest)),
        (
            "half-life of a deviation",
            not_stated(half_life) if isinstance(half_life, NotStated) else f"{half_life:.1f} s",
        ),
    ]
    return table(caption, head, rows, note="Of fills and of fees in base currency alone.")


def _gates(figures: Figures) -> Html:
    caption, head = "Gates", ("gate", "buy shut", "sell shut")
    shares = figures.gates
    if isinstance(shares, NotStated):
        return table(caption, head, [("all", not_stated(shares), DASH)])
    codes = dict.fromkeys(code for side in SIDES for code in shares[side])
    rows = [(code, *(percent(shares[side].get(code, 0.0)) for side in SIDES)) for code in codes]
    note = "Shares of all time; several can be shut at once."
    return table(caption, head, rows or [("none was shut", DASH, DASH)], note=note)


def _gaps(figures: Figures) -> Html:
    coverage = figures.coverage
    rows: list[Sequence[str]] = [("mid price known", share_or_reason(coverage.share), "")]
    for begin, end in coverage.gaps[:_GAPS_SHOWN]:
        rows.append(("not known from", moment(begin), span(begin, end)))
    hidden = len(coverage.gaps) - _GAPS_SHOWN
    note = f"{hidden} more gaps are not shown." if hidden > 0 else ""
    return table("Coverage", ("market", "when", "for"), rows, note=note)
