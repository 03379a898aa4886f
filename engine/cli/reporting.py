"""Reports on stderr why a command cannot do what it was asked to."""

import sys

from config.source.problems import ConfigurationProblems, redacted
from engine.process.exit_codes import EXIT_CODES, ExitCode

EXIT_CODES_HELP = "Exit codes: " + ", ".join(
    f"{code.value} {code.name.lower().replace('_', ' ')}" for code in ExitCode
)


def report(problems: ConfigurationProblems, *, outcome: str) -> ExitCode:
    """
    Show everything that is wrong with a configuration.

    Args:
        outcome: What that came to.
    """
    for problem in problems.problems:
        sys.stderr.write(f"{problem}\n")
    count = len(problems.problems)
    sys.stderr.write(f"{count} problem{'s' if count > 1 else ''}; {outcome}\n")
    return EXIT_CODES[problems.reason]


def refuse(message: str, code: ExitCode, *, command: str = "") -> ExitCode:
    """
    Show why a command does nothing; a key that was typed in the wrong place is not shown.

    Args:
        command: Its name, where that helps.
    """
    name = f"engine {command}".rstrip()
    sys.stderr.write(f"{name}: {redacted(message)}\n")
    return code
