"""What is wrong with a recording that is replayed."""

from trading.core.errors import Fatal, FatalReason


class MalformedRecording(Fatal):
    """A recording breaks its format: reading on would simulate a wrong market."""

    def __init__(self, message: str) -> None:
        super().__init__(f"bad recording: {message}", FatalReason.CONFIGURATION)
