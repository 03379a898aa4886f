"""The docs say where things are; what they leave out cannot be found."""

import re
from pathlib import Path

import attrs
import pytest

from engine.cli.app import engine_app
from engine.process.exit_codes import ExitCode
from tests.support import conformance_page, doc_tables, key_tables
from trading.risk import RiskLimits

ROOT = Path(__file__).parents[1]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_actor_is_in_the_table_of_actors() -> None:
    text = (ROOT / "docs" / "actors.md").read_text(encoding="utf-8")
    folder = ROOT / "actors"
    files = {str(path.relative_to(folder)) for path in folder.rglob("[a-z]*.py")}
    assert files <= set(re.findall(r"`([a-z_/]+\.py)`", text))


def test_every_event_of_the_log_is_in_its_table() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", text.partition("## The log\n")[2], re.MULTILINE)
    explained = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    logged = {
        name
        for top in ("actors", "config", "engine", "trading")
        for path in (ROOT / top).rglob("*.py")
        if "simulation" not in path.parts
        for name in re.findall(
            r"\blog\.(?:debug|info|warning|error)\(\s*\"([a-z_]+)\"", path.read_text("utf-8")
        )
    }
    assert logged - explained == set()


def test_every_exit_code_is_explained() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {str(code.value) for code in ExitCode} == set(
        re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
    )


def test_the_table_of_refusals_is_the_codes_own() -> None:
    text = (ROOT / "docs" / "risk.md").read_text(encoding="utf-8")
    assert doc_tables.refusals() in text, f"write into docs/risk.md:\n{doc_tables.refusals()}"


def test_every_limit_is_explained() -> None:
    text = (ROOT / "docs" / "risk.md").read_text(encoding="utf-8")
    missing = {field.name for field in attrs.fields(RiskLimits)} - set(
        re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)
    )
    assert not missing


@pytest.mark.parametrize("page", key_tables.PAGES, ids=named)
def test_the_tables_of_keys_are_those_of_the_settings(page: Path) -> None:
    assert page not in key_tables.outdated(), "run `make docs`"


def test_the_life_of_an_order_is_the_one_in_the_code() -> None:
    text = (ROOT / "docs" / "orders.md").read_text(encoding="utf-8")
    assert doc_tables.transitions() in text, (
        f"write into docs/orders.md:\n{doc_tables.transitions()}"
    )


@pytest.mark.parametrize("table", [doc_tables.events(), doc_tables.effects()])
def test_events_and_effects_of_the_gateway_are_those_in_the_code(table: str) -> None:
    text = (ROOT / "docs" / "orders.md").read_text(encoding="utf-8")
    assert table in text, f"write into docs/orders.md:\n{table}"


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    files = re.findall(r"`((?:trading|config|actors|engine|tests)/[a-z_/]+\.(?:py|toml))`", text)
    assert not [name for name in files if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_a_link_of_a_page_leads_to_a_heading_that_is_there(page: Path) -> None:
    missing = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if link.startswith("https://"):
            continue
        path, _, place = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (place and place not in map(anchor, headings(target))):
            missing.append(link)
    assert not missing


def test_every_picture_of_the_tour_is_small_shown_and_taken_by_the_story_in_the_browser() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    shown = re.findall(r"!\[.+\]\(pictures/(.+)\)", (ROOT / "docs" / "tour.md").read_text("utf-8"))
    assert sorted(shown) == [picture.name for picture in pictures]
    assert len(shown) <= 7
    assert not [picture.name for picture in pictures if picture.stat().st_size > 120_000]
    story = (ROOT / "tests" / "web" / "page.mjs").read_text("utf-8")
    assert {f"{name}.png" for name in re.findall(r"picture\(\"(\w+)\"", story)} == set(shown)


@pytest.mark.parametrize("page", DOCS, ids=named)
def test_commands_that_a_page_gives_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    given = re.findall(r"^    (?:\.venv/bin/)?engine ([a-z-]+)", text, re.MULTILINE)
    assert set(given) <= set(engine_app(()))


def test_every_type_of_the_glossary_is_where_it_says() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    missing = [
        (path, name)
        for path, name in re.findall(r"`([a-z_/]+\.py)`, `(\w+)`", text)
        if not re.search(rf"^(class {name}\b|{name} = )", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert not missing


def test_every_decision_is_in_the_index_and_keeps_its_former_number() -> None:
    index = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    dated = re.compile(r"^Date: \d{4}-\d\d-\d\d.* Status: (accepted|superseded by)", re.MULTILINE)
    numbers: list[int] = []
    for page in RECORDS:
        text = page.read_text(encoding="utf-8")
        for heading in headings(page)[1:]:
            assert f"(decisions/{page.name}#{anchor(heading)})" in index, heading
        records = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
        assert not [record for record in records if not dated.search(record)]
        numbers += [int(number) for number in re.findall(r"\(was no\. (\d+)\)", text)]
    assert sorted(numbers) == list(range(1, 98))


def test_every_difference_from_hummingbot_names_a_test_that_exists() -> None:
    text = (ROOT / "docs" / "pure-market-making.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| `(test_\w+)` \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    tests = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))
    assert not [name for _, name in rows if f"def {name}(" not in tests]


def test_the_tables_of_checks_are_those_of_the_code() -> None:
    text = conformance_page.PAGE.read_text(encoding="utf-8")
    assert conformance_page.current(text) == text, "run `make docs`"
