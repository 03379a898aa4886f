"""Doors for other processes of this user on this machine, by name; tests have them in memory."""

from typing import Protocol

import trio


class LocalNetwork(Protocol):
    """What an engine and the commands that talk to it need."""

    async def listen(self, name: str) -> trio.abc.Listener[trio.abc.Stream]:
        """
        Open a door, in the place of one that a process left behind; closing it takes it away.

        Raises:
            Outage: It cannot be opened.
        """
        ...

    async def connect(self, name: str) -> trio.abc.Stream:
        """
        Go through a door.

        Raises:
            Outage: Nobody is behind it.
        """
        ...
