"""The signals that stop a command in good order, and those that it ignores."""

import signal


def _those_there_are(*names: str) -> frozenset[int]:
    """Those of some signals that this system has."""
    return frozenset(getattr(signal, name) for name in names if hasattr(signal, name))


STOPPING = _those_there_are("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU", "SIGPWR")
"""
Stop in good order: a person or manager asks, a terminal is closed, time or power runs out.

For many daemons SIGHUP means to read the configuration anew. This engine has a command for that,
which says what would change; and closing a terminal sends SIGHUP too.
"""

MEANINGLESS = frozenset(range(signal.SIGRTMIN, signal.SIGRTMAX + 1)) | _those_there_are(
    *("SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGSTKFLT"),
    # A process that is suspended leaves its orders at the venue unwatched; a slip of the finger
    # would do, or a line written from the background.
    *("SIGTSTP", "SIGTTIN", "SIGTTOU"),
)
"""
By default these signals kill or suspend a process; here they do nothing.

SIGPIPE and SIGXFSZ are ignored by Python itself; the failing write raises an error instead.
"""


def left_to_us(number: int) -> bool:
    """
    Whether a signal still has the system's default effect.

    A signal that was ignored when the process began stays ignored: that is how ``nohup`` works. Not
    so Ctrl-C and SIGTERM: a shell without job control ignores the former for all that it starts in
    the background.
    """
    if number in {signal.SIGINT, signal.SIGTERM}:
        return True
    return signal.getsignal(number) is signal.SIG_DFL


def name_of(number: int) -> str:
    """The usual name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
