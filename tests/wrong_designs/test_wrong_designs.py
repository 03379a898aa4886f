"""Each wrong design makes the suite fail: what would lose money cannot come back unseen."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.wrong_designs.designs import DESIGNS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", [name for name, design in DESIGNS.items() if design.noticed_by])
def test_a_wrong_design_is_noticed(name: str) -> None:
    ended = subprocess.run(  # noqa: S603  # our own tests
        [
            *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
            *("-p", "tests.wrong_designs.plugin", "--wrong-design", name),
            *DESIGNS[name].noticed_by,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == pytest.ExitCode.TESTS_FAILED, ended.stdout[-2000:] + ended.stderr
    assert "1 failed" in ended.stdout
