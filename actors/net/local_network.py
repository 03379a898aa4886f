"""Local sockets, by name, for other processes of this user on this machine; in memory for tests."""

from typing import Protocol

import trio


class LocalNetwork(Protocol):
    """The local sockets between an engine and the commands that talk to it."""

    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        """
        Open a socket, in place of one that a process left behind; closing it removes it.

        Raises:
            Outage: The socket cannot be opened.
        """
        ...

    async def connect(self, name: str) -> trio.abc.Stream:
        """
        Connect to a socket.

        Raises:
            Outage: No process listens there.
        """
        ...
