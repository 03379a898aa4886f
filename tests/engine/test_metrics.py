"""What Prometheus reads of a running engine, in virtual time and on a real port."""

import http.client
import socket
import time

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families
from trio.testing import MockClock

from actors.watch.metrics_server import MetricsServerActor
from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import site
from tests.support.lives import begin
from tests.support.memory_network import MemoryNetwork
from tests.support.whole_engine import Rig, start_rig
from trading.core.errors import Outage

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]
PORT = 9464


def figures(page: bytes) -> Figures:
    """Every sample of a page, read by the client library of Prometheus itself."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


async def fetch(network: MemoryNetwork, question: bytes) -> tuple[bytes, bytes]:
    """Head and body of an answer."""
    stream = await network.connect("127.0.0.1", PORT)
    await stream.send_all(question)
    answer = b""
    while data := await stream.receive_some():
        answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


GET = b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"


async def page_of(rig: Rig) -> Figures:
    head, body = await fetch(rig.network, GET)
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"text/plain; version=0.0.4" in head
    return figures(body)


def of(found: Figures, name: str, **labels: str) -> float:
    return found[f"quotewright_{name}", frozenset(labels.items())]


async def test_a_page_shows_readiness_orders_money_actors_and_wires(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, f"engine.metrics_port={PORT}")
    await rig.until(rig.quoting, within_s=10)
    await trio.sleep(5)

    found = await page_of(rig)

    assert of(found, "ready", strategy="doge", pair="DOGEUSDT") == 1
    assert of(found, "component_holds", strategy="doge", component="ledger_writable") == 1
    assert of(found, "working_orders", strategy="doge", side="buy") == 2
    assert of(found, "quoting_seconds_total", strategy="doge", side="buy") > 4
    not_ready = {"strategy": "doge", "side": "buy", "gate": "not_ready"}
    assert of(found, "not_quoting_seconds_total", **not_ready) < 2
    assert of(found, "best_bid_price", strategy="doge") == pytest.approx(0.1, rel=0.05)
    assert of(found, "balance", currency="USDT", kind="available") > 99_000
    assert of(found, "actor_running", actor="order gateway") == 1
    assert of(found, "actor_lives_total", actor="metrics server") == 1
    assert of(found, "mailbox_messages_total", mailbox="book DOGEUSDT") > 10
    lanes = [value for (name, _), value in found.items() if name == "quotewright_rate_limit_used"]
    assert any(lanes)
    assert of(found, "halted") == 0
    assert of(found, "uptime_seconds") == pytest.approx(6, abs=1)
    nursery.cancel_scope.cancel()


async def test_figures_are_those_of_the_moment(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, f"engine.metrics_port={PORT}")
    assert of(await page_of(rig), "ready", strategy="doge", pair="DOGEUSDT") == 0
    await rig.until(rig.quoting, within_s=10)
    rig.actors["account"].crash()
    await trio.sleep(2)
    found = await page_of(rig)
    assert of(found, "actor_lives_total", actor="account") == 2
    assert of(found, "supervisor_defects_in_window", supervisor="account data") == 1
    nursery.cancel_scope.cancel()


async def test_every_name_has_a_unit_a_counter_ends_in_total_and_every_sample_has_a_help(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, f"engine.metrics_port={PORT}")
    _, body = await fetch(rig.network, GET)
    families = list(text_string_to_metric_families(body.decode()))
    assert len(families) > 30
    for family in families:
        assert family.name.startswith("quotewright_")
        assert family.documentation.endswith(".")
        assert "_ms" not in family.name
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples)
    nursery.cancel_scope.cancel()


async def test_without_the_setting_nobody_listens(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    with pytest.raises(Outage):
        await rig.network.connect("127.0.0.1", PORT)
    nursery.cancel_scope.cancel()


async def a_server(nursery: trio.Nursery) -> MemoryNetwork:
    network = MemoryNetwork()
    server = MetricsServerActor(
        network=network, port=PORT, read=lambda: b"figure 1\n", content_type="text/plain"
    )
    await begin(nursery, server)
    return network


@pytest.mark.parametrize(
    ("question", "status", "body"),
    [
        (GET, b"200", b"figure 1\n"),
        (b"GET /metrics?name=all HTTP/1.1\r\nHost: here\r\n\r\n", b"200", b"figure 1\n"),
        (b"HEAD /metrics HTTP/1.1\r\nHost: here\r\n\r\n", b"200", b""),
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", b"404", b"the figures are at /metrics\n"),
        (b"DELETE /metrics HTTP/1.1\r\nHost: here\r\n\r\n", b"405", b"GET it\n"),
    ],
)
async def test_each_question_has_its_answer(
    nursery: trio.Nursery, autojump_clock: MockClock, question: bytes, status: bytes, body: bytes
) -> None:
    network = await a_server(nursery)
    head, answered = await fetch(network, question)
    assert head.split()[1] == status
    assert answered == body
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("nonsense", [b"\x00\xff\r\n\r\n", b"GET /metr", b""])
async def test_nonsense_and_silence_are_closed_and_the_next_one_is_answered(
    nursery: trio.Nursery, autojump_clock: MockClock, nonsense: bytes
) -> None:
    network = await a_server(nursery)
    with trio.fail_after(6):
        assert await fetch(network, nonsense) == (b"", b"")
    assert (await fetch(network, GET))[1] == b"figure 1\n"
    nursery.cancel_scope.cancel()


async def test_a_crowd_is_turned_away(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    network = await a_server(nursery)
    silent = [await network.connect("127.0.0.1", PORT) for _ in range(8)]
    await trio.sleep(0.1)
    assert await fetch(network, b"") == (b"", b"")
    await trio.sleep(6)
    assert (await fetch(network, GET))[1] == b"figure 1\n"
    assert len(silent) == 8
    nursery.cancel_scope.cancel()


async def test_a_server_that_fails_again_and_again_is_given_up_and_trading_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, f"engine.metrics_port={PORT}")
    await rig.until(rig.quoting, within_s=10)
    for _ in range(20):  # for longer than the pauses between its lives take together
        rig.actors["metrics server"].crash()
        await trio.sleep(0.2)
    states = {
        event.path[-1]: event.kind.value for event in rig.lives if event.path[-1] == "metrics"
    }
    assert states == {"metrics": "ended"}
    assert rig.quoting()
    assert rig.restarted() == ["metrics server"] * 3
    nursery.cancel_scope.cancel()


def test_a_real_engine_is_read_on_a_real_port() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with site("config/paper.toml", f"engine.metrics_port={port}") as place, place.running() as one:
        one.wait_for("order_open")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/metrics")
        found = figures(connection.getresponse().read())
        assert of(found, "ready", strategy="doge", pair="DOGEUSDT") == 1
        deadline = time.monotonic() + 10
        while not of(found, "quoting_seconds_total", strategy="doge", side="buy"):
            assert time.monotonic() < deadline
            connection.request("GET", "/metrics")
            found = figures(connection.getresponse().read())
        assert one.stop()["exit_code"] == ExitCode.OK
