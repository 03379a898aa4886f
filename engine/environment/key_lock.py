"""
The lock of an API key: one engine on this machine holds it, of any user or environment.

On Linux the lock is a name in the kernel (an abstract Unix socket, unix(7)), so that no folder has
to be agreed upon: services have private temporary folders, no home and no XDG_RUNTIME_DIR, logins
have all of them. It ends with the process that holds it. Elsewhere it is a file in the user's home
as the system knows it. Containers with networks of their own do not see each other's.
"""

import fcntl
import hashlib
import os
import platform
import pwd
import socket
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from config.source.problems import printable, redacted
from engine.storage.private_folder import make_private
from trading.core.errors import Fatal, FatalReason

_DIGITS_OF_KEY = 32
_BACKLOG = 4096
"""Each process that asks for the holder stays in this queue; once full, the holder has no name."""
_SHOWN_MAX = 160
_CREDENTIALS = struct.Struct("3i")


def sole_key(key: str, origin: str) -> AbstractContextManager[None]:
    """
    Hold a key for as long as this context is open.

    Args:
        origin: The venue's address. It tells apart only simulated exchanges on this machine, whose
            keys are made up; a real venue's key is the same one by whichever address.

    Raises:
        Fatal: Another engine holds it, or it cannot be held.
    """
    place = "" if origin.startswith("https://") else origin
    digest = hashlib.sha256(f"{key}\n{place}".encode()).hexdigest()[:_DIGITS_OF_KEY]
    if platform.system() == "Linux":
        return held_in_the_kernel(digest)
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    return held_by_a_file(home / ".quotewright" / f"key-{digest}.lock")


@contextmanager
def held_in_the_kernel(digest: str) -> Iterator[None]:
    """Hold a name that only one process of this machine can have."""
    name = f"\0quotewright/key/{digest}"
    try:
        held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except OSError as error:
        raise _impossible(error, "allow the engine Unix sockets (AF_UNIX)") from error
    with held:
        try:
            held.bind(name)
        except OSError as error:
            raise _taken(_holder(name)) from error
        held.listen(_BACKLOG)
        yield


@contextmanager
def held_by_a_file(path: Path) -> Iterator[None]:
    """The same where the kernel has no such names: for one user's processes."""
    try:
        make_private(path.parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _impossible(error, f"let the engine write {path.parent}") from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _taken(f"lock {path}") from error
        yield
    finally:
        os.close(file)


def _impossible(error: OSError, cure: str) -> Fatal:
    return Fatal(
        f"the lock of the venue's API key cannot be made: {error.strerror or error};"
        f" nothing was started: {cure}",
        FatalReason.LEDGER,
    )


def _taken(holder: str) -> Fatal:
    return Fatal(
        f"the venue's API key is held by another engine ({holder});"
        " nothing was started: stop that one first",
        FatalReason.ALREADY_RUNNING,
    )


def _holder(name: str) -> str:
    """The process that holds a name, and its command line; the kernel knows the process."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.setblocking(False)
            asking.connect(name)
            told = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        pid, _, _ = _CREDENTIALS.unpack(told)
    except OSError:
        return "a process that is not known"
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except (OSError, UnicodeDecodeError):
        line = ""
    return f"pid {pid}: {_end_of(line)}" if line else f"pid {pid}"


def _end_of(line: str) -> str:
    """The end of a command line, which tells engines apart: the configuration stands there."""
    shown = printable(redacted(line))  # before it is cut: half a key would not be recognised
    return shown if len(shown) <= _SHOWN_MAX else f"...{shown[-_SHOWN_MAX:]}"
