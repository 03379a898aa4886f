"""
The process that draws the live picture, so that a held terminal does not hold the engine.

The process reads the log on its standard input, asks the engine's socket for the rest, and ends
with its input: however the engine ends, the terminal is as it was before.
"""

import contextlib
import datetime as dt
import json
import math
import sys
import threading
from pathlib import Path

import trio
from rich.console import Console, Group
from rich.live import Live

from actors.net.local_network import LocalNetwork
from engine.control.client import Refused, conversation
from engine.control.protocol import Ask, Request
from engine.environment.world import World, real_world
from engine.logs.standard_streams import say
from engine.picture.events import GOODBYE, Recent
from engine.picture.picture import Json, Scene, picture
from engine.process.terminal_suspend import set_suspend_character
from trading.core.errors import Outage

_REFRESH_S = 0.5
_ANSWER_S = 5.0
_PAUSE_S = 0.2


class _Feed:
    """The log and status received so far; a thread reads, for drawing may have to wait."""

    def __init__(self) -> None:
        self.recent = Recent()
        self.status: Json | None = None
        self.answered_at = -math.inf
        self.said_goodbye = False
        self.ended = threading.Event()

    def read(self) -> None:
        """Read the log until it ends."""
        with contextlib.suppress(OSError):
            for line in sys.stdin:
                with contextlib.suppress(ValueError):
                    self._take(json.loads(line))
        self.ended.set()

    def _take(self, entry: Json) -> None:
        if entry.get("event") == GOODBYE:
            self.said_goodbye = True
        else:
            self.recent.add(entry)


async def _ask(feed: _Feed, socket_path: str, local: LocalNetwork) -> None:
    """Fetch the newest status again and again, over one connection for as long as it lasts."""
    while True:
        with contextlib.suppress(Outage, Refused, trio.TooSlowError):
            async with conversation(local, socket_path) as spoken:
                while True:
                    with trio.fail_after(_ANSWER_S):
                        reply = await spoken.ask(Request(ask=Ask.STATUS))
                    feed.status = reply.content[Ask.STATUS.value]
                    feed.answered_at = trio.current_time()
                    await trio.sleep(_REFRESH_S)
        await trio.sleep(_PAUSE_S)


async def _draw(feed: _Feed, socket_path: str, log: str) -> None:
    world = real_world(seed=0)
    console = Console(highlight=False, markup=False, emoji=False)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_ask, feed, socket_path, world.local)
        with Live(console=console, auto_refresh=False, screen=True) as screen:
            while not feed.ended.is_set():
                silent_s = trio.current_time() - feed.answered_at
                scene = Scene(
                    status=feed.status,
                    silent_s=silent_s,
                    fills=feed.recent.fills,
                    events=feed.recent.events,
                    clock=_clock(world),
                    log=log,
                    page=_page(socket_path),
                )
                screen.update(Group(*picture(scene, *console.size)), refresh=True)
                await trio.to_thread.run_sync(feed.ended.wait, _REFRESH_S, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()


def _page(socket_path: str) -> str:
    """The address that `engine web` keeps beside the door, while it runs."""
    try:
        return Path(socket_path).with_name("web").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _clock(world: World) -> str:
    moment = dt.datetime.fromtimestamp(world.wall_clock() // 10**9, dt.UTC)
    return f"{moment:%H:%M:%S} UTC"


def main() -> None:
    """
    Draw until the input ends: ``python -m engine.picture.process DOOR LOG SUSPENDS``.

    ``SUSPENDS`` is the number of the terminal's suspend character, to restore if the engine is
    killed.
    """
    socket_path, log, suspends = sys.argv[1:]
    feed = _Feed()
    threading.Thread(target=feed.read, name="log", daemon=True).start()
    trio.run(_draw, feed, socket_path, log)
    if not feed.said_goodbye:
        set_suspend_character(int(suspends) if suspends else None)
        where = f"; the log is {log}" if log else ""
        say(f"engine: ended at once; orders may still be open{where}\n", error=True)


if __name__ == "__main__":
    main()
