"""A running engine records its session, the recording decides the same again, and harms nothing."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
import trio
from rich.console import Console
from structlog.testing import capture_logs
from trio.testing import MockClock

from engine.environment.simulated_venue import demo_key
from engine.storage.recording_files import CutFile, read_lines
from engine.views.status_view import status_view
from tests.engine.test_reload import reload
from tests.engine.test_status import asked
from tests.support.moody import WITH_MOODY, Mood
from tests.support.recorded_session import RECORDED, recorded, replayed, thirty_seconds
from tests.support.whole_engine import DOGE, Rig, start_rig
from trading.core.identifiers import StrategyName
from trading.recorded.audit import RecordingAudit
from trading.venues.registry import venue_kind

_STOIK = (
    'strategies.stoik={kind="avellaneda_stoikov", pair="BTC-USDT", order_amount=0.01,'
    " risk_factor=0.5, order_refresh_time=3, estimator_minimum_samples=5,"
    " limits={max_order_notional=50000, min_base_holding=0, max_base_holding=100,"
    " min_quote_holding=0, max_daily_loss=100000, max_drawdown=100000, max_fills_in_row=1000,"
    ' fills_window_s=1, price_collar="50 %"}}'
)
AVELLANEDA = (_STOIK, "simulator.balances.BTC=10")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of two kinds of strategy."""
    return recorded(tmp_path_factory.mktemp("recorded"), thirty_seconds, *AVELLANEDA)


def text_of(session: Path) -> str:
    """All that was written."""
    found = [(session / "head.json").read_text(encoding="utf-8")]
    for path in sorted(session.glob("*.zst")):
        with path.open("rb") as file, contextlib.suppress(CutFile):
            found.extend(line.decode() for line in read_lines(file, path, lambda _: None))
    return "\n".join(found)


def shown(told: dict[str, Any]) -> str:
    """A status as a person sees it."""
    console = Console(file=io.StringIO(), width=300)
    console.print(status_view(told))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def kinds_of_lines(session: Path) -> set[str]:
    return {
        json.loads(line)["line"]
        for line in text_of(session).splitlines()
        if line.startswith('{"line"')
    }


def test_every_decision_comes_out_as_it_was_recorded(session: Path) -> None:
    report = replayed(session, books=True)
    assert report.same
    assert report.same_code
    assert report.end.ended
    assert report.lost == 0
    for name in (DOGE, StrategyName("stoik")):
        tally = report.tallies[name]
        assert tally.judged == tally.looks > 20
        assert tally.lives == 1
    assert report.books is not None
    assert report.books.compared > 50
    assert report.books.others == report.books.missing == 0


def test_another_setting_decides_otherwise_and_the_first_look_that_does_is_shown(
    session: Path,
) -> None:
    report = replayed(session, overrides=("strategies.doge.filled_order_delay=3",))
    assert not report.same
    [first] = report.differences
    assert first.strategy == DOGE
    assert first.look > 1
    assert "completed" in first.changed
    assert first.recorded.keys() == first.now.keys() != set()
    assert report.tallies[StrategyName("stoik")].judged > 20
    only = replayed(
        session, only=StrategyName("stoik"), overrides=("strategies.doge.order_amount=9",)
    )
    assert only.same
    assert set(only.tallies) == {"stoik"}


def test_the_frames_of_the_market_are_a_clean_recording(session: Path) -> None:
    kind = venue_kind("valr")
    venue = kind.market(kind.usual_feed)
    audit = RecordingAudit(venue.decode_market, venue.book_rules)
    path = session / "market-0001.zst"
    with path.open("rb") as file:
        for line in read_lines(file, path, lambda _: None):
            audit.take(line)
    assert audit.report().clean


def test_the_account_is_recorded_in_both_directions_with_the_answers_of_rest(
    session: Path,
) -> None:
    lines = [line for line in text_of(session).splitlines() if line[:1].isdigit()]
    assert any(' < {"type":"ORDER_PROCESSED"' in line for line in lines)
    assert any(' > {"type":"PLACE_LIMIT_ORDER"' in line for line in lines)
    assert any(" R GET /v1/account/balances" in line and " 200 [" in line for line in lines)


