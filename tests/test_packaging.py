"""What the engine is handed out as: wheel, image, unit file, site."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.engine.in_process import in_process
from tests.support.site import dead_links, stage

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "packaging" / "quotewright@.service"
CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")
BUILDERS = ("podman", "docker", "buildah")


def ran(
    *command: str, cwd: Path = ROOT, env: dict[str, str] | None = None, timeout_s: float = 600.0
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  # our own program, and builders
        command,
        cwd=cwd,
        env=env,
        timeout=timeout_s,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked, as installers do."""
    folder = tmp_path_factory.mktemp("wheel")
    built = ran(
        sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT
    )
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder / "in")
    return folder / "in"


def test_the_wheel_has_all_that_runs_and_nothing_else(unpacked: Path) -> None:
    tops = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"trading", "config", "actors", "engine"}
    for name in ("config/paper.toml", "config/live.example.toml", "engine/py.typed"):
        assert (unpacked / name).is_file(), name
    assert not list(unpacked.rglob("test_*"))


def test_the_wheel_runs_from_an_empty_folder_without_the_repository(
    unpacked: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    program = "import engine, sys; print(engine.__file__); from engine.cli.app import main; main()"
    command = (sys.executable, "-c", program, "run", "--paper", "--duration", "1", "--json")
    ended = ran(*command, cwd=tmp_path, env=environment, timeout_s=60)
    where, summary = ended.stdout.splitlines()
    assert where.startswith(str(unpacked))
    assert json.loads(summary)["exit_code"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "state"]


def test_one_configuration_or_the_one_that_comes_with_it_has_to_be_named() -> None:
    for arguments in ((), ("--paper", "mine.toml")):
        ended = in_process("run", *arguments)
        assert ended.returncode == 2
        assert "--paper" in ended.stderr


def test_the_image_is_not_roots_and_is_healthy_while_the_engine_answers() -> None:
    final = CONTAINER[CONTAINER.rindex("\nFROM ") :]
    assert "\nUSER engine\n" in final
    assert final.index("USER engine") < final.index("ENTRYPOINT")
    assert re.search(r'^HEALTHCHECK .*CMD \["engine", "status"', final, re.MULTILINE)
    for copied in re.findall(r"^COPY (?!--)(.+) \S+$", CONTAINER, re.MULTILINE):
        assert all((ROOT / name).exists() for name in copied.split()), copied


def test_the_image_is_built_and_its_engine_gets_healthy() -> None:
    builder = next(filter(shutil.which, BUILDERS), None)
    if builder is None:
        pytest.skip("there is no podman, docker or buildah here")
    if (works := ran(builder, "info", timeout_s=30)).returncode:
        pytest.skip(f"{builder} does not work here: {works.stderr.strip()[:200]}")
    built = ran(builder, "build", "-t", "quotewright-test", "-f", "Containerfile", ".")
    if "FROM python" in built.stderr and built.returncode:
        pytest.skip("the base image cannot be had here")
    assert built.returncode == 0, built.stderr
    if builder == "buildah":
        pytest.skip("it was built; buildah runs no containers")
    ended = ran(builder, "run", "--rm", "quotewright-test", "run", "engine.toml", "--duration", "5")
    assert ended.returncode == 0, ended.stderr


def test_systemd_takes_the_unit_file(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    # It looks for the program, which is not where an installation has it.
    text = UNIT.read_text(encoding="utf-8").replace("/opt/quotewright/bin/engine", "/bin/true")
    unit = tmp_path / "quotewright@live.service"
    unit.write_text(text, encoding="utf-8")
    verified = ran("systemd-analyze", "verify", "--man=no", str(unit))
    complaints = [line for line in verified.stderr.splitlines() if "quotewright" in line]
    assert complaints == []


def test_the_unit_begins_nothing_anew_that_a_person_has_to_mend() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [codes] = re.findall(r"^RestartPreventExitStatus=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
    assert f"RestartPreventExitStatus={codes}" in operations


def test_pages_of_the_site_link_to_pages_and_headings_that_are_there(tmp_path: Path) -> None:
    staged = tmp_path / "docs"
    stage(to=staged)
    text = (staged / "architecture.md").read_text(encoding="utf-8")
    assert "](alerts.md)" in text
    assert "](../" not in text
    [*shown] = re.findall(r"\]\((pictures/.*?\.png)\)", (staged / "tour.md").read_text("utf-8"))
    assert shown
    assert all((staged / picture).is_file() for picture in shown)
    site = tmp_path / "site"
    site.mkdir()
    (site / "one.html").write_text('<h2 id="here"></h2><a href="two.html#there">', encoding="utf-8")
    assert list(dead_links(site)) == ["one.html: two.html#there"]
    (site / "two.html").write_text('<a href="one.html#here">', encoding="utf-8")
    assert list(dead_links(site)) == ["one.html: two.html#there (no such heading)"]
