from pathlib import Path

import pytest

from tests.engine.datasets.importing import Importing


@pytest.fixture
def importing(tmp_path: Path) -> Importing:
    return Importing(folder=tmp_path)
