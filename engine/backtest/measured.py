"""How long orders of a recorded session took, from the frames of its account."""

import re
from collections.abc import Sequence
from pathlib import Path

from engine.backtest.refusal import NoBacktest
from engine.process.exit_codes import ExitCode
from engine.storage.session_folder import open_session
from trading.backtest.latency import Latency, Measured, parse_latency
from trading.core.forgetting import forget_oldest
from trading.recorded.noted import Part
from trading.recorded.replay import DamagedSession

_PLACING = re.compile(rb'"type":"PLACE_[A-Z_]*ORDER".*?"customerOrderId":"([^"]{1,50})"')
_NAMED = re.compile(rb'"customerOrderId":"([^"]{1,50})"')
_WAITING_MAX = 10_000
"""Orders without news that are remembered: those whose acknowledgement was lost."""


def latency_of(text: str) -> Latency:
    """
    A latency model by its text.

    Raises:
        NoBacktest: It is none, or its session cannot be read.
    """
    try:
        return parse_latency(text, lambda session: measured(Path(session)))
    except ValueError as error:
        raise NoBacktest(f"--latency: {error}", ExitCode.USAGE) from error


def measured(session: Path) -> Sequence[Measured]:
    """
    Half of the time from each order's departure by the socket to its first news, each way.

    Raises:
        NoBacktest: There is no such recording, or it is damaged.
        ValueError: No order of it was answered.
    """
    ways = _Ways()
    try:
        recorded = open_session(session)
        recorded.require(Part.ACCOUNT)
        for line in recorded.lines(Part.ACCOUNT, lambda _: None):
            at, _, rest = line.text.partition(b" ")
            if at.isdigit():
                ways.take(int(at), rest)
    except DamagedSession as damaged:
        raise NoBacktest(f"{session}: {damaged}", ExitCode.NO_INPUT) from damaged
    except OSError as error:
        raise NoBacktest(f"{session}: {error.strerror}", ExitCode.NO_INPUT) from error
    if not ways.samples:
        raise ValueError(f"no order of {session} was placed by the socket and answered")
    return sorted(ways.samples)


class _Ways:
    """Orders that have left, and how long those took that were heard of."""

    def __init__(self) -> None:
        self.samples: list[Measured] = []
        self._left: dict[bytes, int] = {}

    def take(self, now: int, said: bytes) -> None:
        """Take what was sent (``>``) or heard (``<``) at a moment."""
        if said.startswith(b">") and (placed := _PLACING.search(said)):
            self._left[placed[1]] = now
            forget_oldest(self._left, _WAITING_MAX)
        elif said.startswith(b"<") and self._left:
            for name in _NAMED.findall(said):
                departed = self._left.pop(name, now)
                if departed < now:
                    half = max(1, (now - departed) // 2)
                    self.samples.append(Measured(departed, half, half))
