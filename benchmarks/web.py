"""
What the page costs its engine: a paired run of two engines, one with a page and one without.

    python benchmarks/web.py [--seconds 30]

Both engines make the same market (paper, same seed) at the same time on the same machine. The page
of the first is looked at, suspended (SIGSTOP), asked by 100 clients at once, and killed; in each
phase both engines tell once a second, by their sockets, how late their loops are, for how long they
quoted and how many orders they placed. Processor time is that of the kernel's books.

    python benchmarks/web.py --page

serves a page whose rings hold 24 hours of figures, and measures what a browser takes to show them
(needs Chromium, node and `npm ci --prefix tests/web`).
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx
import trio

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))  # for the tests' helpers

from engine.control.client import conversation  # noqa: E402  # after the path
from engine.control.protocol import Ask, Request  # noqa: E402
from engine.environment.local_sockets import UnixSockets  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
FLOOD = 100


@attrs.define
class Engine:
    """An engine run in a folder of its own."""

    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def door(self) -> str:
        return str(self.folder / "state" / "paper" / "door")


def options(folder: Path) -> list[str]:
    places = (f"engine.state_directory={folder}/state", f"log.file={folder}/log.jsonl")
    return [text for place in places for text in ("--set", place)]


def command(name: str, folder: Path, *more: str) -> list[str]:
    config = str(ROOT / "config" / "paper.toml")
    return [sys.executable, "-m", "engine", name, config, *options(folder), *more]


@contextmanager
def an_engine() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="qw") as name:
        folder = Path(name)
        line = command("run", folder, "--json", "-q")
        with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            yield Engine(folder, process)
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def look(engine: Engine) -> dict[str, Any]:
    async with conversation(UnixSockets(), engine.door) as spoken:
        status: dict[str, Any] = (await spoken.ask(Request(ask=Ask.STATUS))).content["status"]
    return status


@attrs.define
class Phase:
    """What both engines told in one phase."""

    lates: list[float] = attrs.field(factory=list)
    began: dict[str, Any] = attrs.field(factory=dict)
    ended: dict[str, Any] = attrs.field(factory=dict)
    cpu_began: float = 0.0
    cpu_ended: float = 0.0

    def line(self) -> str:
        seconds = self.ended["uptime_s"] - self.began["uptime_s"]
        sides = {}
        for side in ("buy", "sell"):
            times = [one["strategies"]["doge"]["quoting"][side] for one in (self.began, self.ended)]
            sides[side] = (times[1]["seconds"] - times[0]["seconds"]) / seconds
        placed = [
            one["strategies"]["doge"]["profit"]["orders_placed"] for one in (self.began, self.ended)
        ]
        cpu = 100 * (self.cpu_ended - self.cpu_began) / seconds
        lates = sorted(self.lates)
        return (
            f"cpu {cpu:5.2f} %  loop late: median {1e3 * statistics.median(lates):5.1f} ms,"
            f" worst {1e3 * lates[-1]:6.1f} ms  quoted: buys {sides['buy']:.0%},"
            f" sells {sides['sell']:.0%}  placed {(placed[1] - placed[0]) * 60 / seconds:5.1f}/min"
        )


async def watch(engines: list[Engine], seconds: float) -> list[Phase]:
    phases = [Phase() for _ in engines]
    for engine, phase in zip(engines, phases, strict=True):
        phase.began, phase.cpu_began = await look(engine), cpu_s(engine.process.pid)
    end = trio.current_time() + seconds
    while trio.current_time() < end:
        await trio.sleep(1)
        for engine, phase in zip(engines, phases, strict=True):
            phase.lates.append((await look(engine))["loop"]["late_s"])
    for engine, phase in zip(engines, phases, strict=True):
        phase.ended, phase.cpu_ended = await look(engine), cpu_s(engine.process.pid)
    return phases


def show(name: str, phases: list[Phase]) -> None:
    print(name, flush=True)
    for who, phase in zip(("with page   ", "without page"), phases, strict=True):
        print(f"    {who} {phase.line()}", flush=True)


@contextmanager
def a_page(folder: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    line = command("web", folder, "--port", "0")
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[-1]
        process.kill()


def login(address: str) -> httpx.Client:
    origin, _, token = address.partition("/#")
    client = httpx.Client(base_url=origin, timeout=30, headers={"Origin": origin})
    client.post("/login", json={"token": token}).raise_for_status()
    return client


def read_events(client: httpx.Client, stop: threading.Event, counts: dict[str, int]) -> None:
    """As an open page does."""
    try:
        with client.stream("GET", "/events") as stream:
            for line in stream.iter_lines():
                counts["lines"] += 1
                counts["bytes"] += len(line) + 1
                if stop.is_set():
                    return
    except httpx.HTTPError:
        pass


async def ask_again_and_again(client: httpx.AsyncClient, counts: dict[str, int]) -> None:
    """As nobody should."""
    while True:
        for path in ("/state", "/series?strategy=doge", "/timeline?strategy=doge", "/orders"):
            try:
                told = str((await client.get(path)).status_code)
            except httpx.HTTPError as error:
                told = type(error).__name__
            counts[told] = counts.get(told, 0) + 1


def paired(seconds: float) -> None:
    with an_engine() as first, an_engine() as second:
        engines = [first, second]
        time.sleep(8)
        show(f"nobody looks, {seconds:g} s", trio.run(watch, engines, seconds))
        with a_page(first.folder) as (page, address):
            client, stop = login(address), threading.Event()
            counts = {"lines": 0, "bytes": 0}
            threading.Thread(target=read_events, args=(client, stop, counts), daemon=True).start()
            time.sleep(2)
            counts["bytes"], cpu, began = 0, cpu_s(page.pid), time.monotonic()
            phases = trio.run(watch, engines, seconds)
            spent = time.monotonic() - began
            show("a page is open (2 looks a second)", phases)
            print(
                f"    page's server: cpu {100 * (cpu_s(page.pid) - cpu) / spent:.2f} %,"
                f" {rss_mb(page.pid):.0f} MB, {counts['bytes'] / spent / 1000:.1f} kB/s"
            )
            page.send_signal(signal.SIGSTOP)
            show("its process is suspended", trio.run(watch, engines, seconds))
            page.send_signal(signal.SIGCONT)
            [(name, cookie)] = client.cookies.items()
            line = [sys.executable, __file__, "--flood", str(client.base_url), name, cookie]
            with subprocess.Popen(line, stdin=subprocess.PIPE) as flood:
                time.sleep(2)
                show(f"{FLOOD} clients ask as fast as they can", trio.run(watch, engines, seconds))
                flood.communicate(b"enough")
            stop.set()
            page.kill()
            show("its process was killed", trio.run(watch, engines, seconds))


async def flood(origin: str, name: str, cookie: str) -> None:
    """A hundred clients, in a process of its own, until something comes on stdin."""
    counts: dict[str, int] = {}
    limits = httpx.Limits(max_connections=FLOOD, max_keepalive_connections=FLOOD)
    async with (
        httpx.AsyncClient(
            base_url=origin, cookies={name: cookie}, timeout=30, limits=limits
        ) as client,
        trio.open_nursery() as nursery,
    ):
        for _ in range(FLOOD):
            nursery.start_soon(ask_again_and_again, client, counts)
        await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        nursery.cancel_scope.cancel()
    print(f"    answers: {json.dumps(counts)}", flush=True)


def page_alone() -> None:
    """What a browser takes for a page whose rings are full."""
    with an_engine() as engine:
        time.sleep(5)
        for span in ("5 min", "2 h", "24 h"):
            line = [sys.executable, __file__, "--serve-full", str(engine.folder)]
            with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                address = process.stdout.readline().strip()
                cpu, began = cpu_s(process.pid), time.monotonic()
                subprocess.run(
                    [str(shutil.which("node")), str(HERE / "web_page.mjs"), address, span],
                    env={**os.environ, "CHROMIUM": str(shutil.which("chromium"))},
                    check=True,
                )
                spent = time.monotonic() - began
                used = 100 * (cpu_s(process.pid) - cpu) / spent
                print(f"    server: cpu {used:.2f} %, {rss_mb(process.pid):.0f} MB", flush=True)
                process.kill()


def serve_full(folder: Path) -> None:
    """The page with 24 hours of made-up figures before those that come."""
    from config.load.reading import load_engine, load_log  # noqa: PLC0415
    from config.sections.web import WebSettings  # noqa: PLC0415
    from engine.environment.world import real_world  # noqa: PLC0415
    from engine.web import server  # noqa: PLC0415
    from engine.web.history import ROWS_MAX  # noqa: PLC0415

    config = ROOT / "config" / "paper.toml"
    overrides = tuple(options(folder)[1::2])
    world = real_world(seed=0)
    serving = server.Serving(
        engine=load_engine(str(config), overrides),
        log=load_log(str(config), overrides),
        web=WebSettings(),
        config=config,
        bound=server.bind(0),
        local=world.local,
        now_ms=lambda: world.wall_clock() // 10**6,
    )

    async def run() -> None:
        async with trio.open_nursery() as nursery:
            page = await nursery.start(server.serve, serving, trio.Event())
            ring, now_s = page.board.strategy("doge").ring, serving.now_ms() / 1000
            ring.__init__()
            for second in range(ROWS_MAX, 0, -1):
                price = 0.1 + (second * 7 % 40) * 1e-5
                row = (now_s - second, price, price - 1e-4, price + 1e-4, 2e4, 1e5, 0.1, 0.0, 0.0)
                ring.add(row)
            print(server.address(serving.port, page.door.token), flush=True)

    trio.run(run)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--serve-full", type=Path)
    parser.add_argument("--flood", nargs=3)
    arguments = parser.parse_args()
    if arguments.serve_full:
        serve_full(arguments.serve_full)
    elif arguments.flood:
        trio.run(flood, *arguments.flood)
    elif arguments.page:
        page_alone()
    else:
        paired(arguments.seconds)
