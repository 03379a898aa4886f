"""The engine's exit codes; the numbers are those of sysexits.h where it has one."""

import enum
import errno
from collections.abc import Mapping

from trading.core.errors import FatalReason


class ExitCode(enum.IntEnum):
    """The engine's exit status."""

    OK = 0
    """Stopped as asked, and no order is left at the venue."""

    FAILURE = 1
    """
    A defect, or orders that may still be open (look at the log), or fills that could not be read
    and that the ledger may lack; an unclean recording.
    """

    USAGE = 2
    """The command line is not understood."""

    NO_INPUT = 66
    """A file to be read is not there, or cannot be read to its end; no ledger was ever begun."""

    VENUE_UNAVAILABLE = 69
    """The venue was never reached, nothing was traded; or no engine runs to look into."""

    STUCK = 70
    """
    A part of the engine did not stop, or held up all others: the process was ended by force, once
    all that could stop had stopped. What is left at the venue is in the log, if it is known.
    """

    CANNOT_CREATE = 73
    """
    Another engine holds this state directory or this key, or a file to be written is there already
    or cannot be made; nothing was started.
    """

    IO_ERROR = 74
    """
    The ledger cannot be written or trusted: no order left after that, all were cancelled. Or the
    disk did not take another file.
    """

    TRY_AGAIN = 75
    """
    What is in the way may pass by itself: another program holds the ledger, no pair can be traded
    now, or this machine's clock is wrong. All orders were cancelled, or nothing was started.
    """

    KEY_OR_PERMISSION = 77
    """A key is missing, wrong, badly kept, or may not do what is asked."""

    CONFIGURATION = 78
    """The configuration is wrong; nothing was connected."""

    FORCED = 130
    """A second Ctrl-C cut the stop short: orders may still be open. Or a look was broken off."""


EXIT_CODES: Mapping[FatalReason, ExitCode] = {
    FatalReason.KEY_OR_PERMISSION: ExitCode.KEY_OR_PERMISSION,
    FatalReason.CONFIGURATION: ExitCode.CONFIGURATION,
    FatalReason.VENUE_UNAVAILABLE: ExitCode.VENUE_UNAVAILABLE,
    FatalReason.ORDERS_LEFT: ExitCode.FAILURE,
    FatalReason.DEFECT: ExitCode.FAILURE,
    FatalReason.LEDGER: ExitCode.IO_ERROR,
    FatalReason.ALREADY_RUNNING: ExitCode.CANNOT_CREATE,
    FatalReason.STUCK: ExitCode.STUCK,
    FatalReason.PASSING: ExitCode.TRY_AGAIN,
    FatalReason.DISK: ExitCode.IO_ERROR,
}

_CANNOT_CREATE = frozenset(
    {
        *(errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY),
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP),
    }
)
"""What is wrong with a place; all else is wrong with its disk."""


def code_of_unwritten(error: OSError) -> ExitCode:
    """What a command ends with whose result cannot be written."""
    return ExitCode.CANNOT_CREATE if error.errno in _CANNOT_CREATE else ExitCode.IO_ERROR
