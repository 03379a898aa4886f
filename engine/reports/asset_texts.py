"""The style sheet and scripts of pages, and how a policy names them."""

import base64
import hashlib
from functools import cache
from pathlib import Path

ASSETS = Path(__file__).with_name("assets")
UPLOT = Path(__file__).parents[1] / "vendor" / "uplot"


@cache
def style() -> str:
    """Of every page."""
    return read_asset(UPLOT / "uPlot.min.css") + "\n" + read_asset(ASSETS / "report.css")


def read_asset(path: Path) -> str:
    """A text that is put into a page as it is."""
    text = path.read_text("utf-8")
    assert "</script" not in text, "a script does not end early"
    assert "</style" not in text, "a style does not end early"
    return text


def policy_hash(text: str) -> str:
    """What a content security policy calls a text by."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
