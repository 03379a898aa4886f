"""Where the bundle goes is looked at before anything begins, and nothing else is ever replaced."""

import os
import zipfile
from pathlib import Path

import attrs
import pytest

from engine.cli.app import main
from engine.conformance.bundle import write_bundle
from engine.conformance.checks.every import PROBES
from engine.conformance.running import Choice
from engine.process.exit_codes import ExitCode
from tests.support.conformance_rig import Rig
from trading.venues.valr.conformance.check import Level

ONLY = ("--only", "public.time")
NOWHERE = (
    *("--set", "venue.rest_url=http://127.0.0.1:9"),
    *("--set", "venue.websocket_url=ws://127.0.0.1:9"),
)


def conformance(folder: Path, *arguments: str) -> int:
    place = f"engine.state_directory={folder / 'state'}"
    return main(["conformance", "config/paper.toml", "--set", place, *ONLY, *arguments])


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "state"]


def _nothing(path: Path) -> Path:
    return path / "missing" / "seen.zip"


def _a_folder(path: Path) -> Path:
    (path / "seen.zip").mkdir()
    return path / "seen.zip"


def _below_a_file(path: Path) -> Path:
    (path / "file").write_text("words")
    return path / "file" / "seen.zip"


def _a_pipe(path: Path) -> Path:
    os.mkfifo(path / "seen.zip")
    return path / "seen.zip"


def _a_device(path: Path) -> Path:
    return Path("/dev/full")


def _a_link(path: Path) -> Path:
    (path / "seen.zip").symlink_to(path / "elsewhere")
    return path / "seen.zip"


def _words(path: Path) -> Path:
    (path / "seen.zip").write_text("my notes")
    return path / "seen.zip"


def _another_zip(path: Path) -> Path:
    with zipfile.ZipFile(path / "seen.zip", "w") as archive:
        archive.writestr("pictures", "many")
    return path / "seen.zip"


def _too_long(path: Path) -> Path:
    return path / ("x" * 300)


PLACES = {
    _nothing: "is not there",
    _a_folder: "is a folder",
    _below_a_file: "is no folder",
    _a_pipe: "is no regular file",
    _a_device: "is no regular file",
    _a_link: "is no regular file",
    _words: "is no bundle",
    _another_zip: "is no bundle",
    _too_long: "File name too long",
}


@pytest.mark.parametrize("make", PLACES)
def test_a_place_that_takes_no_bundle_is_refused_and_nothing_is_started(
    make: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    out = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    kind = out.lstat().st_mode if os.path.lexists(str(out)[:200]) else None
    assert conformance(tmp_path, "--out", str(out)) == ExitCode.CANNOT_CREATE
    said = capsys.readouterr()
    assert PLACES[make] in said.err
    assert said.out == ""
    assert sorted(tmp_path.rglob("*")) == before
    assert kind is None or out.lstat().st_mode == kind


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    assert conformance(tmp_path, "--out", str(folder / "seen.zip")) == ExitCode.CANNOT_CREATE
    assert "Permission denied" in capsys.readouterr().err


def test_a_name_of_no_letters_is_no_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conformance(tmp_path, "--out", "") == ExitCode.USAGE
    assert "--out" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_is_replaced_by_the_next_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "seen.zip"
    assert conformance(tmp_path, "--out", str(out)) == ExitCode.OK
    first = out.stat().st_ino
    assert conformance(tmp_path, "--out", str(out)) == ExitCode.OK
    assert out.stat().st_ino != first
    assert names_in(tmp_path) == ["seen.zip"]


def test_a_bundle_stays_where_nothing_came_from_the_venue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "seen.zip"
    conformance(tmp_path, "--out", str(out))
    whole = out.read_bytes()
    monkeypatch.setenv("VALR_API_KEY", "0" * 64)
    monkeypatch.setenv("VALR_API_SECRET", "1" * 64)
    capsys.readouterr()
    place = f"engine.state_directory={tmp_path / 'state'}"
    live = ["conformance", "config/live.example.toml", "--set", place, *ONLY, "--out", str(out)]
    code = main([*live, *NOWHERE])
    assert code == ExitCode.VENUE_UNAVAILABLE
    assert out.read_bytes() == whole
    assert "nothing came from the venue" in capsys.readouterr().err


async def test_what_cannot_be_written_to_its_end_leaves_nothing_behind(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = [one for one in PROBES if one.check.id == "public.time"]
    rig = Rig(choice=Choice(level=Level.PUBLIC), probes=probes)
    seen, out = await rig.run(), tmp_path / "seen.zip"
    write_bundle(out, seen.report, seen.evidence, seen.market, rig.settings())
    whole = out.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    later = attrs.evolve(seen.report, at_ns=2)
    with pytest.raises(OSError, match="No space"):
        write_bundle(out, later, seen.evidence, seen.market, rig.settings())
    assert names_in(tmp_path) == ["seen.zip"]
    assert out.read_bytes() == whole
