"""Commands of the engine in the process of the tests: without the second that a process costs."""

import contextlib
import contextvars
import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import IO
from unittest import mock

import structlog

from engine.cli.app import main

ROOT = Path(__file__).parents[2]
NOTHING: Mapping[str, str] = {}
_THREAD_ENDS_S = 5.0


def in_process(
    *arguments: str,
    environment: Mapping[str, str] = NOTHING,
    cwd: Path = ROOT,
    timeout_s: float = 60.0,
) -> CompletedProcess[str]:
    """
    Run a command that ends by itself, and leave the process as it was.

    For tests that look at an exit code and at what was printed. What they say of a process itself
    needs one: signals, closed streams, what is loaded, the end by force.

    Args:
        environment: In addition to that of the tests.
        timeout_s: Seconds after which it is interrupted as by Ctrl-C.

    Raises:
        TimeoutExpired: It took longer.
    """
    with _file("strict") as out, _file("backslashreplace") as err:
        with (
            _as_it_was(),
            mock.patch.dict(os.environ, environment),
            contextlib.chdir(cwd),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            _interrupted_after(timeout_s, arguments),
        ):
            # What it binds to the context for its log is not seen afterwards.
            code = contextvars.copy_context().run(main, arguments)
        return CompletedProcess(arguments, code, stdout=_text(out), stderr=_text(err))


def _file(errors: str) -> IO[str]:
    """
    A file in the place of a standard stream, with a descriptor as that has.

    To a stream in memory last words would not be written as they are to a pipe.
    """
    return tempfile.TemporaryFile("w+", encoding="utf-8", errors=errors)


def _text(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Undo what a command changes of its process, which would otherwise end with it."""
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    threads = set(threading.enumerate())
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    configured, configuration = structlog.is_configured(), structlog.get_config()
    root = logging.getLogger()
    level, foreign = root.level, root.handlers[:]
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = foreign
        structlog.reset_defaults()
        if configured:
            structlog.configure(**configuration)
        sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)
        _wait_for(set(threading.enumerate()) - threads)


def _wait_for(threads: set[threading.Thread]) -> None:
    """Have a command's threads end before its descriptors close, and are those of other files."""
    for thread in threads:
        # Trio keeps its own for a while, for whoever needs one next.
        if not thread.name.startswith("Trio"):
            thread.join(_THREAD_ENDS_S)
            assert not thread.is_alive(), f"{thread.name} outlives its command"


@contextlib.contextmanager
def _interrupted_after(seconds: float, arguments: tuple[str, ...]) -> Iterator[None]:
    late = threading.Event()

    def interrupt() -> None:
        late.set()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(seconds, interrupt)
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if not late.is_set():
            raise  # a person's
    finally:
        timer.cancel()
        timer.join()
    if late.is_set():
        raise TimeoutExpired(arguments, seconds)
