"""Why a backtest cannot be."""

from engine.process.exit_codes import ExitCode


class NoBacktest(Exception):
    """
    A backtest that cannot be; the message says why, and what to do.

    Args:
        code: What the command ends with.
    """

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


class NoDataset(NoBacktest):
    """A dataset is not where it was looked for, or is damaged, or is another one."""
