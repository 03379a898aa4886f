"""`engine init`: what it writes loads, plans and passes the doctor; it replaces nothing unasked."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.exchange_process import exchange_process
from tests.engine.in_process import NOTHING, in_process

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # though who runs the tests ignore it
os.close(os.open(os.ttyname(0), os.O_RDWR))  # the terminal is that of this session
sys.argv = ["engine", "init"]
from engine.__main__ import main
sys.exit(main())
"""
HUMMINGBOT = sorted((ROOT / "tests" / "config" / "hummingbot").glob("*pure*.yml"))

_PATIENCE_S = 30.0


def test_with_every_suggestion_it_loads_plans_and_passes_the_doctor(tmp_path: Path) -> None:
    written = in_process("init", "--yes", cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    assert "engine run paper.toml" in written.stdout
    assert in_process("plan", "paper.toml", cwd=tmp_path).returncode == 0
    doctor = in_process("doctor", "paper.toml", cwd=tmp_path)
    assert doctor.stdout.splitlines()[-1].startswith("fit to trade"), doctor.stdout


def test_it_names_the_page_and_what_it_says_of_messages_holds_once_it_is_uncommented(
    tmp_path: Path,
) -> None:
    written = in_process("init", "--yes", cwd=tmp_path)
    assert "engine web paper.toml" in written.stdout
    file = tmp_path / "paper.toml"
    text = file.read_text()
    assert "engine alerts test paper.toml" in text
    file.write_text(text.replace("# [alerts]", "[alerts]").replace("# to = ", "to = "))
    asked = in_process("alerts", "test", "paper.toml", cwd=tmp_path)
    assert asked.returncode in {77, 78}  # 78 where the extra is missing as well
    assert "alerts.to: the environment variable ALERTS_TO is not set" in asked.stderr


def test_every_pair_of_the_simulator_makes_a_configuration_that_plans(tmp_path: Path) -> None:
    for pair in ("BTC-ZAR", "ETH-ZAR", "XRP-USDT"):
        out = f"{pair}.toml"
        written = in_process("init", "--yes", "--pair", pair, "--out", out, cwd=tmp_path)
        if "no pair that is traded" in written.stderr:
            continue
        assert written.returncode == 0, written.stderr
        planned = in_process("plan", out, cwd=tmp_path)
        assert planned.returncode == 0, planned.stdout


def test_without_a_terminal_it_asks_nothing_and_names_every_missing_flag(tmp_path: Path) -> None:
    asked = in_process("init", "--pair", "doge", cwd=tmp_path)
    assert asked.returncode == 2
    for flag in ("--venue", "--amount", "--spread", "--refresh", "--max-loss", "--out", "--yes"):
        assert f"{flag}" in asked.stderr
    assert "--pair" not in asked.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_replaced_at_ones_word_only(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("mine", encoding="utf-8")
    refused = in_process("init", "--yes", "--out", str(file))
    assert refused.returncode == 73
    assert "--force replaces it" in refused.stderr
    assert file.read_text(encoding="utf-8") == "mine"
    assert in_process("init", "--yes", "--out", str(file), "--force").returncode == 0
    assert "[strategies.doge]" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--venue", "nyse", "is not known"),
        ("--pair", "nothing", "no pair that is traded has"),
        ("--amount", "0.001", "is too small; at least"),
        ("--amount", "many", "is not a number"),
        ("--spread", "60", "is not below 50 %"),
        ("--refresh", "0.1", "is not at least 1 s"),
        ("--max-loss", "-1", "is not above 0"),
    ],
)
def test_an_answer_that_will_not_do_is_told_with_its_flag_and_nothing_is_written(
    tmp_path: Path, flag: str, value: str, said: str
) -> None:
    ended = in_process("init", "--yes", flag, value, cwd=tmp_path)
    assert ended.returncode == 2
    assert f"{flag}: " in ended.stderr
    assert said in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_from_hummingbots_file_it_converts(tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    ended = in_process("init", "--from-hummingbot", str(HUMMINGBOT[0]), "--out", str(out))
    assert ended.returncode in {0, 1}
    assert "pure_market_making" in out.read_text(encoding="utf-8")


def test_a_venue_that_does_not_answer_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    ended = in_process(
        *("init", "--yes", "--venue", "valr", "--pair", "btczar"),
        *("--rest-url", "http://127.0.0.1:9", "--out", "live.toml"),
        cwd=tmp_path,
    )
    assert ended.returncode == 69
    assert "nothing was written" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("with_key", [True, False])
def test_a_real_venue_is_looked_at_and_the_doctor_finds_the_result_fit(
    tmp_path: Path,
    with_key: bool,  # noqa: FBT001
) -> None:
    with exchange_process("--port", "0") as exchange:
        hello, account = exchange.hello, exchange.hello["accounts"][0]
        keys = {"MINE_API_KEY": account["api_key"], "MINE_API_SECRET": account["api_secret"]}
        written = in_process(
            *("init", "--yes", "--venue", "valr", "--pair", "dogeu", "--key", "MINE"),
            *("--rest-url", hello["rest"], "--websocket-url", hello["websocket"]),
            *("--out", "live.toml"),
            environment=keys if with_key else NOTHING,
            cwd=tmp_path,
        )
        assert written.returncode == 0, written.stderr
        assert ("your balances are not looked at" in written.stdout) is not with_key
        text = (tmp_path / "live.toml").read_text(encoding="utf-8")
        assert "THIS TRADES REAL MONEY" in text
        assert account["api_key"] not in text + written.stdout
        assert ("min_base_holding = 0 " in text) is not with_key
        doctor = in_process("doctor", "live.toml", environment=keys, cwd=tmp_path)
    if with_key:
        assert doctor.returncode == 0, doctor.stdout


def _typed_at_each_prompt(master: int, typed: bytes, *, again: bool) -> bytes:
    """Type at each prompt until the program ends; all that it has shown."""
    text, until = b"", time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if not select.select([master], [], [], 1.0)[0]:
            # Typed between its last look for signals and its wait: a person types it again.
            if text and again:
                os.write(master, typed)
            continue
        try:
            text += os.read(master, 4096)
        except OSError:  # it has ended
            break
        if text.endswith(b"]: "):  # a prompt may come in two pieces
            os.write(master, typed)
    return text


def test_on_a_terminal_enter_takes_what_is_suggested_and_ctrl_c_writes_nothing(
    tmp_path: Path,
) -> None:
    for typed, code in ((b"\n", 0), (b"\x03", 130)):
        master, slave = pty.openpty()
        process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, "-c", PROGRAM],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        text = _typed_at_each_prompt(master, typed, again=code != 0)
        assert process.wait(20) == code, text.decode()
        os.close(master)
        if code == 0:
            assert b"Which pair? A few letters will do [DOGE-USDT]: " in text
            assert text.count(b"]: ") == 7
            (tmp_path / "paper.toml").unlink()
        else:
            assert b"nothing was written" in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_what_completes_our_commands(shell: str) -> None:
    given = in_process("completion", shell)
    assert given.returncode == 0
    for word in ("init", "reload", "from-hummingbot"):
        assert word in given.stdout
    if shell == "bash":
        checked = subprocess.run(
            ["/bin/bash", "-n"], input=given.stdout, text=True, capture_output=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
