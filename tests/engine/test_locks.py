"""One engine on a state directory and one on a key."""

import fcntl
import os
import stat
from pathlib import Path

import attrs
import pytest

from config.credentials import Credentials, Secret
from config.settings import Settings
from engine.locks import sole_engine
from tests.support.whole_engine import paper_settings
from trading.errors import Fatal, FatalReason


def settings_at(folder: Path, key: str | None = None) -> Settings:
    settings = paper_settings(f"engine.state_directory={folder}")
    if key is None:
        return settings
    credentials = Credentials(api_key=Secret(key), api_secret=Secret("s"), subaccount_id=None)
    return attrs.evolve(settings, credentials=credentials)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_RUNTIME_DIR": str(tmp_path / "run")}


def test_a_state_directory_is_held_once_and_the_holder_is_named(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    settings = settings_at(tmp_path / "state")
    with sole_engine(settings, environment):
        with (
            pytest.raises(Fatal, match=f"pid {os.getpid()}, engine paper") as caught,
            sole_engine(settings, environment),
        ):
            raise AssertionError("two engines run")
        assert caught.value.reason is FatalReason.ALREADY_RUNNING
    with sole_engine(settings, environment):
        pass  # whoever comes after the end is welcome, though the file is still there


def test_a_key_is_held_once_whatever_the_state_directory(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    one, two = (settings_at(tmp_path / name, "key-1") for name in ("one", "two"))
    other = settings_at(tmp_path / "two", "key-2")
    with sole_engine(one, environment):
        with pytest.raises(Fatal, match="API key is held"), sole_engine(two, environment):
            raise AssertionError("two engines run")
        with sole_engine(other, environment):
            pass  # what a refused one held before it was refused is free again
    names = [path.name for path in (tmp_path / "run" / "quotewright").iterdir()]
    assert len(names) == 2
    assert all(name.startswith("key-") and "key-1" not in name for name in names)


def test_locks_are_private_and_no_child_inherits_them(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with sole_engine(settings_at(tmp_path / "state", "key"), environment):
        links = [link for link in Path("/proc/self/fd").iterdir() if link.exists()]
        locks = [int(link.name) for link in links if link.resolve().is_relative_to(tmp_path)]
        assert len(locks) == 2
        assert all(fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC for fd in locks)
    lock = tmp_path / "state" / "paper" / "lock"
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "run" / "quotewright").stat().st_mode) == 0o700


def test_without_a_runtime_folder_the_temporary_one_is_used_with_the_users_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with sole_engine(settings_at(tmp_path / "state", "key"), {}):
        assert len(list((tmp_path / f"quotewright-{os.getuid()}").iterdir())) == 1


def test_a_link_in_the_place_of_a_lock_is_refused(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    folder = tmp_path / "state" / "paper"
    folder.mkdir(parents=True)
    (tmp_path / "precious").write_text("mine")
    (folder / "lock").symlink_to(tmp_path / "precious")
    with (
        pytest.raises(Fatal, match="cannot be made") as caught,
        sole_engine(settings_at(tmp_path / "state"), environment),
    ):
        raise AssertionError("it was taken")
    assert caught.value.reason is FatalReason.LEDGER
    assert (tmp_path / "precious").read_text() == "mine"
