"""`engine exchange` as a process, for as long as a test needs it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).parents[2]


@attrs.frozen
class ExchangeProcess:
    process: "subprocess.Popen[str]"
    first_line: str

    @property
    def hello(self) -> dict[str, Any]:
        hello: dict[str, Any] = json.loads(self.first_line)
        return hello

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Its exit code, and what else it said on stdout and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@contextmanager
def exchange_process(*arguments: str) -> Iterator[ExchangeProcess]:
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", "exchange", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield ExchangeProcess(process, process.stdout.readline())
        finally:
            process.kill()
