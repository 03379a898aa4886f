"""
Reports the engine's state to a service manager: sd_notify, a datagram to ``$NOTIFY_SOCKET``.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import re
import socket
from collections.abc import Mapping

import structlog
import trio

log = structlog.get_logger()

_MICROSECONDS = 1_000_000
_MICROSECONDS_TEXT = re.compile(r"[0-9]{1,18}")
_STATUS_LENGTH_MAX = 200


class ServiceManager:
    """
    The service manager that started this process, if one did.

    A report never waits and never fails the engine; one that is not taken is dropped.

    Args:
        environment: ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` as systemd sets them.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self.watchdog_s = _watchdog_s(environment)

    @property
    def listens(self) -> bool:
        """Whether there is a service manager."""
        return self._address is not None

    def ready(self) -> None:
        self._tell("READY=1")

    def status(self, text: str) -> None:
        self._tell(f"STATUS={_one_line(text)}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    async def stay_alive(self) -> None:
        """Report that the loop runs, twice as often as the manager asks for, until cancelled."""
        if self._address is None or self.watchdog_s is None:
            return
        while True:
            self._tell("WATCHDOG=1")
            await trio.sleep(self.watchdog_s / 2)

    def _tell(self, message: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto(message.encode(), self._address)
        except OSError as error:
            log.debug("service_manager_untold", message=message, cause=str(error))


def _address(path: str) -> str | None:
    """The socket's address; an @ stands for the zero byte of an abstract one."""
    if not path.startswith(("/", "@")):
        return None
    return "\0" + path[1:] if path.startswith("@") else path


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    """Seconds after which a silent process is ended; ``None`` without a watchdog."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    meant_for = environment.get("WATCHDOG_PID", str(os.getpid()))
    if not _MICROSECONDS_TEXT.fullmatch(microseconds) or meant_for != str(os.getpid()):
        return None
    return int(microseconds) / _MICROSECONDS or None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_STATUS_LENGTH_MAX]
