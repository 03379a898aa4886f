"""
What receiving a WebSocket costs, beside another commit and picows, in one run: compare the ratios.

    python benchmarks/receive.py [COMMIT] [ROUNDS]

COMMIT is checked out into a temporary git worktree (e884cc9 where none is named). picows on uvloop
takes part where both are installed (``pip install picows uvloop``). The contenders take turns. Each
is a process of its own that opens one connection to this one, which sends it text messages of 300
bytes: first 1,000 a second, for the latency from just before the send until the message is handed
over; then as many as the network takes, for the processor time of a message. Plain and with TLS.
"""

import base64
import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.worktree import HERE, worktree

CERTIFICATE = HERE / "tests" / "engine" / "third_party" / "loopback.pem"
MESSAGE_BYTES = 300
TIMED = 1_000
WARM_UP = 20_000
SATURATED_S = 1.0


def main(commit: str = "e884cc9", rounds: str = "7") -> None:
    with worktree(commit) as other:
        contenders = {"this tree": ("engine", HERE), commit: ("engine", other)}
        if all(map(importlib.util.find_spec, ("picows", "uvloop"))):
            contenders["picows"] = ("picows", HERE)
        else:
            print("picows or uvloop is not installed, so without them")
        for tls in (False, True):
            taken = [
                {name: measured(kind, tree, tls=tls) for name, (kind, tree) in contenders.items()}
                for _ in range(int(rounds))
            ]
            show("TLS" if tls else "plain", taken)


def show(link: str, taken: list[dict[str, dict[str, float]]]) -> None:
    for what in taken[0]["this tree"]:
        print(f"{link}, {what}: median (spread), and ours as a part of it")
        for name in taken[0]:
            values = [each[name][what] for each in taken]
            ratios = [each["this tree"][what] / each[name][what] for each in taken]
            print(f"    {name:10} {spread(values):30} {spread(ratios)}", flush=True)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def measured(kind: str, tree: Path, *, tls: bool) -> dict[str, float]:
    """What one receiving process found of itself."""
    path = os.pathsep.join(map(str, (tree, HERE)))  # its engine, and this script's helpers
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(30)  # a receiver that fails never comes
        port = door.getsockname()[1]
        with subprocess.Popen(
            [sys.executable, __file__, "receive", kind, str(port), str(int(tls))],
            env={
                **os.environ,
                "PYTHONPATH": path,
                "SSL_CERT_FILE": str(CERTIFICATE),
            },
            stdout=subprocess.PIPE,
        ) as process:
            # Once it knows enough it goes, whatever is on its way.
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                send(door.accept()[0], tls=tls)
            assert process.stdout is not None
            found: dict[str, float] = json.load(process.stdout)
            return found


def send(connection: socket.socket, *, tls: bool) -> None:
    """Accept an upgrade and send until the other side has gone."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        connection = context.wrap_socket(connection, server_side=True)
    with connection:
        connection.sendall(accepted(connection.recv(65536)))
        due = time.perf_counter()
        for _ in range(TIMED):
            due += 0.001
            time.sleep(max(0, due - time.perf_counter()))
            connection.sendall(frame(time.perf_counter_ns()))
        many = frame(0) * 1000
        while True:
            connection.sendall(many)


def accepted(request: bytes) -> bytes:
    key = request.lower().split(b"sec-websocket-key:")[1]
    key = request[len(request) - len(key) :].split(b"\r\n")[0].strip()
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False)
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % base64.b64encode(digest.digest())
    )


def frame(stamp: int) -> bytes:
    return b"\x81\x7e" + MESSAGE_BYTES.to_bytes(2, "big") + str(stamp).encode().ljust(MESSAGE_BYTES)


class NoHeaders(dict[str, str]):
    """What a handshake adds: a mapping, which older commits take, or a call that returns one."""

    def __call__(self) -> Mapping[str, str]:
        return self


class Tally:
    """Counts messages and tells what they cost."""

    def __init__(self) -> None:
        self.found: dict[str, float] = {}
        self._latencies_ns: list[int] = []
        self._count = 0
        self._began: tuple[float, float, int] | None = None

    def take(self, messages: Sequence[str]) -> bool:
        """Whether this was enough; asked once a read, as the clocks cost time as well."""
        self._count += len(messages)
        if len(self._latencies_ns) < TIMED:
            now = time.perf_counter_ns()
            stamps = filter(None, map(int, messages))
            self._latencies_ns.extend(now - stamp for stamp in stamps)
        if self._began is None:
            if self._count >= TIMED + WARM_UP:
                self._began = time.perf_counter(), time.process_time(), self._count
            return False
        began_s, began_cpu_s, count = self._began
        if time.perf_counter() < began_s + SATURATED_S:
            return False
        cpu_s = time.process_time() - began_cpu_s
        self.found = {
            "us of processor time a message": cpu_s / (self._count - count) * 1e6,
            "us of latency (p50)": statistics.median(self._latencies_ns) / 1000,
        }
        return True


def receive(kind: str, port: str, tls: str) -> None:
    found = {"engine": by_engine, "picows": by_picows}[kind](int(port), tls=bool(int(tls)))
    sys.stdout.write(json.dumps(found))


def by_engine(port: int, *, tls: bool) -> Mapping[str, float]:
    import trio  # noqa: PLC0415

    # In older commits these modules lay a floor higher.
    folder = "actors.net" if importlib.util.find_spec("actors.net") else "actors"
    network = importlib.import_module(f"{folder}.network")
    websocket = importlib.import_module(f"{folder}.websocket")
    interface = importlib.import_module("trading.venues.interface")

    async def run() -> Mapping[str, float]:
        tally = Tally()
        address = network.Address(host="127.0.0.1", port=port, tls=tls)
        handshake = interface.Handshake(path="/", headers=NoHeaders())
        async with websocket.open_websocket(
            network.TcpNetwork(), address, handshake, deadline_s=5
        ) as connection:
            while not tally.take(await connection.receive_burst()):
                pass
            return tally.found

    return trio.run(run)


def by_picows(port: int, *, tls: bool) -> Mapping[str, float]:
    import asyncio  # noqa: PLC0415

    import picows  # noqa: PLC0415
    import uvloop  # noqa: PLC0415

    tally = Tally()
    messages: list[str] = []

    class Listener(picows.WSListener):  # type: ignore[misc]
        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            messages.append(frame.get_payload_as_utf8_text())
            if frame.tail_size < MESSAGE_BYTES:  # the last whole one of this read
                if tally.take(messages):
                    transport.disconnect(graceful=False)
                messages.clear()

    async def run() -> Mapping[str, float]:
        context = ssl.create_default_context() if tls else None
        url = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/"
        transport, _ = await picows.ws_connect(Listener, url, ssl_context=context)
        await transport.wait_disconnected()
        return tally.found

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


if __name__ == "__main__":
    if sys.argv[1:2] == ["receive"]:
        receive(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
