"""The process of cells: it takes requests on its standard input, and ends with that."""

import os
import queue
import sys
import threading
from typing import IO

from engine.process.exit_codes import ExitCode
from engine.sweep.backtesting import backtested
from engine.sweep.frames import read_frame, write_frame

_IDLE_S = 120.0
"""Without a cell for so long it ends: its sweep is over, or was killed."""


def serve() -> int:
    """
    Run cells one after the other, until the standard input ends: then at once, in mid-cell.

    Without a request for two minutes it ends too.
    """
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    # What a strategy of another package prints is no answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    stream = sys.stdin.buffer
    threading.Thread(target=_listen, args=(stream, requests), daemon=True).start()
    while True:
        try:
            request = requests.get(timeout=_IDLE_S)
        except queue.Empty:
            return ExitCode.OK
        write_frame(answers, backtested(request))


def _listen(stream: IO[bytes], requests: "queue.SimpleQueue[bytes]") -> None:
    while (request := read_frame(stream)) is not None:
        requests.put(request)
    os._exit(ExitCode.OK)
