"""
The pages of docs/ as a site: made ready for the builder, and looked through once it has built.

``python -m tests.support.site stage`` and ``... check``, both by `make site`.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[2]
STAGED, BUILT = (ROOT / ".cache" / "site" / name for name in ("docs", "built"))
_BESIDE = ("CONTRIBUTING.md", "CHANGELOG.md")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
_ADDRESS = re.compile(r"(?:href|src)=\"?([^\"\s>]+)")


def stage(docs: Path = ROOT / "docs", to: Path = STAGED) -> None:
    """Copy all pages and pictures; links out of them, to source files, become plain text."""
    shutil.rmtree(to, ignore_errors=True)
    for page in docs.rglob("*.md"):
        _write(to / page.relative_to(docs), page.read_text("utf-8"), page.parent, docs)
    for picture in docs.rglob("*.png"):
        copy = to / picture.relative_to(docs)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, copy)
    for name in _BESIDE:
        _write(to / name, (ROOT / name).read_text("utf-8"), ROOT, docs)


def _write(file: Path, text: str, folder: Path, docs: Path) -> None:
    up = "../" * (len(file.relative_to(STAGED).parts) - 1) if STAGED in file.parents else ""

    def within(link: re.Match[str]) -> str:
        words, address = link.groups()
        path, hash_, place = address.partition("#")
        if "://" in address or not path:
            return link[0]
        target = (folder / path).resolve()
        if target.suffix == ".png" and target.is_relative_to(docs):
            return link[0]
        if target.suffix != ".md":
            return words
        if target.is_relative_to(docs):
            return f"[{words}]({up}{target.relative_to(docs)}{hash_}{place})"
        return f"[{words}]({up}{target.name}{hash_}{place})" if target.name in _BESIDE else words

    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_LINK.sub(within, text), encoding="utf-8")


def dead_links(site: Path) -> Iterator[str]:
    """Every link of a built site to a page, a heading or a file of it that is not there."""
    pages = {page: page.read_text("utf-8") for page in site.rglob("*.html")}
    for page, text in pages.items():
        if page.name == "404.html":
            continue
        for address in _ADDRESS.findall(text):
            path, _, place = unquote(address).partition("#")
            if re.match(r"[a-z]+:|//|data", address) or path.startswith("/"):
                continue
            target = (page.parent / path.partition("?")[0]).resolve() if path else page
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                yield f"{page.relative_to(site)}: {address}"
            elif place and target in pages and not _has(pages[target], place):
                yield f"{page.relative_to(site)}: {address} (no such heading)"


def _has(text: str, place: str) -> bool:
    return re.search(rf"id=\"?{re.escape(place)}[\"\s>]", text) is not None


def main() -> int:
    """Do what is asked for; 1 where a link is dead."""
    if sys.argv[1:] == ["stage"]:
        stage()
        return 0
    dead = list(dead_links(BUILT))
    sys.stdout.write("".join(f"{one}\n" for one in dead))
    pages = len(list(BUILT.rglob("*.html")))
    sys.stdout.write(f"{pages} pages in {BUILT.relative_to(ROOT)}, {len(dead)} dead links\n")
    return 1 if dead or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
