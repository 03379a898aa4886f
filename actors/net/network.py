"""The network's interface, and the real one: byte streams to and from addresses."""

from collections.abc import Callable
from typing import Protocol

import attrs
import trio

from trading.core.errors import Outage


@attrs.frozen
class Listening:
    """A bound address: the port that was really given, and the listeners to serve."""

    port: int
    listeners: tuple[trio.abc.Listener[trio.abc.Stream], ...]


class Network(Protocol):
    """The engine's interface to a network, real or simulated."""

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        """
        Open a byte stream.

        Raises:
            Outage: No connection comes about.
        """
        ...

    async def listen(self, host: str, port: int) -> Listening:
        """
        Bind an address; port 0 takes any free one.

        Raises:
            Outage: The address cannot be bound.
        """
        ...


@attrs.frozen
class TcpNetwork:
    """The network of this machine."""

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        try:
            return await trio.open_tcp_stream(host, port)
        except OSError as error:
            raise Outage(f"cannot connect to {host}:{port}: {error}") from error

    async def listen(self, host: str, port: int) -> Listening:
        try:
            listeners = await trio.open_tcp_listeners(port, host=host)
        except OSError as error:
            raise Outage(f"cannot listen on {host}:{port}: {error}") from error
        return Listening(listeners[0].socket.getsockname()[1], tuple(listeners))


@attrs.frozen(kw_only=True)
class Address:
    """The address of a venue's interface."""

    host: str
    port: int
    tls: bool

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them: a scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == own_port(tls=self.tls) else f"{host}:{self.port}"


def own_port(*, tls: bool) -> int:
    """The port of a scheme where none is named."""
    return 443 if tls else 80


AddressSource = Callable[[], Address]
"""Asked at every connection; raises ``Outage`` while the address is not known yet."""
