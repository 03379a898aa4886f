"""The section ``[log]``."""

import enum
from typing import Annotated

import attrs

from config.rules.rules import Choice, Text, Whole


class LogLevel(enum.Enum):
    """The least that is written down."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@attrs.frozen(kw_only=True)
class LogSettings:
    """
    Where the log goes.

    Args:
        file: One JSON object a line is appended here; ``None`` for the console only.
        level: The least that the file holds.
        rotate_mb: A file that would grow larger, in MB (10^6 bytes), becomes FILE.1, and a new one
            is begun.
        keep: How many former files are kept; the oldest is deleted.
    """

    file: Annotated[str, Text()] | None = None
    level: Annotated[LogLevel, Choice(LogLevel)] = LogLevel.INFO
    rotate_mb: Annotated[int, Whole(at_least=1, at_most=10_000)] = 50
    keep: Annotated[int, Whole(at_least=1, at_most=1_000)] = 10
