"""The processes that are compared, each started on a venue of its own."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import attrs

from benchmarks.reprice.venue import API_KEY, API_SECRET, pair_name
from benchmarks.worktree import HERE

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_STOP_S = 20


@attrs.frozen
class Contender:
    """
    One of those compared.

    Args:
        tree: The checkout whose engine runs; ``None`` for the naive pipeline.
        records: Whether it records its session.
    """

    name: str
    tree: Path | None
    records: bool = False

    @contextlib.asynccontextmanager
    async def running(
        self, port: int, folder: Path, pairs: int, further: int
    ) -> AsyncIterator[subprocess.Popen[bytes]]:
        """Run it until the block ends."""
        with (folder / f"{self.name}.out").open("wb") as out:
            process = subprocess.Popen(
                self._command(port, folder, pairs, further),
                cwd=folder,
                env=self._environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
            try:
                yield process
            finally:
                process.send_signal(signal.SIGINT if self.tree else signal.SIGKILL)
                await asyncio.to_thread(_end, process)

    def _command(self, port: int, folder: Path, pairs: int, further: int) -> list[str]:
        if self.tree is None:
            names = ",".join(map(pair_name, range(pairs)))
            url = f"http://127.0.0.1:{port}"
            return [sys.executable, "-m", "benchmarks.reprice.naive", url, names, str(further)]
        config = folder / f"{self.name}.toml"
        recording = "[recording]\nenabled = true\n" if self.records else ""
        config.write_text(_config(port, pairs, further) + recording)
        runner = HERE / "benchmarks" / "reprice" / "run_engine.py"
        return [sys.executable, str(runner), "run", str(config)]

    def _environment(self, folder: Path) -> dict[str, str]:
        installed = folder / "installed"
        facts = installed / "benchmark_quotes-1.0.dist-info"
        facts.mkdir(parents=True, exist_ok=True)
        (facts / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: benchmark-quotes\nVersion: 1.0\n"
        )
        (facts / "entry_points.txt").write_text(
            "[engine.strategies]\nreprice = benchmark_quotes:RepriceSettings\n"
        )
        quotes = HERE / "benchmarks" / "reprice" / "quotes.py"
        (installed / "benchmark_quotes.py").write_text(quotes.read_text())
        environment = {
            **os.environ,
            "PYTHONPATH": f"{self.tree or HERE}{os.pathsep}{installed}",
            "VALR_API_KEY": API_KEY,
            "VALR_API_SECRET": API_SECRET,
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return environment


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu_s(process: subprocess.Popen[bytes]) -> float:
    """Processor seconds that a running process and its threads have used so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


def memory_mb(process: subprocess.Popen[bytes]) -> float:
    """Resident memory now."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _config(port: int, pairs: int, further: int) -> str:
    strategies = "".join(_strategy(number, further) for number in range(pairs))
    return f"""
[engine]
name = "bench"
state_directory = "state"
[log]
file = "logs/bench.jsonl"
[venue]
kind = "valr"
rest_url = "http://127.0.0.1:{port}"
websocket_url = "ws://127.0.0.1:{port}"
[venue.credentials]
api_key = {{ env = "VALR_API_KEY" }}
api_secret = {{ env = "VALR_API_SECRET" }}
{strategies}"""


def _strategy(number: int, further: int) -> str:
    name = f"s{number}"
    return f"""
[strategies.{name}]
kind = "reprice"
pair = "B{number:02}-USDT"
order_amount = 40
order_refresh_time = 1
further = {further}
[strategies.{name}.limits]
max_order_notional = 100000
min_base_holding = 0
max_base_holding = 2000000000
min_quote_holding = 0
max_daily_loss = 100000000
max_drawdown = 100000000
price_collar = "99 %"
last_trade_collar = "1000 %"
max_orders_per_side = 2000
max_instructions_per_minute = 100000
"""
