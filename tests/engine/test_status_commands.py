"""
`engine status` and `engine explain` as their user runs them.

Beside a running engine they are processes too, elsewhere they run in the process of the tests.
"""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trio
from rich.console import Console, RenderableType
from trio.testing import MockClock

from engine.control.protocol import Ask, Request
from engine.process.exit_codes import ExitCode
from engine.views.explain import explain
from engine.views.status_view import explain_view, status_view
from tests.engine.engine_process import Site, site
from tests.support.whole_engine import start_rig
from trading.readiness.lease import Component


def shown(view: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=200, markup=False)
    console.print(view)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("name", ["status", "explain"])
def test_where_no_engine_runs_it_says_so(name: str) -> None:
    with site() as place:
        ended = place.command(name)
        assert ended.returncode == ExitCode.VENUE_UNAVAILABLE
        assert "no engine 'paper' runs" in ended.stderr
        assert ended.stdout == ""
        assert "Examples" in place.command(name, "--help").stdout


@contextmanager
def live_look(place: Site, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that looks until it is told to end."""
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "engine", *place.line("status", "--live", *options)],
        env={**os.environ, **place.environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(look: "subprocess.Popen[str]") -> str:
    assert look.stdout is not None
    return look.stdout.readline()


def test_a_live_look_outlives_the_engine_and_ends_well() -> None:
    with (
        site() as place,
        place.running() as engine,
        live_look(place, "--json") as look,
    ):
        engine.wait_for("order_open")
        while not json.loads(line_of(look)).get("strategies"):
            pass
        text = place.process("status")
        assert text.returncode == ExitCode.OK, text.stderr
        assert "doge (DOGEUSDT): 10/10, ready" in text.stdout
        assert "\x1b" not in text.stdout, "no colour where there is no terminal"
        assert "quoting" in place.process("explain").stdout
        engine.kill()
        while "not_running" not in json.loads(line_of(look)):
            pass
        with place.running() as again:
            again.wait_for("order_open")
            while not json.loads(line_of(look)).get("strategies"):
                pass
        look.send_signal(signal.SIGINT)
        assert look.wait(timeout=10) == ExitCode.OK


def test_a_live_look_says_once_that_no_engine_runs() -> None:
    with site() as place, live_look(place) as people, live_look(place, "--json") as machines:
        said = [line_of(look) for look in (people, machines)]
        # Three looks more of both: silence can only be waited for.
        for look, seconds in ((people, 3.5), (machines, 0.1)):
            with pytest.raises(subprocess.TimeoutExpired):
                look.wait(seconds)
        for look, line in zip((people, machines), said, strict=True):
            assert "run" in line
            look.send_signal(signal.SIGINT)
            assert look.stdout is not None
            assert line.split()[0] not in look.stdout.read()
            assert look.wait(timeout=10) == ExitCode.OK


def test_an_order_has_a_story_with_beginning_and_end_also_when_the_engine_is_dead() -> None:
    with site("config/paper.toml", "strategies.doge.order_refresh_time=1") as place:
        assert place.command("explain", "nobody").returncode == ExitCode.NO_INPUT
        with place.running() as engine:
            engine.wait_for("order_open")
            engine.stop()
        listed = json.loads(place.command("orders", "--all", "--json").stdout)["orders"]
        order = listed[0]
        told = place.command("explain", order["order"])
        assert told.returncode == ExitCode.OK, told.stderr
        first, *middle, last = told.stdout.splitlines()
        assert first.startswith(f"{order['order']}: {order['side']} {order['quantity']} DOGEUSDT")
        assert any("open" in line for line in middle)
        assert last.strip().startswith(f"ended {order['status']} after")
        story = json.loads(place.command("explain", order["order"], "--json").stdout)
        assert story["events"][0]["status"] == "pending"
        assert story["events"][0]["after_s"] == 0
        assert story["ended"]
        unknown = place.command("explain", "qw-paper-doge-1-1")
        assert unknown.returncode == ExitCode.FAILURE
        assert "no order" in unknown.stderr


async def test_a_person_sees_the_halt_what_is_missing_and_nothing_that_a_terminal_obeys(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, 10)
    async with rig.conversation() as spoken:
        await spoken.ask(Request(ask=Ask.KILL, reason="wild \x1b[2J market"))
        await spoken.next()
        rig.system.wires.facts.revoke(Component.ACCOUNT_BALANCE, "a test says so")
        await trio.sleep(1)
        status = (await spoken.ask(Request(ask=Ask.STATUS))).content["status"]
    text = shown(status_view(status))
    assert "HALTED: wild ?[2J market" in text
    assert "9/10, NOT READY" in text
    assert "a test says so" in text
    assert "no orders" in text
    why = shown(explain_view(explain(status)))
    assert why.index("halted: wild") < why.index("a test says so")
    assert "doge (DOGEUSDT) buy: NOT QUOTING" in why
    assert "\x1b" not in text + why
    nursery.cancel_scope.cancel()


def test_the_inputs_of_a_gate_are_shown_where_it_has_some() -> None:
    gate = {
        "code": "too_close",
        "side": "buy",
        "sentence": "the mid price is too close",
        "opens_in_s": 2.0,
        "inputs": {"spread": "0.001"},
        "from": "strategy",
        "age_s": 0.5,
        "opening": {"words": "time alone opens it", "what": None, "value": None},
    }
    side = {
        "quoting": False,
        "orders": [],
        "wanted": [],
        "otherwise": [
            {"quantity": "40", "price": "0.1", "spread": "0.001"},
        ],
        "gates": [gate, gate | {"opens_in_s": None, "opening": {"words": "wait for it"}}],
        "input_ages_s": {"top of book": 0.25, "balances confirmed": None},
        "time": {"seconds": 30, "share": 0.75, "not_quoting_s": {"too_close": 10.0}},
    }
    explanation = {"strategies": {"doge": {"pair": "DOGEUSDT", "sides": {"buy": side}}}}
    text = shown(explain_view(explanation))
    assert "the mid price is too close [spread 0.001]; opens in 2.0 s" in text
    assert "too_close, 0.5 s ago" in text
    assert "opens: wait for it" in text
    assert "otherwise 40 at 0.1, 0.100 % from the mid price" in text
    assert "top of book 0.2 s old, balances confirmed missing" in text
    assert "quoting 30.0 s (75.0%); not while too_close 10.0 s" in text
