"""The configurations that come with the engine, and the real disk."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from config.load.checks import check_against_rules
from config.load.loading import load
from config.sections.simulator import Flow
from config.source.files import DISK, DiskFiles
from config.source.problems import ConfigurationProblems
from tests.config.loaded import INSTRUMENTS, KEYS, LIVE, PAPER, instrument, loaded, making
from trading.core.identifiers import StrategyName

CONFIG = Path(__file__).parents[2] / "config"
DOGE = StrategyName("doge")


def test_the_paper_configuration_is_sound() -> None:
    settings = load(str(CONFIG / "paper.toml"), [], {}, simulated_pairs=lambda: INSTRUMENTS)
    assert settings.venue.simulated
    assert making(settings).amounts == (Decimal(40), Decimal(50))


def test_paper_trades_a_recording_with_two_overrides(tmp_path: Path) -> None:
    recording = tmp_path / "btcusdt.gz"
    recording.touch()
    overrides = ["simulator.flow=recording", f"simulator.recording={recording}"]
    settings = load(str(CONFIG / "paper.toml"), overrides, {}, simulated_pairs=lambda: INSTRUMENTS)
    assert settings.simulator.flow is Flow.RECORDING
    assert settings.recording_pair == "DOGEUSDT"


def test_paper_can_pay_for_all_levels_at_the_price_of_a_recorded_bitcoin() -> None:
    settings = load(str(CONFIG / "paper.toml"), [], {})
    highest_price = Decimal(70)  # 70000 USDT in ticks of 0.01, as so many ticks of 0.00001
    balances = {str(currency): amount for currency, amount in settings.simulator.balances.items()}
    amounts = making(settings).amounts
    assert balances["USDT"] >= 10 * sum(amounts) * highest_price
    assert balances["DOGE"] >= 10 * sum(amounts)


def test_the_live_example_is_sound_once_its_keys_are_set() -> None:
    settings = load(str(CONFIG / "live.example.toml"), [], KEYS)
    assert not settings.venue.simulated
    assert check_against_rules(settings, INSTRUMENTS) == []


def test_a_venues_rules_are_checked_when_they_are_known() -> None:
    settings = loaded(LIVE, environment=KEYS)
    [problem] = check_against_rules(settings, {"DOGEUSDT": instrument("DOGE", "USDT", least="50")})
    assert str(problem).splitlines()[0] == (
        "test.toml:14:1: strategies.doge.order_amount: "
        "40 DOGE is below DOGEUSDT's minimum of 50 DOGE"
    )


def test_a_configuration_behind_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text(PAPER)
    (tmp_path / "link.toml").symlink_to(tmp_path / "real.toml")
    assert load(str(tmp_path / "link.toml"), [], {}).venue.simulated


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    expected = {
        str(tmp_path / "missing.toml"): "cannot be read: No such file or directory",
        str(tmp_path): "cannot be read: Is a directory",
        str(pipe): "cannot be read: it is not a regular file",
        "nul\0": "cannot be read: .*embedded null",
    }
    for path, said in expected.items():
        with pytest.raises(ConfigurationProblems, match=said):
            load(path, [], {})


def test_a_file_of_absurd_size_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 11)
    with pytest.raises(OSError, match="larger than 10 bytes"):
        DiskFiles(size_max=10).read(str(large))


def test_the_disk_tells_who_may_read_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"x")
    secret.chmod(0o600)
    assert DISK.read(str(secret)).mode == 0o600
