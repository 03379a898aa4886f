"""The example of docs/writing-a-strategy.md, installed without a network."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "writing-a-strategy.md"


def example_files() -> dict[str, str]:
    """The package's files, as the page shows them, by path."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^### `(\S+)`\n.*?```\w+\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    return dict(blocks)


def install(folder: Path) -> None:
    """Write the package where an import finds it, with the metadata that an installer writes."""
    files = example_files()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    groups = project["entry-points"]
    lines = []
    for group, points in groups.items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
    installed(folder, project["name"], project["version"], "\n".join(lines))


def installed(folder: Path, name: str, version: str, entry_points: str) -> None:
    """Make a folder look as if a distribution had been installed into it."""
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (about / "entry_points.txt").write_text(entry_points)
