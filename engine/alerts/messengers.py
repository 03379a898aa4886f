"""The destinations of messages, each of which sends by a process of its own."""

import importlib.util
import json
import subprocess
import sys

import attrs
import trio

from config.credentials import Secret
from config.source.problems import Refused, printable, redacted
from engine.alerts.delivery import INSTALL, NO_APPRISE

COMMAND = (sys.executable, "-m", "engine.alerts.delivery")


@attrs.frozen(kw_only=True)
class ProcessMessenger:
    """
    Sends each message by a process that ends with it.

    Whatever that does, it holds up no loop, and the engine does not even import it.
    """

    address: Secret
    command: tuple[str, ...] = COMMAND

    @property
    def name(self) -> str:
        return self.address.reveal().partition("://")[0][:20]

    async def send(self, title: str, body: str) -> str:
        return await self._asked({"title": title, "body": body})

    async def look(self) -> str:
        """Have the address read, and nothing sent; why it could not be used, if so."""
        return await self._asked({})

    async def _asked(self, message: dict[str, str]) -> str:
        asked = {"url": self.address.reveal(), **message}
        try:
            ended = await trio.run_process(
                self.command,
                stdin=json.dumps(asked).encode(),
                capture_stdout=True,
                capture_stderr=True,
                check=False,
                start_new_session=True,
            )
        except OSError as error:
            return f"no process could be started: {error.strerror}"
        return _trouble(ended)


def _trouble(ended: "subprocess.CompletedProcess[bytes]") -> str:
    try:
        return redacted(printable(str(json.loads(ended.stdout)["trouble"])))
    except (ValueError, KeyError, TypeError):
        # Not what it printed: a traceback may show an address.
        return f"what sends messages ended with {ended.returncode} and no answer"


def require_sender() -> None:
    """
    Have what sends messages installed.

    Raises:
        Refused: It is not.
    """
    if importlib.util.find_spec("apprise") is None:
        raise Refused(NO_APPRISE, INSTALL)
