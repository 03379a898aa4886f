"""
`engine recording` as its user runs it: what it prints, and how it ends.

Commands that end by themselves run in the process of the tests. A capture that is stopped, and a
look at a file that is broken off, are processes; so is one verification from beginning to end.
"""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import as_process
from tests.engine.exchange_process import exchange_process
from tests.engine.in_process import ROOT, in_process
from tests.support.traded_session import traded_session


def recording(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return in_process("recording", *map(str, arguments))


def capture(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    source = ("--venue", "simulated", "--pairs", "DOGE-USDT", "--duration", "1")
    return recording("capture", *source, "--out", out, *arguments)


def verified(file: Path) -> tuple[int, Any]:
    ended = recording("verify", file, "--json")
    return ended.returncode, json.loads(ended.stdout)


def test_what_is_captured_is_verified(tmp_path: Path) -> None:
    file = tmp_path / "market.zst"
    ended = capture(file, "--json", "-q", "--feed", "full")
    assert (ended.returncode, ended.stderr) == (ExitCode.OK, "")
    summary = json.loads(ended.stdout)
    assert summary["file_bytes"] == file.stat().st_size
    code, report = verified(file)
    assert code == ExitCode.OK
    assert report["clean"]
    assert report["lines"] == summary["frames"] > 0
    # Trades are recorded as well, where there were any.
    assert {feed["feed"] for feed in report["feeds"]} - {"TRADES"} == {"FULL", "ORDER_TYPES"}

    text = as_process("recording", "verify", str(file))
    assert text.returncode == ExitCode.OK
    assert text.stdout.endswith("\nclean\n")
    assert text.stderr == ""  # no progress bar where nobody watches

    again = capture(file)
    assert again.returncode == ExitCode.CANNOT_CREATE
    assert "--force" in again.stderr
    assert verified(file) == (code, report)


def test_an_outage_of_a_venue_and_a_signal_leave_a_complete_file(tmp_path: Path) -> None:
    file, config = tmp_path / "market.gz", tmp_path / "venue.toml"
    with exchange_process() as exchange:
        config.write_text(
            f'[venue]\nkind = "valr"\nrest_url = "{exchange.hello["rest"]}"\n'
            f'websocket_url = "{exchange.hello["websocket"]}"\n'
        )
        port = exchange.hello["rest"].rpartition(":")[2]
        command = [
            *(sys.executable, "-m", "engine", "recording", "capture", "--venue", str(config)),
            *("--pairs", "DOGEUSDT", "--out", str(file)),
        ]
        capturing = subprocess.Popen(  # noqa: S603  # our own program
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert capturing.stderr is not None
        wait_for(capturing, "book_snapshot")
        exchange.stop()
    with exchange_process("--port", port):
        wait_for(capturing, "book_snapshot")
        capturing.send_signal(signal.SIGTERM)
        out, _ = capturing.communicate(timeout=10)
    assert capturing.returncode == ExitCode.OK
    assert "ended by SIGTERM" in out
    code, report = verified(file)
    assert (code, report["damage"]) == (ExitCode.OK, "")
    [book] = [feed for feed in report["feeds"] if feed["feed"] == "L1"]
    assert book["snapshots"] == 2


def wait_for(process: "subprocess.Popen[str]", event: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if event in line:
            return
    raise AssertionError(f"it ended before {event}")


def long_window(text: bytes) -> bytes:
    """Packed as `zstd --long=30` does."""
    parameters = zstandard.ZstdCompressionParameters(window_log=30)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(text) + packer.flush()


LONG_WINDOW = long_window(b"7 {}\n" * 100)


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("none.txt", None, ExitCode.NO_INPUT, "none.txt: No such file"),
        ("empty.txt", b"", ExitCode.FAILURE, "there is no frame in it"),
        ("cut.gz", gzip.compress(b"7 {}\n" * 100, mtime=0)[:-9], ExitCode.NO_INPUT, "was cut off"),
        ("bad.txt", b"\xff\n", ExitCode.FAILURE, "line 1: not UTF-8"),
        (
            "tricks.txt",
            b'{"type":"MARK_PRICE_UPDATE","currencyPairSymbol":"\\u001b[2J","data":{"price":"1"}}',
            ExitCode.FAILURE,
            "\\x1b[2J",
        ),
        (
            "nothing.txt",
            b'1 {"type":"AUTHENTICATED"}\n2 {"type":"PONG"}\n',
            ExitCode.FAILURE,
            "there is not one whole book or trade in it\nNOT CLEAN",
        ),
        ("x.xz", b"\xfd7zXZ\x00\x00", ExitCode.NO_INPUT, "it is packed as xz, which is not"),
        ("x.zip", b"PK\x03\x04 ", ExitCode.NO_INPUT, "it is packed as a zip archive"),
        ("x.gz", b"PK\x03\x04 ", ExitCode.NO_INPUT, "it is packed as a zip archive"),
        ("x.zst", LONG_WINDOW, ExitCode.NO_INPUT, "with a window of 1,024 MiB (zstd --long)"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_words(
    tmp_path: Path, name: str, content: bytes | None, code: ExitCode, said: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    ended = recording("verify", file)
    assert ended.returncode == code
    assert said in ended.stdout + ended.stderr


def test_a_gap_in_a_book_is_found_and_named(tmp_path: Path) -> None:
    file = tmp_path / "market.txt"
    assert capture(file, "-q").returncode == ExitCode.OK
    lines = file.read_text().splitlines(keepends=True)
    changes = [n for n, line in enumerate(lines) if 'OB_L1_DIFF","ps' in line]
    del lines[changes[2]]
    file.write_text("".join(lines))
    code, report = verified(file)
    assert code == ExitCode.FAILURE
    [finding] = report["unsafe"]["first"]
    assert finding["line"] == changes[3]
    assert " came after " in finding["what"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--pairs", "DOGEUSD"], ExitCode.CONFIGURATION, "did you mean DOGEUSDT?"),
        (["--pairs", "DOGE USD"], ExitCode.CONFIGURATION, "is not a pair"),
        (["--venue", "binanse"], ExitCode.USAGE, "did you mean binance?"),
        (["--venue", "nowhere.toml"], ExitCode.CONFIGURATION, "nowhere.toml"),
        (["--out", "/nowhere/x.zst"], ExitCode.CANNOT_CREATE, "/nowhere/x.zst: No such file"),
        (["--set", "simulator.acounts=2"], ExitCode.CONFIGURATION, "did you mean accounts?"),
        (["--feed", "l9"], ExitCode.USAGE, ""),
        (
            ["--venue", "binance", "--set", "venue.kind=valr"],
            ExitCode.USAGE,
            "--venue: binance is another venue than that of --set venue.kind",
        ),
        (
            ["--set", "venue.kind=binance"],
            ExitCode.USAGE,
            "--venue: simulated is another venue than",
        ),
        (
            [
                *("--set", 'venue.rest_url="http://127.0.0.1:1"'),
                *("--set", 'venue.websocket_url="ws://127.0.0.1:1"'),
            ],
            ExitCode.USAGE,
            "--venue: simulated is another venue than that of --set venue.kind or its URLs",
        ),
    ],
)
def test_what_cannot_be_captured_is_refused_and_leaves_no_file(
    tmp_path: Path, arguments: list[str], code: ExitCode, said: str
) -> None:
    options = {"--venue": "simulated", "--pairs": "DOGEUSDT", "--out": str(tmp_path / "x.zst")}
    usual = [word for name in options if name not in arguments for word in (name, options[name])]
    ended = recording("capture", *usual, *arguments, "--duration", "1")
    assert ended.returncode == code
    assert said in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_capture_to_which_no_frame_came_keeps_no_file(tmp_path: Path) -> None:
    file = tmp_path / "x.zst"
    nobody = ("--set", "venue.rest_url=http://127.0.0.1:1")
    ended = recording(
        *("capture", "--venue", "binance", "--pairs", "BTCUSDT", "--out", file, "--duration", "1"),
        *nobody,
        *("--set", "venue.websocket_url=ws://127.0.0.1:1", "--json"),
    )
    assert ended.returncode == ExitCode.VENUE_UNAVAILABLE
    assert f"not one frame came: {file} is not kept" in ended.stderr
    summary = json.loads(ended.stdout)
    assert (summary["file"], summary["file_bytes"], summary["frames"]) == (None, 0, 0)
    assert list(tmp_path.iterdir()) == []


BINANCE_FRAMES = "".join(
    f"{frame}\n"
    for frame in (
        '{"stream":"btcusdt@snapshot","data":{"lastUpdateId":7,"bids":[["99","1"]],"asks":[]}}',
        '{"stream":"x@bookTicker","data":{"u":7,"s":"BTCUSDT","b":"9","B":"1","a":"11","A":"1"}}',
    )
)


def test_the_feeds_of_a_venue_have_the_names_that_it_gives_them(tmp_path: Path) -> None:
    file = tmp_path / "market.txt"
    file.write_text(BINANCE_FRAMES)
    ended = recording("verify", file, "--venue", "binance", "--json")
    assert ended.returncode == ExitCode.OK
    feeds = {feed["feed"]: feed["snapshots"] for feed in json.loads(ended.stdout)["feeds"]}
    assert feeds == {"depth": 1, "bookTicker": 0}


def test_frames_of_another_venue_are_recognised_and_the_option_is_named(tmp_path: Path) -> None:
    file = tmp_path / "market.txt"
    file.write_text(BINANCE_FRAMES)
    ended = recording("verify", file)
    assert ended.returncode == ExitCode.FAILURE
    assert "not one frame is of a market of VALR; they look like those of Binance" in ended.stderr
    assert "--venue binance" in ended.stderr
    file.write_text('{"nobody":"knows"}\n')
    assert "look at --venue: binance or valr" in recording("verify", file).stderr


def test_looking_at_a_long_file_can_be_broken_off(tmp_path: Path) -> None:
    pipe = tmp_path / "market.txt"
    os.mkfifo(pipe)
    verifying = subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", "recording", "verify", str(pipe)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pipe.open("w"):  # which waits until somebody reads
        verifying.send_signal(signal.SIGINT)
        assert verifying.communicate(timeout=10) == ("", "")
    assert verifying.returncode == ExitCode.FORCED


@pytest.mark.parametrize("command", ["capture", "verify"])
def test_help_shows_examples(command: str) -> None:
    assert f"engine recording {command} " in recording(command, "--help").stdout


def test_a_folder_is_named_for_what_it_is(tmp_path: Path) -> None:
    session, other = traded_session(), tmp_path / "other"
    other.mkdir()
    sample = ROOT / "docs" / "samples" / "doge-usdt"
    for folder, words in (
        (session, f"is the folder of a session: name a file of its market: {session}/market-0001"),
        (sample, "is a dataset"),
        (other, "is a folder: name the file of a recording"),
    ):
        ended = recording("verify", folder)
        assert (ended.returncode, words in ended.stderr) == (ExitCode.NO_INPUT, True), ended.stderr


def a_zip(path: Path, **files: bytes) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            bundle.writestr(f"{name}.txt", data)
    return path.read_bytes()


@pytest.mark.parametrize("command", ["verify", "import"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_bundle_that_is_cut_off_is_said_to_be(command: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    whole = a_zip(path, README=b"read me", market=random.Random(1).randbytes(20_000))
    path.write_bytes(whole[: int(len(whole) * share)])
    asked = ("--pair", "DOGEUSDT", "--tick", "1", "--lot", "1", "--out", str(tmp_path / "d"))
    done = recording(command, str(path), *(asked if command == "import" else ()))
    told = done.stdout + done.stderr
    assert (done.returncode, "cut off or damaged" in told) == (ExitCode.NO_INPUT, True), told
    assert "not unpacked here" not in told


def test_a_bundle_whose_frames_are_damaged_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    whole = bytearray(a_zip(path, market=random.Random(1).randbytes(20_000)))
    for at in (300, 10_000):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        done = recording("verify", str(path))
        told = done.stdout + done.stderr
        assert (done.returncode, "damaged" in told) == (ExitCode.NO_INPUT, True), told


def test_a_whole_archive_that_is_no_bundle_is_not_called_damaged(tmp_path: Path) -> None:
    a_zip(tmp_path / "x.zip", README=b"read me")
    done = recording("verify", str(tmp_path / "x.zip"))
    assert done.returncode == ExitCode.NO_INPUT
    assert "a zip archive, which is not unpacked here" in done.stdout
