"""The docs say where things are; what they leave out cannot be found."""

import re
from pathlib import Path

import attrs
import pytest

from engine.process.exit_codes import ExitCode
from trading.orders import table as order_table
from trading.risk import RiskLimits, table

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))


def test_every_actor_is_in_the_table_of_actors() -> None:
    text = (ROOT / "docs" / "actors.md").read_text(encoding="utf-8")
    files = {path.name for path in (ROOT / "actors").glob("*.py")} - {"__init__.py"}
    assert files <= set(re.findall(r"`([a-z_]+\.py)`", text))


def test_every_exit_code_is_explained() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {str(code.value) for code in ExitCode} == set(
        re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
    )


def test_the_table_of_refusals_is_the_codes_own() -> None:
    text = (ROOT / "docs" / "risk.md").read_text(encoding="utf-8")
    assert table() in text, f"write into docs/risk.md:\n{table()}"


def test_every_limit_is_explained() -> None:
    text = (ROOT / "docs" / "risk.md").read_text(encoding="utf-8")
    missing = {field.name for field in attrs.fields(RiskLimits)} - set(
        re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)
    )
    assert not missing


def test_the_life_of_an_order_is_the_one_in_the_code() -> None:
    text = (ROOT / "docs" / "orders.md").read_text(encoding="utf-8")
    assert order_table.table() in text, f"write into docs/orders.md:\n{order_table.table()}"


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:trading|config|actors|engine|tests)/[a-z_/]+\.(?:py|toml))`", text)
    linked = re.findall(r"\]\(([a-z][^)#:]+)\)", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [link for link in linked if not (page.parent / link).exists()]
    assert not missing


def test_every_difference_from_hummingbot_names_a_test_that_exists() -> None:
    text = (ROOT / "docs" / "pure-market-making.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|.*\| `(test_\w+)` \|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    tests = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))
    assert not [name for _, name in rows if f"def {name}(" not in tests]
