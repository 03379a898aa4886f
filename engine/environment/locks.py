"""
Locks: one engine on a state directory and one on a key; a second one is told who holds it.

The locks do not depend on the environment or the working directory. The lock of a state directory
is a file in it, held with flock: it ends with the process that holds it, so a file left behind by a
crash means nothing. (flock is not sure to hold between machines that share a network disk.)
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

from config.sections.engine import EngineSettings
from config.settings import Settings
from engine.environment.key_lock import sole_key
from engine.environment.state_folder import state_folder
from engine.storage.private_folder import give_to_its_owner, in_the_way, make_private
from trading.core.errors import Fatal, FatalReason

_OWNER_LENGTH_MAX = 200


class NoLock(Fatal):
    """The lock of a state directory cannot be made, and no other engine seems to hold it."""


@contextmanager
def sole_engine(settings: Settings) -> Iterator[None]:
    """
    Hold everything that only one engine may hold, for as long as this context is open.

    Raises:
        Fatal: Another engine holds one of them, or a lock cannot be made.
    """
    with sole_state(settings.engine), _sole_key_of(settings):
        yield


@contextmanager
def sole_engine_or_no_folder(settings: Settings) -> Iterator[str]:
    """
    Hold what ``sole_engine`` holds, but do without a state directory that takes no lock.

    Orders must be cancelled even where the disk fails; the key's lock is held all the same.

    Yields:
        Why the state directory is not held; empty where it is.

    Raises:
        Fatal: Another engine holds one of them, or the key's lock cannot be made.
    """
    with ExitStack() as held:
        without = ""
        try:
            held.enter_context(sole_state(settings.engine))
        except NoLock as trouble:
            without = str(trouble)
        held.enter_context(_sole_key_of(settings))
        yield without


@contextmanager
def sole_state(engine: EngineSettings) -> Iterator[None]:
    """
    Hold an engine's state directory: the engine cannot run while this context is open.

    Raises:
        Fatal: It runs, or the lock file cannot be made.
    """
    folder = state_folder(engine)
    with _locked(folder / "lock", f"the state directory {folder}", engine):
        yield


def _sole_key_of(settings: Settings) -> AbstractContextManager[None]:
    if settings.credentials is None:
        return nullcontext()
    return sole_key(settings.credentials.api_key.reveal(), settings.venue.rest_url or "")


@contextmanager
def _locked(path: Path, what: str, engine: EngineSettings) -> Iterator[None]:
    owner = f"pid {os.getpid()}, engine {engine.name}\n"
    try:
        make_private(path.parent)
        # Not inherited by children (Python's default), and no link is followed.
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        _require_nobody(path, what)
        raise NoLock(_no_lock(path, error), FatalReason.LEDGER) from error
    try:
        give_to_its_owner(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _held(file, path, what) from error
        os.ftruncate(file, 0)
        os.pwrite(file, owner.encode(), 0)
        yield
    finally:
        os.close(file)


def _require_nobody(path: Path, what: str) -> None:
    """Refuse where an engine holds the lock: it may run although its disk became read-only."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _held(file, path, what) from error
    except OSError:
        return
    finally:
        os.close(file)


def _held(file: int, path: Path, what: str) -> Fatal:
    first = os.pread(file, _OWNER_LENGTH_MAX, 0).decode("utf-8", "replace").strip()
    return Fatal(
        f"{what} is held by another engine ({first or 'unknown'}; lock {path});"
        " nothing was started: stop that one first",
        FatalReason.ALREADY_RUNNING,
    )


def _no_lock(path: Path, error: OSError) -> str:
    return (
        f"the lock {path} cannot be made: {in_the_way(path) or error.strerror or error}; let this"
        " user write there, or choose another engine.state_directory; nothing was started"
    )
