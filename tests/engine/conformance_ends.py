"""
Conformance runs with orders that end at any moment: killed, asked to stop, or cut off.

    python -m tests.engine.conformance_ends [kill|stop|cut] [MOMENTS]

After each end the venue may have orders; after `engine conformance --cleanup` it has none, and the
ledger knows the end of each order. The exchange does not cancel on disconnect: that would hide it.
"""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random

import attrs

from config.load.loading import load
from engine.environment.state_folder import ledger_path
from engine.environment.venue_connection import simulated_rules
from tests.engine.exchange_process import ROOT, ExchangeProcess, exchange_process
from tests.support.open_orders import open_orders

CONFIG = "config/live.example.toml"
ENDS = ("kill", "stop", "cut")
ONLY = (
    "orders.placed-by-socket,orders.looked-up,orders.modified,orders.cancelled,"
    "orders.name-of-an-open-order,orders.batch-by-rest,orders.cancel-on-disconnect"
)
_PATIENCE_S = 90.0
_LASTS_S = 14.0
"""For about so long a run of these checks has orders."""


@attrs.define
class Relay:
    """A way to the exchange that can be cut."""

    port: int
    listener: socket.socket
    target: int
    cut: bool = False
    streams: list[socket.socket] = attrs.field(factory=list)
    threads: list[threading.Thread] = attrs.field(factory=list)

    def start(self) -> None:
        self._start(self.serve)

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self.listener.accept()
                if self.cut:
                    ours.close()
                    continue
                theirs = socket.create_connection(("127.0.0.1", self.target))
                self.streams += [ours, theirs]
                for one, other in ((ours, theirs), (theirs, ours)):
                    self._start(_pump, one, other)

    def end_all(self) -> None:
        self.cut = True
        for stream in self.streams:
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything, so that nothing is left for the tests after this one to find."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.threads[0].join()  # no more streams begin
        self.end_all()
        for thread in self.threads:
            thread.join()
        for stream in self.streams:
            stream.close()

    def _start(self, work: Callable[..., None], *about: socket.socket) -> None:
        thread = threading.Thread(target=work, args=about, daemon=True)
        self.threads.append(thread)
        thread.start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for stream in (one, other):
        with suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)


@contextmanager
def relayed(exchange: ExchangeProcess) -> Iterator[Relay]:
    target = int(exchange.hello["rest"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        relay = Relay(listener.getsockname()[1], listener, target)
        relay.start()
        try:
            yield relay
        finally:
            relay.close()


@attrs.frozen
class Ended:
    """
    One run and what became of it.

    Args:
        left: Orders at the venue right after it.
        code: Of the run.
        cleaned: Of the clean-up.
        said: By the clean-up.
        after: Orders at the venue in the end.
        unended: Orders whose end the ledger does not know.
    """

    left: int
    code: int
    cleaned: int
    said: str
    after: int
    unended: int

    @property
    def good(self) -> bool:
        return self.cleaned == 0 and self.after == 0 and self.unended == 0


def end_at(how: str, moment_s: float, only: str = ONLY) -> Ended:
    """End a run so many seconds after its first order, and clean up."""
    rules = "simulator.rules.cancel_on_disconnect=false"
    with (
        tempfile.TemporaryDirectory() as folder,
        exchange_process("--set", rules) as exchange,
        relayed(exchange) as relay,
    ):
        hello = exchange.hello
        command = [
            *(sys.executable, "-m", "engine", "conformance", CONFIG),
            *("--set", f"venue.rest_url=http://127.0.0.1:{relay.port}"),
            *("--set", f"venue.websocket_url=ws://127.0.0.1:{relay.port}"),
            *("--set", f"engine.state_directory={folder}", "--level", "orders"),
        ]
        environment = {
            **os.environ,
            "VALR_API_KEY": hello["api_key"],
            "VALR_API_SECRET": hello["api_secret"],
        }
        run = [*command, "--for", "1", "--only", only, "--spend-at-most", "50", "USDT", "--yes"]
        cleanup = [*command, "--cleanup", "--spend-at-most", "50", "USDT"]
        with subprocess.Popen(  # noqa: S603  # our own program
            run, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _wait_for_an_order(hello)
            time.sleep(moment_s)  # a process of its own
            if how == "kill":
                process.kill()
            elif how == "stop":
                process.send_signal(signal.SIGINT)
            else:
                relay.end_all()
            code = process.wait(_PATIENCE_S)
        left = open_orders(hello)
        relay.cut = False
        done = subprocess.run(  # noqa: S603  # our own program
            cleanup, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        settings = load(
            str(ROOT / CONFIG),
            [f"engine.state_directory={folder}"],
            environment,
            simulated_pairs=simulated_rules,
        )
        with contextlib.closing(sqlite3.connect(ledger_path(settings.engine))) as ledger:
            rows = ledger.execute("SELECT count(*) FROM order_states WHERE ended = 0").fetchone()
        said = (done.stdout + done.stderr).strip()
        return Ended(left, code, done.returncode, said, open_orders(hello), int(rows[0]))


def _wait_for_an_order(hello: dict[str, str]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not open_orders(hello) and time.monotonic() < until:
        time.sleep(0.05)  # a process of its own


def main() -> int:
    ends = [name for name in ENDS if name in sys.argv[1:]] or ENDS
    moments = next((int(word) for word in sys.argv[1:] if word.isdigit()), 10)
    random, bad = Random(1), 0  # to be repeated
    for how in ends:
        for number in range(moments):
            moment_s = random.uniform(number, number + 1) * _LASTS_S / moments
            ended = end_at(how, moment_s)
            bad += not ended.good
            word = "ok " if ended.good else "BAD"
            print(f"{word} {how} after {moment_s:.2f} s: {ended}", flush=True)  # noqa: T201  # a report
    return bad


if __name__ == "__main__":
    sys.exit(main())
