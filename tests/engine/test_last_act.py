"""What is done when the event loop stands still: our orders go, those of others stay."""

import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trio
from structlog.testing import capture_logs

from actors.net.network import Address
from engine.process.exit_codes import ExitCode
from engine.process.last_act import LastAct, Managed
from engine.process.loop_guard import LoopGuard
from tests.engine.exchange_process import ExchangeProcess, exchange_process
from trading.core.identifiers import ClientOrderIds
from trading.venues.interface import Call
from trading.venues.valr.signing import Signer
from trading.venues.valr.venue import Valr

ROOT = Path(__file__).parents[2]
PAPER = str(ROOT / "config" / "paper.toml")
LEAVES_ORDERS = ("--set", 'simulator.faults.no_cancel_on_disconnect="100 %"')


def last_act(hello: dict[str, Any], within_s: float = 4.0) -> LastAct:
    return LastAct(
        venue=Valr(Signer(hello["api_key"], hello["api_secret"], time.time_ns)),
        address=lambda: address(hello["rest"]),
        owns=ClientOrderIds("live1", 0).owns,
        trust=ssl.create_default_context,
        within_s=within_s,
    )


def address(url: str) -> Address:
    host, port = url.removeprefix("http://").split(":")
    return Address(host=host, port=int(port), tls=False)


def place(hello: dict[str, Any], order_id: str) -> None:
    """Rest an order far from the market, under any name."""
    body = {
        "side": "BUY",
        "quantity": "40",
        "price": "0.05",
        "pair": "DOGEUSDT",
        "postOnly": True,
        "customerOrderId": order_id,
        "timeInForce": "GTC",
    }
    call = Call(verb="POST", path="/v1/orders/limit", body=json.dumps(body), decode=json.loads)
    last_act(hello)._call(call, 5)  # noqa: SLF001


def names(hello: dict[str, Any]) -> list[str]:
    act = last_act(hello)
    listed = act._call(act.venue.open_orders(), 5)  # noqa: SLF001
    return sorted(str(report.client_order_id) for report in listed)


def test_what_is_ours_is_cancelled_and_what_is_not_stays() -> None:
    with exchange_process() as exchange:
        hello = exchange.hello
        ours = [f"qw-live1-doge-1-{number}" for number in range(20)]
        for name in (*ours, "qw-live10-doge-1-1", "somebody-elses"):
            place(hello, name)
        assert len(names(hello)) == 22
        managed = last_act(hello).perform()
        assert managed == Managed(cancelled=20, left=())
        assert names(hello) == ["qw-live10-doge-1-1", "somebody-elses"]


class Silent(http.server.BaseHTTPRequestHandler):
    """Takes requests and never answers them."""

    def do_GET(self) -> None:
        time.sleep(20)


@contextmanager
def silent_venue() -> Iterator[dict[str, Any]]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield {"rest": url, "api_key": "k" * 64, "api_secret": "s" * 64}
        server.shutdown()


NOWHERE = {"rest": "http://127.0.0.1:9", "api_key": "k" * 64, "api_secret": "s" * 64}


def test_a_venue_that_says_nothing_does_not_hold_up_the_end() -> None:
    with silent_venue() as hello:
        began = time.monotonic()
        managed = last_act(hello, within_s=0.5).perform()
        assert time.monotonic() - began < 3
    assert managed.left is None
    assert "time" in managed.trouble


def test_a_venue_that_is_not_there_is_named() -> None:
    managed = last_act(NOWHERE, within_s=0.5).perform()
    assert managed.left is None
    assert "ConnectionRefusedError" in managed.trouble


async def turn(guard: LoopGuard, blocked_s: float) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(guard.beat)
        await trio.sleep(0.3)
        time.sleep(blocked_s)  # noqa: ASYNC251  # the point
        await trio.sleep(0.5)
        nursery.cancel_scope.cancel()


def guarded(hello: dict[str, Any], codes: list[ExitCode]) -> LoopGuard:
    return LoopGuard(
        end_process=codes.append,
        alarm_after_s=0.2,
        patience_s=0.6,
        last_act=last_act(hello, within_s=1.5),
    )


def test_a_loop_that_still_stands_after_the_last_act_ends_its_process() -> None:
    codes: list[ExitCode] = []
    with silent_venue() as hello, capture_logs() as logs:
        guard = guarded(hello, codes)
        with guard.watching():
            trio.run(turn, guard, 4.0)
    assert codes == [ExitCode.STUCK]
    last = logs[-1]
    assert last["event"] == "process_ended_by_force"
    assert (last["flat"], last["left"]) == (False, None)
    assert "time" in last["trouble"]


def test_a_loop_that_goes_on_during_the_last_act_keeps_its_process() -> None:
    codes: list[ExitCode] = []
    with silent_venue() as hello, capture_logs() as logs:
        guard = guarded(hello, codes)
        with guard.watching():
            trio.run(turn, guard, 1.2)
            deadline = time.monotonic() + 10
            while not any(one["event"] == "loop_goes_on" for one in logs):
                assert time.monotonic() < deadline
                time.sleep(0.01)
    assert codes == []


def test_a_process_whose_loop_stands_still_leaves_no_order_and_says_so(tmp_path: Path) -> None:
    with exchange_process(*LEAVES_ORDERS) as exchange:
        log, still = tmp_path / "log.jsonl", tmp_path / "still"
        with engine_that_stands_still(exchange, log, still) as engine:
            deadline = time.monotonic() + 40
            while len(names(exchange.hello)) < 2:
                assert engine.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            still.touch()
            assert engine.wait(30) == ExitCode.STUCK
        assert names(exchange.hello) == []
    entry = json.loads(log.read_text().splitlines()[-1])
    assert entry["event"] == "process_ended_by_force"
    assert (entry["flat"], entry["left"]) == (True, [])
    assert entry["cancelled"] >= 2
    assert "misbehaving_engine.py" in entry["stack"]


@contextmanager
def engine_that_stands_still(
    exchange: ExchangeProcess, log: Path, still: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    hello = exchange.hello
    settings = (
        f"venue.rest_url={hello['rest']}",
        f"venue.websocket_url={hello['websocket']}",
        f"engine.state_directory={log.parent}/state",
        'venue.credentials={api_key={env="VALR_API_KEY"}, api_secret={env="VALR_API_SECRET"}}',
    )
    with subprocess.Popen(  # noqa: S603  # our own program
        [
            *(sys.executable, "tests/engine/misbehaving_engine.py", "stands-still", "run", PAPER),
            *("-q", "--log-file", str(log)),
            *(option for setting in settings for option in ("--set", setting)),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "XDG_RUNTIME_DIR": str(log.parent),
            "STAND_STILL": str(still),
            "VALR_API_KEY": hello["api_key"],
            "VALR_API_SECRET": hello["api_secret"],
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
