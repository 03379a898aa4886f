"""Where the log of a command goes."""

import os
import sys

from config.settings import LogSettings, Settings
from engine.line_writer import write_in_a_thread
from engine.log_file import RotatingFile, Rotation
from engine.logs import Logs, Verbosity, configure_logs
from engine.standard_streams import plain_stream
from engine.world import World


def start_logs(
    settings: Settings, world: World, file: RotatingFile | None, verbosity: Verbosity
) -> Logs:
    """Send the log to stderr, and to a file if there is one, without the settings' secrets."""
    credentials = settings.credentials
    secrets = () if credentials is None else (credentials.api_key, credentials.api_secret)
    return configure_logs(
        console=plain_stream(sys.stderr),
        file=file,
        wall_clock=world.wall_clock,
        verbosity=verbosity,
        file_level=settings.log.level,
        colour=coloured(),
        secrets=secrets,
        start_writer=write_in_a_thread,
    )


def coloured() -> bool:
    """Whether the console understands ANSI colours."""
    return sys.stderr is not None and sys.stderr.isatty() and "NO_COLOR" not in os.environ


def rotation(log: LogSettings) -> Rotation:
    """When a log's file is begun anew, and how many are kept."""
    return Rotation(size_max=log.rotate_mb * 1_000_000, keep=log.keep)
