"""The destinations of a command's log: the console and the file."""

import os
import sys
from collections.abc import Sequence

from config.credentials import Secret
from config.sections.log import LogSettings
from config.settings import Settings
from engine.environment.state_folder import socket_name
from engine.environment.world import World
from engine.logs.files import RotatingFile, Rotation
from engine.logs.folding import Folding
from engine.logs.lines import coloured_line, json_line, plain_line
from engine.logs.setup import Logs, Verbosity, configure_logs
from engine.logs.standard_streams import plain_stream
from engine.logs.writer_thread import write_in_a_thread
from engine.picture.console import PictureStream


def start_logs(
    settings: Settings,
    world: World,
    file: RotatingFile | None,
    verbosity: Verbosity,
    picture: PictureStream | None = None,
    secrets: Sequence[Secret] = (),
) -> Logs:
    """
    Send the log to stderr, and to a file if there is one, without the settings' secrets.

    Args:
        settings: Say what is secret, and how much the file is to hold.
        world: Has the clock.
        file: Where it goes as JSON lines.
        verbosity: The least that the console shows.
        picture: Shows it in place of stderr.
        secrets: Further ones, beside the venue's key.
    """
    credentials = settings.credentials
    key = () if credentials is None else (credentials.api_key, credentials.api_secret)
    return configure_logs(
        console=picture or plain_stream(sys.stderr),
        file=file,
        wall_clock=world.wall_clock,
        verbosity=verbosity,
        file_level=settings.log.level,
        colour=coloured(),
        render=json_line if picture else None,
        # A verbose console shows every entry.
        fold=None if picture or verbosity is Verbosity.VERBOSE else Folding(),
        secrets=(*key, *secrets),
        start_writer=write_in_a_thread,
        ear=world.ear,
    )


def coloured() -> bool:
    """Whether the console understands ANSI colours."""
    return sys.stderr is not None and sys.stderr.isatty() and "NO_COLOR" not in os.environ


def picture_stream(settings: Settings, log_path: str | None) -> PictureStream | None:
    """A picture of the run, where there is a terminal to draw it on; else ``None``."""
    plain, out = plain_stream(sys.stderr), sys.stdout
    terminal = sys.stderr is not None and sys.stderr.isatty() and out is not None and out.isatty()
    if plain is None or not terminal or os.environ.get("TERM", "dumb") == "dumb":
        return None
    return PictureStream(
        socket_path=socket_name(settings.engine),
        log=log_path or "",
        plain=plain,
        render=coloured_line if coloured() else plain_line,
    )


def rotation(log: LogSettings) -> Rotation:
    """When a log's file is begun anew, and how many are kept."""
    return Rotation(size_max=log.rotate_mb * 1_000_000, keep=log.keep)
