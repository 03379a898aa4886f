"""A report's page: whole, small, safe, and honest."""

import base64
import hashlib
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from engine.reports import page as pages
from engine.reports.chart_data import run_charts
from engine.reports.markup import Html, element
from engine.reports.page import BYTES_MAX, report_page
from engine.reports.words import figure, moment, percent, seconds, short_money
from tests.support.busy_result import HOSTILE, a_busy_result
from tests.support.runs import a_result, a_run, a_run_fill, mids, some_runs
from trading.core.market import Side
from trading.research.figures import figures, mid_path
from trading.research.result import GateSpan, Run

UPLOT = Path(pages.__file__).parents[1] / "vendor" / "uplot"


class Elements(HTMLParser):
    """What a browser finds in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def busy() -> str:
    return report_page(a_busy_result(hours=2))


def test_a_page_is_below_a_megabyte_however_much_there_is(busy: str) -> None:
    assert len(busy.encode()) <= BYTES_MAX


def test_a_strategys_name_that_is_markup_stays_text(busy: str) -> None:
    found = Elements(busy)
    assert not [tag for tag, _ in found.tags if tag == "img"]
    assert any(f"{HOSTILE} on DOGEUSDT" in text for text in found.texts)


@given(st.text(), st.text())
def test_any_text_stays_text(name: str, value: str) -> None:
    written = element("p", name, title=value)
    found = Elements(written)
    assert [tag for tag, _ in found.tags] == ["p"]
    assert "<" not in Html(written).removeprefix("<p").removesuffix("</p>")


@settings(max_examples=20)
@given(st.text(min_size=1))
def test_no_name_of_a_gate_ends_the_data_early(code: str) -> None:
    gate = GateSpan(code=code, side=Side.BUY, from_ns=0, to_ns=10**9)
    page = report_page(a_result(a_run(gates=(gate,))))
    data = r'<script type="application/json" id="data">(.*?)</script>'
    [written] = re.findall(data, page, re.DOTALL)
    [run] = json.loads(written)
    assert [row["name"] for row in run["gates"]] == [code]


def test_nothing_is_fetched_and_only_our_own_scripts_run(busy: str) -> None:
    found = Elements(busy)
    sources = [
        attributes[name]
        for tag, attributes in found.tags
        for name in ("src", "href")
        if name in attributes and tag != "a"
    ]
    assert sources == ["data:,"]
    [policy] = [
        attributes["content"]
        for tag, attributes in found.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    for text in re.findall(r"<script>(.*?)</script>|<style>(.*?)</style>", busy, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256("".join(text).encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_the_head_says_what_has_to_be_known(busy: str) -> None:
    text = " ".join(Elements(busy).texts)
    for part in ("power:3", "constant:50ms,50ms", "data/doge-2026-09-23", "3f9c1a5e"):
        assert part in text
    assert "Orders do not move this market" in text
    assert "95.82 %" in text


def test_a_page_without_a_market_says_what_it_cannot_state() -> None:
    run = a_run(a_run_fill(1, Side.BUY, "99", "1"), mids=mids((0, "99"), continuous=False))
    text = " ".join(Elements(report_page(a_result(run))).texts)
    assert "not stated: the mid price is known at decisions alone" in text
    assert "not stated: 0.0 days" in text


def test_a_result_without_runs_is_a_page_too() -> None:
    assert "No strategy did anything" in report_page(a_result())


@settings(max_examples=25)
@given(some_runs())
def test_any_run_makes_a_page_and_charts_of_few_points(run: Run) -> None:
    assert report_page(a_result(run)).endswith("</html>\n")
    path = mid_path(run)
    charts = run_charts(run, path, figures(run, path), 8)
    for line in (charts.mid, charts.bid, charts.ask, charts.inventory, charts.worth):
        assert len(line.x) == len(line.y) <= 8
        assert line.x == sorted(line.x)


def test_a_line_ends_where_the_mid_price_is_no_longer_known() -> None:
    run = a_run(mids=mids((0, "99"), until=40))
    path = mid_path(run)
    charts = run_charts(run, path, figures(run, path), 100)
    assert (charts.mid.x, charts.mid.y) == ([0.0, 40.0, 40.001], [99.0, 99.0, None])
    assert charts.worth.y[-1] is None


def test_many_short_gates_are_told_as_shares_of_pieces() -> None:
    gates = tuple(
        GateSpan(code="fill_delay", side=Side.BUY, from_ns=n * 10_000, to_ns=n * 10_000 + 1_000)
        for n in range(10_000)
    )
    run = a_run(gates=gates, to_ns=100_000_000)
    path = mid_path(run)
    [row] = run_charts(run, path, figures(run, path), 100).gates
    assert not row.whole
    assert len(row.spans) <= 1_000
    assert sum(share for *_, share in row.spans) / len(row.spans) == pytest.approx(0.1, abs=0.01)


def test_uplot_is_the_one_whose_digest_stands_beside_it() -> None:
    for line in (UPLOT / "SHA256").read_text("utf-8").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((UPLOT / name).read_bytes()).hexdigest() == digest
    assert "MIT" in (UPLOT / "LICENSE").read_text("utf-8")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (short_money(Decimal("-0.00123456789")), "−0.00123457"),  # noqa: RUF001  # a minus
        (short_money(Decimal("0E-9")), "0"),
        (figure(-0.001), "0.00"),
        (figure(-1234.5), "−1\u202f234.50"),  # noqa: RUF001  # a minus
        (percent(0.99999), "> 99.99 %"),
        (percent(1), "100.00 %"),
        (seconds(0.5), "0.5 s"),
        (seconds(90), "1.5 min"),
        (seconds(86_400 * 3), "3.0 days"),
        (moment(1_790_121_600_000_000_000), "2026-09-23 00:00:00 UTC"),
    ],
)
def test_numbers_are_written_so_that_they_are_read_rightly(written: str, text: str) -> None:
    assert written == text
