"""`engine recording import` as its user runs it: what it prints, and how it ends."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from engine.process.exit_codes import ExitCode
from tests.engine.datasets.importing import Importing
from tests.engine.datasets.test_binance_raw import SPOT, change, trade
from tests.engine.datasets.test_valr_frames import levels_market, order_status
from tests.engine.in_process import ROOT, in_process
from tests.support.recorded_session import a_head, recorded
from tests.support.traded_session import traded_session
from tests.support.whole_engine import Rig

ASKED = ("--pair", "BTC-USDT", "--tick", "0.1", "--lot", "0.001")


def imported(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return in_process("recording", "import", *map(str, arguments))


def test_a_dataset_is_described_in_words_and_as_json(importing: Importing) -> None:
    file, out = importing.file("raw.gz", SPOT), importing.folder / "d"
    ended = imported(file, *ASKED, "--out", out)
    # An old rich ends the line of a bar that it does not show.
    assert (ended.returncode, ended.stderr.strip()) == (ExitCode.OK, "")
    assert "BTCUSDT, 7 records of binance-raw" in ended.stdout
    assert "what is ahead of an order of ours is modelled" in ended.stdout
    ended = imported(file, *ASKED, "--out", out, "--force", "--json")
    told = json.loads(ended.stdout)
    assert told["counts"] == {"CLEAR": 1, "SNAPSHOT_LEVEL": 2, "LEVEL": 3, "TRADE": 1}
    assert (told["queue"], told["gaps"]) == ("by level", 0)
    assert (out / "meta.json").is_file()


def test_clocks_and_gaps_are_told_in_words(importing: Importing) -> None:
    lines = [*SPOT, trade(35, behind_ms=8), change(40, 110, 111, [("10", "1")])]
    ended = imported(importing.file("raw", lines), *ASKED, "--out", importing.folder / "d")
    assert "seen up to 5,000,000 ns before it happened" in ended.stdout
    assert "moved by 6,000,000 ns" in ended.stdout
    assert "1 gap, the first at 2023-11-14 22:13:20 UTC" in ended.stdout
    dump = importing.file("BTCUSDT-trades-2023-11.csv", ["1,10.0,1,10,1700000000000,True,True"])
    ended = imported(dump, *ASKED, "--out", importing.folder / "e", "--feed-latency-min", "2.5us")
    assert "only one of exchange and receive time" in ended.stdout
    assert "CANNOT drive a queue" in ended.stdout
    assert "receive times: 0.0025 ms after the exchange's" in ended.stdout


def test_the_folder_of_a_session_stands_for_its_market_and_account(importing: Importing) -> None:
    session = Importing(folder=importing.folder / "1795982720856")
    session.folder.mkdir()
    (session.folder / "head.json").write_bytes(a_head())
    session.file("decisions-0001.zst", ["{}"])
    refused = imported(session.folder, *ASKED, "--out", importing.folder / "d")
    assert refused.returncode == ExitCode.NO_INPUT
    assert "without market-*.zst or account-*.zst" in refused.stderr
    session.file("market-0001.zst", levels_market())
    session.file("account-0001.zst", [order_status(15, "Placed", "0.5")])
    ended = imported(session.folder, *ASKED, "--out", importing.folder / "d", "--json")
    assert json.loads(ended.stdout)["counts"]["LEVEL"] == 3
    assert json.loads(ended.stdout)["guessed"] == []


def test_a_dataset_that_is_there_is_not_touched(importing: Importing) -> None:
    file, out = importing.file("raw", SPOT), importing.folder / "d"
    imported(file, *ASKED, "--out", out)
    before = (out / "meta.json").read_bytes()
    ended = imported(file, *ASKED, "--out", out)
    assert ended.returncode == ExitCode.CANNOT_CREATE
    assert "--force" in ended.stderr
    assert (out / "meta.json").read_bytes() == before


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (("--tick", "1"), ExitCode.CONFIGURATION, "row 2"),
        (("--lot", "1"), ExitCode.CONFIGURATION, "row 3"),
        (("--pair", "ETHUSDT"), ExitCode.CONFIGURATION, "--pair"),
        (("--pair", "?"), ExitCode.CONFIGURATION, "--pair"),
        (("--lot", "0.0000000000000000000001"), ExitCode.CONFIGURATION, "make --lot coarser"),
        (("--tick", "0.0000000000000000000001"), ExitCode.CONFIGURATION, "make --tick coarser"),
        (("--tick", "0"), ExitCode.USAGE, "--tick"),
        (("--lot", "1e-3"), ExitCode.USAGE, "--lot"),
        (("--format", "valr"), ExitCode.NO_INPUT, "not of the format valr"),
        (("--format", "vlar"), ExitCode.USAGE, "valr"),
        (("--feed-latency-min", "1"), ExitCode.USAGE, "1ms"),
    ],
)
def test_what_cannot_be_done_leaves_nothing(
    importing: Importing, asked: tuple[str, str], code: ExitCode, words: str
) -> None:
    file, out = importing.file("raw", SPOT), importing.folder / "d"
    options = dict(zip(ASKED[::2], ASKED[1::2], strict=True)) | {asked[0]: asked[1]}
    ended = imported(file, *[each for pair in options.items() for each in pair], "--out", out)
    assert ended.returncode == code
    assert words in ended.stderr
    assert [path.name for path in importing.folder.iterdir()] == ["raw"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_file_that_was_cut_is_damaged(importing: Importing, suffix: str) -> None:
    file = importing.file(f"raw{suffix}", SPOT)
    file.write_bytes(file.read_bytes()[:-20])
    ended = imported(file, *ASKED, "--out", importing.folder / "d")
    assert ended.returncode == ExitCode.NO_INPUT
    assert f"raw{suffix}" in ended.stderr


def test_a_session_whose_engine_was_killed_is_imported_as_far_as_it_goes(tmp_path: Path) -> None:
    session, asked = tmp_path / "1700000000000", ("--pair", "DOGE-USDT", "--tick", "0.00001")
    shutil.copytree(traded_session(), session)
    market, account = session / "market-0001.zst", session / "account-0001.zst"
    for file in (market, account):
        file.write_bytes(file.read_bytes()[:-20])
    out = tmp_path / "d"
    ended = imported(session, *asked, "--lot", "1", "--out", out)
    assert ended.returncode == ExitCode.NO_INPUT
    words = f"{session}: {account.name} was cut off after it had been recorded whole"
    assert words in ended.stderr
    decisions = session / "decisions-0001.zst"
    decisions.write_bytes(decisions.read_bytes()[:-20])
    ended = imported(session, *asked, "--lot", "1", "--out", out)
    assert ended.returncode == ExitCode.OK, ended.stderr
    assert "that nothing follows on market-0001.zst, which was cut off" in ended.stdout
    market.rename(session / "market-0003.zst")
    shutil.copy(session / "market-0003.zst", market)
    ended = imported(market, *asked, "--lot", "1", "--out", out, "--force")
    assert (ended.returncode, "it was cut off" in ended.stderr) == (ExitCode.NO_INPUT, True)


def test_a_session_whose_recorder_began_anew_is_imported_whole_with_its_hole(
    tmp_path: Path,
) -> None:
    async def deeds(rig: Rig) -> None:
        await trio.sleep(10)
        assert rig.actors["session recorder"].crash()
        await trio.sleep(20)

    session = recorded(tmp_path, deeds)
    lives = sorted(file.name for file in session.glob("*.zst"))
    assert {"market-0001.zst", "market-0002.zst", "account-0002.zst"} <= set(lives)
    out = tmp_path / "d"
    asked = ("--pair", "DOGE-USDT", "--tick", "0.00001", "--lot", "1", "--json")
    ended = imported(session, *asked, "--out", out)
    assert ended.returncode == ExitCode.OK, ended.stderr
    told = json.loads(ended.stdout)
    assert told["gaps"] >= 1
    assert told["skipped"]["places in which frames were not written down"] == 1
    assert "cut off" not in str(told["guessed"])
    assert told["last_ns"] - told["first_ns"] > 20e9
    meta = json.loads((out / "meta.json").read_bytes())
    named = [each["name"] for each in meta["sources"]]
    assert named == ["account-0001.zst", "account-0002.zst", "market-0001.zst", "market-0002.zst"]
    # Named one by one they are the same session.
    again = imported(*sorted(session.glob("[am]*.zst")), *asked, "--out", out, "--force")
    assert json.loads(again.stdout)["digest"] == told["digest"]
    # It ended in good order, so the file that its former life left is no damage to a replay either.
    replayed = in_process("replay", str(session), "--books")
    assert (replayed.returncode, "has no end" in replayed.stdout) == (ExitCode.OK, False)


def test_a_file_of_a_later_life_of_the_recorder_begins_with_a_hole(importing: Importing) -> None:
    """Named alone: nothing is known of what was before it."""
    file = importing.file("market-0002.zst", ["0 gap 0", *levels_market()])
    dataset = importing.dataset(file)
    assert dataset.meta.importer == "valr"
    assert dataset.meta.gaps == ()
    counted = dataset.meta.skipped["places in which frames were not written down"]
    assert counted == 1


def test_a_file_with_a_wrong_extension_is_read_as_what_it_is(importing: Importing) -> None:
    packed = importing.file("raw.gz", SPOT).rename(importing.folder / "raw.zst")
    assert imported(packed, *ASKED, "--out", importing.folder / "d").returncode == ExitCode.OK


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_file_that_is_missing_or_empty_is_named(importing: Importing, name: str) -> None:
    importing.file("empty", [])
    ended = imported(importing.folder / name, *ASKED, "--out", importing.folder / "d")
    assert ended.returncode == ExitCode.NO_INPUT
    assert name in ended.stderr


def test_a_pipe_is_refused_for_it_cannot_be_read_twice(importing: Importing) -> None:
    os.mkfifo(importing.folder / "pipe")
    ended = imported(importing.folder / "pipe", *ASKED, "--out", importing.folder / "d")
    assert ended.returncode == ExitCode.NO_INPUT
    assert "no regular file" in ended.stderr


def test_a_disk_that_takes_no_more_leaves_nothing(importing: Importing) -> None:
    """Of a process that may write files of 1,024 bytes alone."""
    changes = [change(20 + n, 101 + n, 101 + n, [(f"{n % 97}.5", f"{n}")]) for n in range(2_000)]
    file = importing.file("raw", [SPOT[0], *changes])
    command = shlex.join([sys.executable, "-m", "engine", "recording", "import", str(file), *ASKED])
    ended = subprocess.run(  # noqa: S603  # ours
        ["/bin/bash", "-c", f"ulimit -f 1; exec {command} --out d"],
        capture_output=True, text=True, check=False, cwd=importing.folder,
        # CPython takes a compiled module of 1,024 bytes for whole: nobody can import it again.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert ended.returncode == ExitCode.IO_ERROR, ended.stderr
    assert "File too large" in ended.stderr
    assert [path.name for path in importing.folder.iterdir()] == ["raw"]


def test_a_folder_that_cannot_be_made_is_told(importing: Importing) -> None:
    file = importing.file("raw", SPOT)
    ended = imported(file, *ASKED, "--out", importing.folder / "no" / "d")
    assert ended.returncode == ExitCode.CANNOT_CREATE
