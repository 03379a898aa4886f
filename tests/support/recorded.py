"""Finds the recorded data beside the repository, which not every machine has."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


def recorded_folder(relative: str) -> Path:
    """A folder of ``../shared``; skips the test where it is absent."""
    folder = SHARED / relative
    if not folder.is_dir():
        pytest.skip(f"recorded data is optional, and {folder} is not here")
    return folder


def recorded_json(relative: str) -> Any:
    """A JSON file of ``../shared``; skips the test where it is absent."""
    file = SHARED / relative
    if not file.is_file():
        pytest.skip(f"recorded data is optional, and {file} is not here")
    return msgspec.json.decode(file.read_bytes())


def recorded_names(relative: str) -> list[str]:
    """The names of a folder's JSON files, for parametrising; none where it is absent."""
    return sorted(path.name for path in (SHARED / relative).glob("*.json"))
