"""
One engine on a state directory and one on a key: whoever comes second is told who was first.

The locks are flock's: they end with the process that holds them, so a file left behind by a crash
means nothing. (flock is not sure to hold between machines that share a network disk.)
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.settings import EngineSettings, Settings
from engine.ledger_session import state_folder
from engine.private_folder import make_private
from engine.runtime_folder import runtime_folder
from trading.errors import Fatal, FatalReason

_DIGITS_OF_KEY = 16
_DIGITS_OF_FOLDER = 8
_OWNER_LENGTH_MAX = 200


@contextmanager
def sole_engine(settings: Settings, environment: Mapping[str, str]) -> Iterator[None]:
    """
    Hold everything that only one engine may hold, for as long as this context is open.

    Args:
        environment: Says where this user's processes keep their locks (``XDG_RUNTIME_DIR``).

    Raises:
        Fatal: Another engine holds one of them, or a lock file cannot be made.
    """
    with ExitStack() as held:
        held.enter_context(sole_state(settings.engine))
        if settings.credentials is not None:
            key = settings.credentials.api_key.reveal()
            digest = hashlib.sha256(key.encode()).hexdigest()[:_DIGITS_OF_KEY]
            path = runtime_folder(environment) / f"key-{digest}.lock"
            held.enter_context(_locked(path, "the venue's API key", settings.engine))
        yield


def door_name(engine: EngineSettings) -> str:
    """
    The name of an engine's door: its own, and its state directory's.

    Whoever holds the state directory's lock is the only one to open this door, so that one left
    behind can be replaced; two engines of one name in two directories have two doors.
    """
    folder = str(state_folder(engine).resolve())
    return f"{engine.name}-{hashlib.sha256(folder.encode()).hexdigest()[:_DIGITS_OF_FOLDER]}"


@contextmanager
def sole_state(engine: EngineSettings) -> Iterator[None]:
    """
    Hold an engine's state directory: it does not run for as long as this context is open.

    Raises:
        Fatal: It runs, or the lock file cannot be made.
    """
    folder = state_folder(engine)
    with _locked(folder / "lock", f"the state directory {folder}", engine):
        yield


@contextmanager
def _locked(path: Path, what: str, engine: EngineSettings) -> Iterator[None]:
    owner = f"pid {os.getpid()}, engine {engine.name}\n"
    try:
        make_private(path.parent)
        # Not inherited by children (Python's default), nor led elsewhere by a link.
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Fatal(
            f"the lock {path} cannot be made: {error.strerror or error}; nothing was started",
            FatalReason.LEDGER,
        ) from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            first = os.pread(file, _OWNER_LENGTH_MAX, 0).decode("utf-8", "replace").strip()
            raise Fatal(
                f"{what} is held by another engine ({first or 'unknown'}; lock {path});"
                " nothing was started: stop that one first",
                FatalReason.ALREADY_RUNNING,
            ) from error
        os.ftruncate(file, 0)
        os.pwrite(file, owner.encode(), 0)
        yield
    finally:
        os.close(file)
