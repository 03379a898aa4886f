"""What packages of others may import: written lists, each name with a docstring."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "writing-a-strategy.md"
OURS = re.compile(r"(from|import) (trading|config|actors|engine|tests)\b")

PUBLIC = {
    "trading.strategies": """
        Amend Balance ClientOrderId CompletedOrder CompletedOrders Currency Decision Fees Gate
        Instrument LimitedDepth Order OrderStatus Pair PriceLevel Prices Quote Reconfigurable
        ReferencePrice SeenTrades Side Strategy TopOfBook Trade View decimal_text
    """,
    "trading.testing": """
        BASE Event FakeVenue PAIR QUOTE a_top a_view an_instrument balances
    """,
    "config.strategies": """
        Choice DailyHours Flag Hours Instant Listed Number PairName Positive Quoting Ratio Refused
        Rule Seconds Span StrategySettings Text Whole from_settings percent
    """,
    "actors.ports": """
        Actor Answer FactBoard Flatness JournalBatch KillOrder Latest LedgerStore
        OperatorOrder Receipt RecentItems ResumeOrder Retried Retry Stalls Wakeup WallClock deliver
        drain next_tick
    """,
}


def source(package: str) -> ast.Module:
    """The face of a package: its ``__init__``."""
    path = ROOT / package.replace(".", "/") / "__init__.py"
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(package: str) -> dict[str, str]:
    """The names that a package's face imports, with the module of each."""
    return {
        alias.name: node.module or ""
        for node in source(package).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def described(module: str, name: str) -> bool:
    """Whether a name has a docstring: its own, or a line below its assignment."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node, below in zip(body, [*body[1:], ast.Pass()], strict=True):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name == name:
                return ast.get_docstring(node) is not None
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
    raise AssertionError(f"{module} does not define {name}")


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names_of_a_package_are_those_of_its_list(package: str) -> None:
    names = set(PUBLIC[package].split())
    assert set(import_module(package).__all__) == names
    assert imported(package).keys() == names


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_has_a_docstring(package: str) -> None:
    missing = [name for name, module in imported(package).items() if not described(module, name)]
    assert not missing


def test_the_guide_imports_from_public_packages_alone() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    nodes = [node for block in blocks for node in ast.walk(ast.parse(block))]
    plain = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import)]
    assert not [line for line in plain if OURS.match(line)]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and OURS.match(ast.unparse(node)):
            names = {alias.name for alias in node.names}
            assert names <= set(PUBLIC.get(node.module or "", "").split()), ast.unparse(node)


def test_the_guide_names_every_public_package() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert not [package for package in PUBLIC if f"`{package}`" not in text]


@pytest.mark.parametrize("package", PUBLIC)
def test_what_is_public_loads_no_part_of_the_engine_and_no_tool_of_tests(package: str) -> None:
    program = (
        f"import sys, {package}\n"
        "print({'engine', 'pytest', 'hypothesis', 'httpx', 'trio_websocket'} & sys.modules.keys())"
    )
    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert loaded.stdout == "set()\n"
