"""A page that runs no script: tables and text, in the look of reports."""

from html import escape

from engine.reports.asset_texts import policy_hash, style
from engine.reports.markup import Html


def static_page(title: str, body: Html) -> str:
    """The whole file; nothing is fetched."""
    policy = (
        f"default-src 'none'; style-src {policy_hash(style())}; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{style()}</style>\n</head>\n<body>\n"
        f"{body}\n</body>\n</html>\n"
    )
