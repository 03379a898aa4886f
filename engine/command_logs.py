"""Where the log of a command goes."""

import os
import sys

from config.settings import LogSettings, Settings
from engine.log_file import RotatingFile, Rotation
from engine.logs import Logs, Verbosity, configure_logs
from engine.world import World


def start_logs(
    settings: Settings, world: World, file: RotatingFile | None, verbosity: Verbosity
) -> Logs:
    """Send the log to stderr, and to a file if there is one, without the settings' secrets."""
    credentials = settings.credentials
    secrets = () if credentials is None else (credentials.api_key, credentials.api_secret)
    return configure_logs(
        console=sys.stderr,
        file=file,
        wall_clock=world.wall_clock,
        verbosity=verbosity,
        file_level=settings.log.level,
        colour=sys.stderr.isatty() and "NO_COLOR" not in os.environ,
        secrets=secrets,
    )


def rotation(log: LogSettings) -> Rotation:
    """When a log's file is begun anew, and how many are kept."""
    return Rotation(size_max=log.rotate_mb * 1_000_000, keep=log.keep)
