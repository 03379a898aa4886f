"""`engine run` and other commands as processes, each with folders of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from tests.engine.in_process import NOTHING, ROOT, in_process

PAPER = str(ROOT / "config" / "paper.toml")


def as_process(
    *arguments: str, environment: Mapping[str, str] = NOTHING
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as its user does; ``in_process`` costs a second less."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@attrs.define
class Site:
    """
    A place for one engine: its configuration, state, log and sockets.

    Args:
        folder: With a short name: a socket's path is at most some hundred bytes long.
    """

    folder: Path
    config: str = PAPER
    overrides: tuple[str, ...] = ()
    secrets: dict[str, str] = attrs.field(factory=dict)

    @property
    def log(self) -> Path:
        return self.folder / "log.jsonl"

    def events(self) -> list[dict[str, Any]]:
        """What was logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this engine's configuration to its end, in this process."""
        return in_process(*self.line(*arguments), environment=self.environment)

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same as a process of its own."""
        return as_process(*self.line(*arguments), environment=self.environment)

    @contextmanager
    def running(self) -> Iterator["EngineProcess"]:
        """The engine, until it ends or the context does."""
        with subprocess.Popen(  # noqa: S603  # our own program
            [
                sys.executable,
                "-m",
                "engine",
                *self.line("run"),
                "--log-file",
                str(self.log),
                "--json",
            ],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield EngineProcess(process)
            finally:
                process.kill()

    def line(self, name: str, *arguments: str) -> list[str]:
        """A command on this engine's configuration, as the program's arguments."""
        changed = (f"engine.state_directory={self.folder}/state", *self.overrides)
        options = [text for override in changed for text in ("--set", override)]
        return [name, self.config, *arguments, *options]

    @property
    def environment(self) -> dict[str, str]:
        """What its processes have beside the environment of the tests."""
        return {**self.secrets, "XDG_RUNTIME_DIR": str(self.folder)}


@attrs.frozen
class EngineProcess:
    process: "subprocess.Popen[str]"

    def wait_for(self, event: str) -> str:
        """Read the console until an event has happened; the line that says so."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if event in line:
                return line
        raise AssertionError(f"the engine ended without {event}")

    def stop(self) -> dict[str, Any]:
        """End it in good order; its summary."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=20)
        summary: dict[str, Any] = json.loads(out)
        return summary

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=10)


@contextmanager
def site(
    config: str = PAPER, *overrides: str, secrets: dict[str, str] | None = None
) -> Iterator[Site]:
    """A place that goes when the context ends."""
    with tempfile.TemporaryDirectory(prefix="qw") as name:
        yield Site(Path(name), config, overrides, secrets or {})
