"""What each signal means to a command that has something to bring to an end."""

import signal


def _those_there_are(*names: str) -> frozenset[int]:
    """Of some signals, those that this system has."""
    return frozenset(getattr(signal, name) for name in names if hasattr(signal, name))


STOPPING = _those_there_are("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU", "SIGPWR")
"""
Stop in good order: somebody's word, a terminal that was closed, time or power that runs out.

For many daemons SIGHUP means to read the configuration anew. Ours have a command for that, which
says what would change; and whoever closes a terminal sends it too.
"""

MEANINGLESS = frozenset(range(signal.SIGRTMIN, signal.SIGRTMAX + 1)) | _those_there_are(
    *("SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGSTKFLT"),
    # To suspend whoever has orders at a venue leaves them unwatched: a slip of the finger, or a
    # line written from the background.
    *("SIGTSTP", "SIGTTIN", "SIGTTOU"),
)
"""
They would kill a process that says nothing of them, or suspend it; here they do nothing.

SIGPIPE and SIGXFSZ are ignored by Python itself; what they tell, the failing write tells too.
"""


def left_to_us(number: int) -> bool:
    """
    Whether a signal is still as the system has it.

    What was ignored when the process began stays ignored: so ``nohup`` says that no terminal's end
    is to end it. But not Ctrl-C and SIGTERM: a shell without job control ignores the former for
    whatever it starts in the background.
    """
    if number in {signal.SIGINT, signal.SIGTERM}:
        return True
    return signal.getsignal(number) is signal.SIG_DFL


def name_of(number: int) -> str:
    """What people call a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIGRTMIN+{number - signal.SIGRTMIN}"
