"""A run of the checks: defects stay where they are, money is bounded, and nothing is left."""

import json
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
import trio

from engine.cli.app import main
from engine.conformance.checks.every import PROBES
from engine.conformance.lab import Lab
from engine.conformance.probe import Probe
from engine.conformance.running import Choice
from engine.process.exit_codes import ExitCode
from engine.system.running import StopRequest
from tests.engine.conformance_ends import end_at
from tests.support.conformance_rig import Rig
from trading.journal import reading
from trading.journal.stored import StoredFill, StoredOrder
from trading.orders.order import OrderStatus
from trading.venues.valr.conformance.check import Facts, Level, Verdict

STILL = "simulator.rules.cancel_on_disconnect=false"
RESTING = frozenset({"orders.placed-by-socket", "orders.looked-up", "orders.cancelled"})


def probe(name: str) -> Probe:
    return next(one for one in PROBES if one.check.id == name)


async def _defect(lab: Lab) -> Facts:
    raise ZeroDivisionError("a slip of ours")


async def test_a_check_that_raises_is_a_defect_of_that_check_alone(
    autojump_clock: object,
) -> None:
    names = ("public.time", "public.status")
    broken = attrs.evolve(probe(names[0]), look=_defect)
    rig = Rig(choice=Choice(level=Level.PUBLIC), probes=(broken, probe(names[1])))
    first, second = (await rig.run()).report.results
    assert (first.verdict, first.because) == (Verdict.BROKEN, "ZeroDivisionError: a slip of ours")
    assert second.verdict is Verdict.AS_EXPECTED


async def test_every_answer_is_evidence_of_its_check(autojump_clock: object) -> None:
    only = frozenset({"public.time", "public.subscribed"})
    seen = await Rig(choice=Choice(level=Level.PUBLIC, only=only)).run()
    for result in seen.report.results:
        cited = [seen.evidence.frames[number - 1] for number in result.frames]
        assert any(frame.sent for frame in cited)
        assert any(not frame.sent for frame in cited)


async def test_no_order_goes_beyond_the_budget(autojump_clock: object) -> None:
    rig = Rig(choice=Choice(level=Level.ORDERS, only=RESTING), budget=Decimal("0.01"))
    report = (await rig.run()).report
    assert {result.verdict for result in report.results} == {Verdict.NOT_TRIED}
    assert all("--spend-at-most" in result.because for result in report.results)
    assert report.left == ""


async def test_a_stop_at_any_moment_leaves_nothing_and_keeps_what_was_seen(
    autojump_clock: object,
) -> None:
    for moment_s in range(1, 20, 4):
        stop = StopRequest()
        rig = Rig(overrides=[STILL], choice=Choice(level=Level.ORDERS, only=RESTING))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_ask_later, stop, moment_s / 3)
            seen = await rig.run(stop)
            nursery.cancel_scope.cancel()
        assert seen.report.left == ""
        assert rig.open_orders() == 0
        assert all(r.verdict is Verdict.AS_EXPECTED for r in seen.report.results)


async def _ask_later(stop: StopRequest, after_s: float) -> None:
    await trio.sleep(after_s)
    stop.ask("SIGINT")


async def test_without_a_way_to_the_venue_nothing_is_seen_and_nothing_breaks(
    autojump_clock: object,
) -> None:
    rig = Rig(choice=Choice(level=Level.ACCOUNT), cut=True)
    report = (await rig.run()).report
    assert {result.verdict for result in report.results} <= {Verdict.NOT_SEEN, Verdict.NOT_TRIED}


def in_the_ledger(rig: Rig) -> tuple[list[StoredOrder], list[StoredFill]]:
    read = rig.ledger().read
    orders = read(lambda query: reading.orders(query, venue=None, since_ns=0, ended_too=True))
    return orders, read(lambda query: reading.fills(query, venue=None))


@pytest.mark.parametrize("found_after_s", [0.0, 4.0, 12.0])
async def test_a_market_order_that_is_found_late_is_no_order_that_never_was(
    autojump_clock: object, found_after_s: float
) -> None:
    rig = Rig(
        overrides=[f"simulator.rules.lookup_delay_s={found_after_s}"],
        choice=Choice(level=Level.ORDERS, only=frozenset({"orders.filled"}), fill=True),
    )
    report = (await rig.run()).report
    orders, fills = in_the_ledger(rig)
    assert {one.status for one in orders} == {OrderStatus.FILLED}
    assert {one.fill.client_order_id for one in fills} == {one.client_order_id for one in orders}
    assert report.left == ""


def test_a_killed_run_is_cleaned_up_by_the_ledger() -> None:
    ended = end_at("kill", 0.3, only="orders.placed-by-socket")
    assert ended.left == 1
    assert ended.good, ended


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--only", "public.nothing"], ExitCode.USAGE, "there is no check public.nothing"),
        (["--only", ""], ExitCode.USAGE, "name a check"),
        (["--only", " , "], ExitCode.USAGE, "name a check"),
        (
            ["--only", "orders.placed-by-socket,public.time,account.fees"],
            ExitCode.USAGE,
            "account.fees needs --level account; orders.placed-by-socket needs --level orders",
        ),
        (["--only", "public.idle"], ExitCode.USAGE, "public.idle needs --slow"),
        (
            ["--only", "orders.filled", "--level", "orders", "--spend-at-most", "9", "USDT"],
            ExitCode.USAGE,
            "orders.filled needs --fill",
        ),
        (["--level", "orders", "--spend-at-most", "0", "USDT"], ExitCode.USAGE, "0 is nothing"),
        (["--level", "orders", "--spend-at-most", "-5", "USDT"], ExitCode.USAGE, "-5"),
        (["--level", "orders"], ExitCode.USAGE, "needs --spend-at-most AMOUNT CURRENCY"),
        (["--level", "orders", "--spend-at-most", "x", "USDT"], ExitCode.USAGE, "no amount"),
        (["--level", "orders", "--spend-at-most", "5", "ZAR"], ExitCode.USAGE, "ZAR is not the"),
        (["--level", "orders", "--spend-at-most", "5", "USDT"], ExitCode.USAGE, "confirmed"),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_started(
    arguments: list[str],
    code: ExitCode,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = f"engine.state_directory={tmp_path}"
    assert main(["conformance", "config/paper.toml", "--set", place, *arguments]) == code
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_one_object_for_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, out = f"engine.state_directory={tmp_path}", tmp_path / "seen.zip"
    only = ["--only", "public.time,public.wrong-pair", "--json", "--out", str(out)]
    assert main(["conformance", "config/paper.toml", "--set", place, *only]) == ExitCode.OK
    report = json.loads(capsys.readouterr().out)
    assert [row["verdict"] for row in report["checks"]] == ["as expected"] * 2
    assert report["checks"][1]["seen"] == report["checks"][1]["expected"]
    assert out.stat().st_size > 0
