"""Paths in a configuration lead to the same place, whichever folder one stands in."""

from pathlib import Path

import pytest

from config.load.loading import load
from config.load.reading import load_engine, load_log
from config.source.problems import ConfigurationProblems
from tests.config.loaded import INSTRUMENTS, LIVE, PAPER

API_KEY, API_SECRET = "k" * 20, "s" * 20


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration is; one stands somewhere else."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "etc").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "etc"


def test_state_log_and_recordings_begin_at_the_configurations_folder(folder: Path) -> None:
    (folder / "market.gz").write_bytes(b"")
    (folder / "paper.toml").write_text(PAPER)
    overrides = (
        *("engine.state_directory=../var/state", "log.file=logs/p.jsonl"),
        *("simulator.flow=recording", "simulator.recording=market.gz"),
    )
    settings = load(str(folder / "paper.toml"), overrides, {}, simulated_pairs=lambda: INSTRUMENTS)
    assert settings.engine.state_directory == str(folder.parent / "var" / "state")
    assert settings.log.file == str(folder / "logs" / "p.jsonl")
    assert settings.simulator.recording == (str(folder / "market.gz"),)


def test_it_is_the_same_folder_by_another_name_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "paper.toml").write_text(PAPER)
    (folder.parent / "link").symlink_to(folder)
    names = [str(folder / "paper.toml"), "../etc/paper.toml", "../link/paper.toml"]
    found = {load_engine(name, []).state_directory for name in names}
    monkeypatch.chdir(folder)
    found.add(load_engine("paper.toml", []).state_directory)
    assert found == {str(folder / "state")}


def test_keys_are_read_from_beside_the_configuration_too(folder: Path) -> None:
    text = LIVE.replace('env = "VALR_API_KEY"', 'file = "key"')
    (folder / "live.toml").write_text(text.replace('env = "VALR_API_SECRET"', 'file = "~/secret"'))
    (folder.parent / "home").mkdir()
    for path, content in ((folder / "key", API_KEY), (folder.parent / "home/secret", API_SECRET)):
        path.write_text(content)
        path.chmod(0o600)
    credentials = load(str(folder / "live.toml"), [], {}).credentials
    assert credentials is not None
    assert (credentials.api_key.reveal(), credentials.api_secret.reveal()) == (API_KEY, API_SECRET)


def test_a_tilde_is_the_home_and_one_that_nobody_has_is_refused(folder: Path) -> None:
    (folder / "paper.toml").write_text(PAPER)
    name = str(folder / "paper.toml")
    home = str(folder.parent / "home")
    assert load_engine(name, ["engine.state_directory=~/s"]).state_directory == f"{home}/s"
    assert load_log(name, ["log.file=~/l.jsonl"]).file == f"{home}/l.jsonl"
    with pytest.raises(ConfigurationProblems, match=r"engine\.state_directory.*not known here"):
        load_engine(name, ["engine.state_directory=~nobody-of-that-name/s"])
    with pytest.raises(ConfigurationProblems, match=r"log\.file.*not known here"):
        load_log(name, ["log.file=~nobody-of-that-name/l"])


def test_state_that_an_engine_kept_in_the_working_directory_is_not_forgotten(folder: Path) -> None:
    (folder / "paper.toml").write_text(PAPER)
    former = Path.cwd() / "state" / "paper"
    former.mkdir(parents=True)
    (former / "ledger.sqlite").write_bytes(b"")
    with pytest.raises(ConfigurationProblems) as caught:
        load_engine(str(folder / "paper.toml"), [])
    assert f"mv {former} {folder}/state/" in str(caught.value)
    (folder / "state").mkdir()
    former.rename(folder / "state" / "paper")
    engine = load_engine(str(folder / "paper.toml"), [])
    assert engine.state_directory == str(folder / "state")
