"""
Logs orders and measures it: the child process of ``log_lines.py``, which says what is measured.

    python benchmarks/orders_logged.py LINES_AT_ONCE REPEATED
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal

import structlog

from engine.environment.world import RealDisk
from engine.logs import line_writer
from engine.logs.files import RotatingFile, Rotation
from engine.logs.folding import Folding
from engine.logs.setup import configure_logs
from engine.logs.standard_streams import plain_stream

try:
    from engine.logs.writer_thread import write_in_a_thread
except ImportError:  # of an older commit
    write_in_a_thread = line_writer.write_in_a_thread  # type: ignore[attr-defined]

PAUSE_S = 0.02

log = structlog.get_logger()


def main(burst: int, repeated: int) -> None:
    """Print the figures as a JSON array, microseconds a line."""
    with tempfile.TemporaryDirectory() as folder:
        rotation = Rotation(size_max=50_000_000, keep=2)
        logs = configure_logs(
            console=plain_stream(sys.stderr),
            file=RotatingFile(RealDisk(), f"{folder}/engine.jsonl", rotation),
            wall_clock=time.time_ns,
            fold=Folding(),
            start_writer=write_in_a_thread,
        )
        calls = list[int]()
        own_s, own_loop_s = cpu_s(burst, repeated, [], lambda *_, **__: None)
        all_s, loop_s = cpu_s(burst, repeated, calls, log.info, logs.drain)
        logs.close()
    lines = burst * repeated
    calls.sort()
    figures = (
        calls[lines // 2] / 1_000,
        calls[lines * 99 // 100] / 1_000,
        (loop_s - own_loop_s) / lines * 1e6,
        (all_s - own_s) / lines * 1e6,
    )
    print(json.dumps(figures))


def cpu_s(
    burst: int,
    repeated: int,
    calls: list[int],
    info: Callable[..., object],
    drain: Callable[[], None] = lambda: None,
) -> tuple[float, float]:
    """Seconds of processor time of all threads, and of the calls in this one."""
    began_s, loop_s = time.process_time(), 0.0
    price, quantity, filled = Decimal("0.12345"), Decimal("120.50"), Decimal(0)
    for number in range(repeated):
        loop_began_s = time.thread_time()
        for one in range(burst):
            order = f"quotewright-{number:08}-{one}"
            began_ns = time.perf_counter_ns()
            info(
                "order_placed",
                order=order,
                strategy="doge",
                pair="DOGEZAR",
                side="buy",
                price=price,
                quantity=quantity,
                filled=filled,
                reason=None,
            )
            calls.append(time.perf_counter_ns() - began_ns)
        loop_s += time.thread_time() - loop_began_s
        time.sleep(PAUSE_S)
    drain()
    return time.process_time() - began_s, loop_s


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