def test_no_key_secret_or_signature_is_in_any_file(session: Path) -> None:
    key, text = demo_key(), text_of(session)
    assert "strategies" in text
    for secret in (key.api_key, key.api_secret):
        assert secret[:12] not in text
    assert "signature" not in text.lower()
    assert "x-valr" not in text.lower()


def test_the_clocks_are_tied_and_the_venue_s_is_compared(session: Path) -> None:
    assert kinds_of_lines(session) == {"time", "begin", "look", "clock", "end"}


def test_a_life_that_a_strategy_s_error_ended_is_followed_by_another(tmp_path: Path) -> None:
    moody = (
        'strategies.moody={kind="moody", pair="BTC-USDT", order_amount=0.001,'
        f' order_refresh_time=15, mood="{Mood.RAISES.value}", worst_after=8}}'
    )
    session = recorded(tmp_path, thirty_seconds, moody, kinds=WITH_MOODY)
    report = replayed(session, kinds=WITH_MOODY)
    assert report.same
    tally = report.tallies[StrategyName("moody")]
    assert tally.lives > 2
    assert tally.judged == tally.looks > 5


def test_a_reload_is_replayed_too(tmp_path: Path) -> None:
    async def reload_twice(rig: Rig) -> None:
        await trio.sleep(5)
        for spread in ("0.3 %", "0.4 %"):
            told = await reload(rig, *RECORDED, f'strategies.doge.bid_spread="{spread}"')
            assert told["applied"], told
            await trio.sleep(8)

    session = recorded(tmp_path, reload_twice)
    assert {"reload", "handed over"} <= kinds_of_lines(session)
    report = replayed(session)
    assert report.same
    assert report.tallies[DOGE].judged > 10


async def test_trading_goes_on_when_the_disk_is_full_and_the_status_says_so(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery, *RECORDED)
        await trio.sleep(20)
        rig.disk.full = True
        await trio.sleep(20)
    [ended] = [entry for entry in logs if entry["event"] == "recording_ended"]
    assert ended["cause"] == "No space left on device"
    assert rig.quoting()
    assert rig.restarted() == []
    all_told = await asked(rig)
    assert "RECORDING ENDED: No space left on device; " in shown(all_told)
    told = all_told["recording"]
    assert told["ended"] == "No space left on device"
    assert told["dropped"] > 0
    nursery.cancel_scope.cancel()
    report = replayed(rig.disk.recordings.copied_to(tmp_path))
    assert report.same
    assert not report.end.ended
    assert report.end.cut
    assert report.tallies[DOGE].judged > 5


async def test_a_recorder_that_fails_goes_on_after_a_gap_and_one_that_keeps_failing_is_given_up(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    rig = await start_rig(nursery, *RECORDED)
    await trio.sleep(15)
    assert rig.actors["session recorder"].crash()
    await trio.sleep(60)
    assert rig.restarted() == ["session recorder"]
    assert " MB in /" in shown(await asked(rig))
    goes_on = replayed(rig.disk.recordings.copied_to(tmp_path / "once"), books=True)
    assert goes_on.same
    assert goes_on.tallies[DOGE].judged > 20
    assert goes_on.gaps == 1
    for _ in range(5):
        rig.actors["session recorder"].crash()
        await trio.sleep(3)
    assert rig.restarted() == ["session recorder"] * 4
    assert rig.quoting()
    assert rig.system.wires.tap is not None
    assert rig.system.wires.tap.take() == []
    before = sum(map(len, rig.disk.recordings.files.values()))
    await trio.sleep(20)
    assert rig.quoting()
    assert sum(map(len, rig.disk.recordings.files.values())) == before
    nursery.cancel_scope.cancel()


async def test_nothing_is_recorded_unless_the_configuration_says_so(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await trio.sleep(10)
    assert rig.disk.recordings.files == {}
    assert rig.system.wires.tap is None
    assert "session recorder" not in rig.actors
    assert (await asked(rig))["recording"] is None
    nursery.cancel_scope.cancel()
