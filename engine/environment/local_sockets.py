"""Unix sockets by path, each in a folder that only this user may enter."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import attrs
import trio
from typing_extensions import override

from engine.storage.private_folder import give_to_its_owner, make_private
from trading.core.errors import Outage

_BACKLOG = 128
_PATH_LENGTH_MAX = 100
"""Bytes of a socket's path; the kernel takes 107 on Linux (unix(7)), 103 elsewhere."""


@attrs.frozen
class UnixSockets:
    """The real local network: a door's name is its path, whole, of any length."""

    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        path = Path(name)
        try:
            bound = _bound(path)
        except OSError as error:
            raise Outage(f"the socket {path} cannot be made: {error}") from error
        return _UnixListener(trio.SocketListener(trio.socket.from_stdlib_socket(bound)), path)

    async def connect(self, name: str) -> trio.abc.Stream:
        try:
            with _short(Path(name)) as address:
                return await trio.open_unix_socket(address)
        except OSError as error:
            raise Outage(f"nobody answers at {name}: {error.strerror or error}") from error


def _bound(path: Path) -> socket.socket:
    make_private(path.parent)
    path.unlink(missing_ok=True)
    # The folder keeps other users out until the socket has its permissions.
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as address:
            bound.bind(address)
        path.chmod(0o600)
        give_to_its_owner(path)
        bound.listen(_BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of this path that is short enough; for a long path, by way of its open folder."""
    if len(os.fsencode(path)) <= _PATH_LENGTH_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@attrs.frozen
class _UnixListener(trio.abc.Listener[trio.abc.Stream]):
    """A listener that removes its path when it is closed."""

    listener: trio.SocketListener
    path: Path

    @override
    async def accept(self) -> trio.abc.Stream:
        return await self.listener.accept()

    @override
    async def aclose(self) -> None:
        self.path.unlink(missing_ok=True)
        await self.listener.aclose()
