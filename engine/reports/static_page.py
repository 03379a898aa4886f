"""An HTML page as one file of its own: nothing is fetched, and no script runs but its own."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from engine.reports.asset_texts import policy_hash, style
from engine.reports.markup import Html

_OURS = '<meta name="generator" content="Quotewright">'
"""By it a page is known for ours, and may be replaced by another."""
_BEGINNING_BYTES = 1024


def static_page(title: str, body: Html) -> str:
    """A page that runs no script: tables and text, in the look of reports."""
    return whole_file(title, f"{body}\n")


def whole_file(title: str, body: str, scripts: Sequence[str] = ()) -> str:
    """
    The whole file.

    Args:
        body: Markup that ends with a line's end.
        scripts: JavaScript that runs after it; the policy of the page names each by its hash.
    """
    look = style()
    sources = " ".join(policy_hash(script) for script in scripts)
    policy = (
        f"default-src 'none';{f' script-src {sources};' if sources else ''}"
        f" style-src {policy_hash(look)}; img-src data:; base-uri 'none'; form-action 'none'"
    )
    written = "".join(f"<script>{script}</script>\n" for script in scripts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{_OURS}\n"
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{look}</style>\n</head>\n<body>\n"
        f"{body}{written}</body>\n</html>\n"
    )


def is_page(path: Path) -> bool:
    """
    Whether a file is such a page.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return _OURS.encode() in file.read(_BEGINNING_BYTES)
