"""One engine on a state directory and one on a key."""

import errno
import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from config.credentials import Credentials, Secret
from config.settings import Settings
from engine.environment.key_lock import held_by_a_file, sole_key
from engine.environment.locks import NoLock, sole_engine, sole_engine_or_no_folder, sole_state
from tests.support.whole_engine import paper_settings
from trading.core.errors import Fatal, FatalReason


def settings_at(folder: Path, key: str | None = None) -> Settings:
    settings = paper_settings(f"engine.state_directory={folder}")
    if key is None:
        return settings
    credentials = Credentials(api_key=Secret(key), api_secret=Secret("s"), subaccount_id=None)
    return attrs.evolve(settings, credentials=credentials)


def test_a_state_directory_is_held_once_and_the_holder_is_named(
    tmp_path: Path,
) -> None:
    settings = settings_at(tmp_path / "state")
    with sole_engine(settings):
        with (
            pytest.raises(Fatal, match=f"pid {os.getpid()}, engine paper") as caught,
            sole_engine(settings),
        ):
            raise AssertionError("two engines run")
        assert caught.value.reason is FatalReason.ALREADY_RUNNING
    with sole_engine(settings):
        pass  # whoever comes after the end is welcome, though the file is still there


def test_a_key_is_held_once_whatever_the_state_directory(
    tmp_path: Path,
) -> None:
    one, two = (settings_at(tmp_path / name, "key-1") for name in ("one", "two"))
    other = settings_at(tmp_path / "two", "key-2")
    with sole_engine(one):
        with pytest.raises(Fatal, match="API key is held"), sole_engine(two):
            raise AssertionError("two engines run")
        with sole_engine(other):
            pass  # what a refused one held before it was refused is free again


def test_locks_are_private_and_no_child_inherits_them(
    tmp_path: Path,
) -> None:
    with sole_engine(settings_at(tmp_path / "state", "key")):
        links = [link for link in Path("/proc/self/fd").iterdir() if link.exists()]
        locks = [int(link.name) for link in links if link.resolve().is_relative_to(tmp_path)]
        assert len(locks) == 1
        assert all(fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC for fd in locks)
    lock = tmp_path / "state" / "paper" / "lock"
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert stat.S_IMODE(lock.parent.stat().st_mode) == 0o700


def test_a_key_is_held_whatever_the_environment_and_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding = (
        "from engine.environment.key_lock import sole_key\n"
        "with sole_key('key-1', ''): print('held', flush=True); input()"
    )
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", holding],
        cwd="/",
        env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "HOME": "/nowhere"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        with (
            pytest.raises(Fatal, match=f"pid {other.pid}: .*python -c from") as caught,
            sole_engine(settings_at(tmp_path / "state", "key-1")),
        ):
            raise AssertionError("two engines run")
        assert caught.value.reason is FatalReason.ALREADY_RUNNING
        other.kill()
    with sole_engine(settings_at(tmp_path / "state", "key-1")):
        pass  # a lock ends with its process, however that ended


def test_exchanges_of_this_machine_have_keys_of_their_own_and_real_ones_do_not() -> None:
    with sole_key("key-9", "http://127.0.0.1:1"), sole_key("key-9", "http://127.0.0.1:2"):
        pass
    with (
        sole_key("key-9", "https://one.example"),
        pytest.raises(Fatal, match="is held"),
        sole_key("key-9", "https://two.example"),
    ):
        raise AssertionError("two engines run")


def test_where_the_kernel_has_no_such_names_a_file_in_the_home_holds_a_key(tmp_path: Path) -> None:
    path = tmp_path / "home" / "key.lock"
    with held_by_a_file(path), pytest.raises(Fatal, match="is held"), held_by_a_file(path):
        raise AssertionError("two engines run")
    with held_by_a_file(path):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(Fatal, match="cannot be made"), held_by_a_file(tmp_path / "file" / "lock"):
        raise AssertionError("it was made")


@pytest.mark.skipif(os.getuid() != 0, reason="only root may act on what others own")
def test_what_root_makes_in_a_users_folder_is_that_users(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    os.chown(tmp_path / "state", 12345, 12345)
    with sole_state(settings_at(tmp_path / "state").engine):
        made = [tmp_path / "state" / "paper", tmp_path / "state" / "paper" / "lock"]
        assert [path.stat().st_uid for path in made] == [12345, 12345]


def test_a_link_in_the_place_of_a_lock_is_refused(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "state" / "paper"
    folder.mkdir(parents=True)
    (tmp_path / "precious").write_text("mine")
    (folder / "lock").symlink_to(tmp_path / "precious")
    with (
        pytest.raises(Fatal, match="cannot be made") as caught,
        sole_engine(settings_at(tmp_path / "state")),
    ):
        raise AssertionError("it was taken")
    assert caught.value.reason is FatalReason.LEDGER
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_lock_that_can_only_be_read_still_shows_who_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(_folder: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    engine = settings_at(tmp_path / "state").engine
    with sole_state(engine):
        monkeypatch.setattr("engine.environment.locks.make_private", read_only)
        with pytest.raises(Fatal, match="is held by another engine"), sole_state(engine):
            raise AssertionError("two engines run")
    with pytest.raises(NoLock, match="let this user write there"), sole_state(engine):
        raise AssertionError("it was made")


def test_what_is_in_the_way_of_a_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    settings = settings_at(tmp_path / "state")
    with pytest.raises(NoLock, match="state is no folder"), sole_state(settings.engine):
        raise AssertionError("it was made")
    with sole_engine_or_no_folder(settings) as trouble:
        assert "state is no folder" in trouble


def test_whoever_holds_the_key_is_shown_by_the_end_of_its_command_line(tmp_path: Path) -> None:
    holding = (
        "from engine.environment.key_lock import sole_key\n"
        "with sole_key('key-7', ''): print('held', flush=True); input()"
    )
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", holding, "x" * 300, "config/live.toml"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with (
            pytest.raises(Fatal, match=r"pid \d+: \.\.\..*config/live\.toml\)"),
            sole_engine(settings_at(tmp_path / "state", "key-7")),
        ):
            raise AssertionError("two engines run")
        other.kill()
