"""Where orders may be left they are named, with the command that cancels them."""

import json
from pathlib import Path

import attrs
import pytest

from engine.cli.app import main
from engine.cli.conformance import exit_code
from engine.conformance.order_desk import OrderDesk
from engine.conformance.report import as_json, verdict_line
from engine.conformance.running import Choice
from engine.process.exit_codes import ExitCode
from tests.engine.exchange_process import exchange_process
from tests.support.conformance_rig import Rig
from trading.core.errors import Fatal, Outage
from trading.core.market import Side
from trading.journal import reading
from trading.venues.valr.conformance.check import Level, Verdict

STILL = "simulator.rules.cancel_on_disconnect=false"
PLACING = Choice(level=Level.ORDERS, only=frozenset({"orders.placed-by-socket"}))
LIVE = ("conformance", "config/live.example.toml")
NOWHERE = (
    *("--set", "venue.rest_url=http://127.0.0.1:9"),
    *("--set", "venue.websocket_url=ws://127.0.0.1:9"),
)


def open_in(rig: Rig) -> list[str]:
    return [
        order.client_order_id
        for order in rig.ledger().read(
            lambda query: reading.orders(query, venue=None, since_ns=0, ended_too=False)
        )
    ]


def cut_off() -> Rig:
    return Rig(overrides=[STILL], choice=PLACING, cut_once_open=True, identity="a venue")


async def test_a_run_that_is_cut_off_names_what_it_may_have_left_and_the_cure(
    autojump_clock: object,
) -> None:
    rig = cut_off()
    report = (await rig.run()).report
    [name] = open_in(rig)
    assert report.left
    assert list(report.left_orders) == [name]
    assert name in verdict_line(report)
    assert "engine conformance CONFIG --cleanup" in verdict_line(report)
    assert "flat" not in verdict_line(report)
    told = as_json(report)
    assert told["left_orders"] == [name]
    assert told["cleanup"] == "engine conformance CONFIG --cleanup"
    assert exit_code(report) is ExitCode.FAILURE


async def test_a_run_that_places_nothing_tells_what_an_earlier_one_has_left(
    autojump_clock: object,
) -> None:
    rig = cut_off()
    await rig.run()
    later = (await attrs.evolve(rig, cut=True).run()).report
    assert {result.verdict for result in later.results} == {Verdict.NOT_TRIED}
    assert list(later.left_orders) == open_in(rig)
    assert "flat" not in verdict_line(later)
    assert exit_code(later) is ExitCode.FAILURE


async def test_a_cleanup_that_does_not_reach_the_venue_names_what_is_open(
    autojump_clock: object,
) -> None:
    rig = cut_off()
    await rig.run()
    [name] = open_in(rig)
    done = await attrs.evolve(rig, cut=True).clean_up()
    assert not done.reached
    assert list(done.orders) == [name]
    assert "not reached" in done.left
    done = await attrs.evolve(rig, cut_once_open=False).clean_up()
    assert (done.left, list(done.orders), done.reached, done.holdings) == ("", [], True, "")


async def test_a_key_that_is_refused_is_told_with_what_is_open(autojump_clock: object) -> None:
    rig = cut_off()
    await rig.run()
    [name] = open_in(rig)
    refused = attrs.evolve(rig, cut_once_open=False, key_refused=True)
    for tried in (refused.run, refused.clean_up):
        with pytest.RaisesGroup(pytest.RaisesExc(Fatal, match=name), flatten_subgroups=True):
            await tried()


@pytest.mark.parametrize(
    "arguments",
    [["--cleanup"], ["--level", "orders", "--spend-at-most", "9", "USDT", "--yes"]],
    ids=["cleanup", "orders"],
)
def test_a_key_that_is_refused_has_its_exit_code_and_no_traceback(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    monkeypatch.setenv("VALR_API_KEY", "0" * 64)
    monkeypatch.setenv("VALR_API_SECRET", "1" * 64)
    with exchange_process() as exchange:
        sets = (
            f"venue.rest_url={exchange.hello['rest']}",
            f"venue.websocket_url={exchange.hello['websocket']}",
            f"engine.state_directory={tmp_path}",
        )
        code = main([*LIVE, *(word for text in sets for word in ("--set", text)), *arguments])
    assert code == ExitCode.KEY_OR_PERMISSION
    assert "refused our key" in capsys.readouterr().err


async def test_a_cleanup_tells_what_the_run_before_has_bought_and_not_sold_back(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = OrderDesk.small

    async def small(self: OrderDesk, **changed: object) -> object:
        if changed.get("side") is Side.SELL:
            raise Outage("the line is gone")
        return await whole(self, **changed)

    choice = Choice(level=Level.ORDERS, only=frozenset({"orders.filled"}), fill=True)
    rig = Rig(choice=choice, identity="a venue")
    assert (await rig.run()).report.holdings == ""
    assert (await rig.clean_up()).holdings == ""
    monkeypatch.setattr(OrderDesk, "small", small)
    said = (await rig.run()).report.holdings
    assert said.endswith("not sold back")
    assert (await rig.clean_up()).holdings == said
    assert (await rig.clean_up()).holdings == said


def cleanup(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("VALR_API_KEY", "0" * 64)
    monkeypatch.setenv("VALR_API_SECRET", "1" * 64)
    place = f"engine.state_directory={folder}"
    return main([*LIVE, *NOWHERE, "--set", place, "--cleanup", *arguments])


def test_a_cleanup_is_one_object_for_machines_and_tells_that_the_venue_is_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cleanup(tmp_path, monkeypatch, "--json") == ExitCode.VENUE_UNAVAILABLE
    told = json.loads(capsys.readouterr().out)
    assert "not reached" in told["left"]
    assert told["left_orders"] == []
    assert told["cleanup"].startswith("engine conformance config/live.example.toml --set ")
    assert told["cleanup"].endswith(" --cleanup")
    assert cleanup(tmp_path, monkeypatch) == ExitCode.VENUE_UNAVAILABLE
    assert "orders may be left: the venue was not reached" in capsys.readouterr().out


def test_a_cleanup_has_no_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "seen.zip"
    assert cleanup(tmp_path, monkeypatch, "--out", str(out)) == ExitCode.USAGE
    assert "--cleanup makes no check" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
