"""A report as one HTML file: nothing is fetched, and nothing that was recorded becomes markup."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from engine.reports.asset_texts import ASSETS, UPLOT, read_asset
from engine.reports.chart_data import RunCharts, run_charts
from engine.reports.markup import NOTHING, Html, element, joined
from engine.reports.static_page import whole_file
from engine.reports.tiles import tiles
from engine.reports.trading_tables import trading_tables
from engine.reports.words import moment, share_or_reason, span
from engine.reports.worth_tables import worth_tables
from trading.research.figures import BOTH, Figures, figures, mid_path
from trading.research.mid_path import MidPath
from trading.research.result import Head, Result, Run, RunKind
from trading.research.stated import NotStated

BYTES_MAX = 1_000_000
"""Of the file: it is mailed, and opened on phones."""
POINTS_MAX = 4_000
"""Of a series: twice the pixels of a wide screen."""
_POINTS_MIN = 62
_DIGEST_SHOWN = 16

_KINDS = {
    RunKind.LIVE: "Live trading",
    RunKind.PAPER: "Paper trading",
    RunKind.BACKTEST: "Backtest",
}
_TO_KNOW: Mapping[RunKind, Sequence[str]] = {
    RunKind.LIVE: [],
    RunKind.PAPER: ["The exchange is simulated: what is filled there says little of a real one."],
    RunKind.BACKTEST: [
        "Orders do not move this market: what it does after a fill is what it did without us."
    ],
}


def report_page(result: Result) -> str:
    """
    The whole file.

    Where it would be larger than ``BYTES_MAX`` series have fewer points.
    """
    judged = [(run, path, figures(run, path)) for run in result.runs for path in [mid_path(run)]]
    body = _body(result, judged)
    points_max = POINTS_MAX
    while True:
        data = [run_charts(*one, points_max) for one in judged]
        page = _file(_title(result.head), body, data)
        if len(page.encode()) <= BYTES_MAX or points_max <= _POINTS_MIN:
            return page
        points_max //= 2


def _title(head: Head) -> str:
    if head.session is not None:
        return f"Session {head.session} of {head.engine}"
    return f"{_KINDS[head.kind]} of {head.engine}"


def _file(title: str, body: Html, data: Sequence[RunCharts]) -> str:
    # What is no JavaScript is not run, so it needs no hash. No "<" of it can end its element.
    inert = msgspec.json.encode(data).decode()
    for sign in "<>&\u2028\u2029":
        inert = inert.replace(sign, f"\\u{ord(sign):04x}")
    charted = f'<script type="application/json" id="data">{inert}</script>\n'
    return whole_file(title, f"{body}\n{charted}", _scripts())


@cache
def _scripts() -> tuple[str, ...]:
    return read_asset(UPLOT / "uPlot.iife.min.js"), read_asset(ASSETS / "report.js")


def _body(result: Result, judged: Sequence[tuple[Run, MidPath | None, Figures]]) -> Html:
    return joined(
        _header(result, judged),
        element(
            "main",
            *(_section(number, run, found) for number, (run, _, found) in enumerate(judged)),
            *([] if judged else [element("p", "No strategy did anything in this time.")]),
        ),
        element(
            "footer",
            element("p", "Times are UTC. Numbers are explained in docs/report.md."),
        ),
    )


def _header(result: Result, judged: Sequence[tuple[Run, MidPath | None, Figures]]) -> Html:
    head = result.head
    rows = [*_times(result), *_circumstances(head)]
    notes = [*_TO_KNOW[head.kind], *head.notes]
    links = [
        element("a", f"{run.strategy} on {run.pair}", href=f"#run-{number}")
        for number, (run, _, _) in enumerate(judged)
    ]
    return element(
        "header",
        element("h1", _title(head)),
        element("p", _KINDS[head.kind], ", ", head.venue, class_="kind"),
        element("button", "Light or dark", type="button", id="theme"),
        element(
            "dl",
            *(element("div", element("dt", name), element("dd", value)) for name, value in rows),
            *(_coverage(found) for _, _, found in judged),
            class_="head",
        ),
        element("ul", *(element("li", note) for note in notes), class_="notes") if notes else "",
        element("nav", *links, aria_label="Strategies") if len(links) > 1 else NOTHING,
    )


def _times(result: Result) -> list[tuple[str, str]]:
    if not result.runs:
        return []
    begin = min(run.from_ns for run in result.runs)
    end = max(run.to_ns for run in result.runs)
    return [("from", moment(begin)), ("to", moment(end)), ("length", span(begin, end))]


def _circumstances(head: Head) -> list[tuple[str, str]]:
    rows = [("engine", head.engine)]
    if head.seed is not None:
        rows.append(("seed", str(head.seed)))
    rows.append(("code", head.code or "not recorded"))
    rows += [(name, value) for name, value in sorted(head.models.items())]
    rows.append(("market data", head.data or "none: mid prices are those of decisions"))
    if head.data_digest:
        rows.append(("its digest", head.data_digest[:_DIGEST_SHOWN]))
    return rows


def _coverage(found: Figures) -> Html:
    coverage = found.coverage
    share = share_or_reason(coverage.share)
    count = len(coverage.gaps)
    told = "" if isinstance(coverage.share, NotStated) else f", {count} gap{'s' * (count != 1)}"
    return element(
        "div",
        element("dt", f"market known, {found.strategy}"),
        element("dd", share, told),
    )


def _section(number: int, run: Run, found: Figures) -> Html:
    title = f"{run.strategy} on {run.pair}"
    return element(
        "section",
        element("h2", title),
        tiles(found),
        *(_chart(number, *chart) for chart in _charts(run, found)),
        element("div", worth_tables(found), trading_tables(found), class_="tables"),
        id=f"run-{number}",
        class_="run",
    )


def _charts(run: Run, found: Figures) -> Iterator[tuple[str, str, str]]:
    """Name and caption of each chart, and what stands in the place of one without data."""
    yield "price", f"Price, own quotes and fills, {run.quote}", "no price, order or fill is known"
    yield "inventory", f"Inventory from trading, {run.base}", "the run took no time"
    yield "worth", f"Made by trading, at mid, {run.quote}", _reason(found.change)
    yield "gates", "Gates that were shut", _reason(found.gates, "none was shut")
    yield "markouts", "Markouts by side, bps", _reason(found.markouts[BOTH][0])
    yield "hours", f"Fills by hour of the day (UTC), {run.base}", "there are no fills"


def _reason(value: object, other: str = "nothing is known of it") -> str:
    return f"not stated: {value.not_stated}" if isinstance(value, NotStated) else other


def _chart(number: int, name: str, caption: str, reason: str) -> Html:
    return element(
        "figure",
        element("figcaption", element("h3", caption)),
        element("div", class_="plot", role="img", aria_label=caption),
        element("p", class_="legend"),
        element(
            "details",
            element("summary", "As a table"),
            element(
                "div", class_="box", tabindex="0", role="group", aria_label=f"{caption}, values"
            ),
        ),
        class_="chart",
        data_run=str(number),
        data_chart=name,
        data_reason=reason,
    )
