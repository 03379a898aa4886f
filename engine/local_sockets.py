"""Unix sockets in a folder that only this user may enter."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import attrs
import trio
from typing_extensions import override

from engine.private_folder import make_private
from engine.runtime_folder import runtime_folder
from trading.errors import Outage

_BACKLOG = 8


@attrs.frozen
class UnixSockets:
    """
    The real local network.

    Args:
        environment: Says where this user's processes keep such things (``XDG_RUNTIME_DIR``).
    """

    environment: Mapping[str, str]

    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        path = self._path(name)
        try:
            make_private(path.parent)
            path.unlink(missing_ok=True)
            # Nobody gets past the folder before the socket has its permissions.
            bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                bound.bind(str(path))
                path.chmod(0o600)
                bound.listen(_BACKLOG)
            except BaseException:
                bound.close()
                raise
        except OSError as error:
            raise Outage(f"the socket {path} cannot be made: {error}") from error
        return _UnixListener(trio.SocketListener(trio.socket.from_stdlib_socket(bound)), path)

    async def connect(self, name: str) -> trio.abc.Stream:
        path = self._path(name)
        try:
            return await trio.open_unix_socket(os.fspath(path))
        except OSError as error:
            raise Outage(f"nobody answers at {path}: {error}") from error

    def _path(self, name: str) -> Path:
        return runtime_folder(self.environment) / f"{name}.sock"


@attrs.frozen
class _UnixListener(trio.abc.Listener[trio.abc.Stream]):
    """A listener whose name goes with it."""

    listener: trio.SocketListener
    path: Path

    @override
    async def accept(self) -> trio.abc.Stream:
        return await self.listener.accept()

    @override
    async def aclose(self) -> None:
        self.path.unlink(missing_ok=True)
        await self.listener.aclose()
