"""What a person is told of a whole engine, in virtual time; and how its end is told."""

import re

import attrs
import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.ports.alert_book import AlertBook
from config.credentials import Secret
from engine.alerts.last_words import ended_badly, tell_last_words
from engine.control.protocol import Ask, Request
from engine.environment.world import World
from engine.views.metrics import metrics_text
from engine.views.status_view import plain_console, status_view
from tests.support.lives import until
from tests.support.messengers import Pigeon
from tests.support.whole_engine import Rig, simulated_world, start_rig
from trading.alerts.alert import Alert, AlertKind
from trading.alerts.outbox import Outbox


def telling(*pigeons: Pigeon, heartbeat: str = "") -> World:
    beat = Secret(heartbeat) if heartbeat else None
    return attrs.evolve(simulated_world(1), messengers=pigeons, heartbeat=beat)


async def asked(rig: Rig, request: Request) -> dict[str, object]:
    async with rig.conversation() as spoken:
        return dict((await spoken.ask(request)).content)


async def test_a_kill_reaches_a_person_and_the_status_says_so(
    nursery: trio.Nursery, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    pigeon = Pigeon()
    rig = await start_rig(nursery, world=telling(pigeon))
    await rig.until(rig.quoting, within_s=10)
    await asked(rig, Request(ask=Ask.KILL, reason="looks wrong"))
    await until(lambda: pigeon.taken)
    assert pigeon.taken[0][0] == "paper: halted"
    status = (await asked(rig, Request(ask=Ask.STATUS)))["status"]
    assert isinstance(status, dict)
    assert status["alerts"]["destinations"] == [
        {"name": "pigeon", "sent": 1, "waiting": 0, "dropped": 0, "failed": 0, "trouble": None}
    ]
    plain_console().print(status_view(status))
    assert "messages to no. 1 (pigeon): 1 sent, 0 waiting" in capsys.readouterr().out
    nursery.cancel_scope.cancel()


async def test_a_strategy_that_cannot_quote_is_told_after_its_minutes_and_when_it_can_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    pigeon = Pigeon()
    rig = await start_rig(nursery, "alerts.not_quoting_s=30", world=telling(pigeon))
    await rig.until(rig.quoting, within_s=10)
    rig.exchange.set_read_only(True)
    await until(lambda: pigeon.taken, within_s=120)
    rig.exchange.set_read_only(False)
    await until(lambda: len(pigeon.taken) > 1, within_s=120)
    assert [title for title, _ in pigeon.taken] == [
        "paper: not quoting: doge",
        "paper: over: not quoting: doge",
    ]
    assert "not_ready" in pigeon.taken[0][1]
    nursery.cancel_scope.cancel()


async def test_a_messenger_that_is_away_harms_no_quote_and_is_told_in_the_status(
    nursery: trio.Nursery, autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    pigeon = Pigeon(trouble="connection refused")
    rig = await start_rig(nursery, "alerts.restarts_max=1", world=telling(pigeon))
    await rig.until(rig.quoting, within_s=10)
    for _ in range(2):
        rig.actors["account"].crash()
        await trio.sleep(5)
    await until(lambda: pigeon.attempts > 1)
    await rig.until(rig.quoting, within_s=10)
    status = (await asked(rig, Request(ask=Ask.STATUS)))["status"]
    assert isinstance(status, dict)
    plain_console().print(status_view(status))
    told = capsys.readouterr().out
    assert "attempts failed; THEY DO NOT ARRIVE: connection refused" in told
    page = metrics_text(status).decode()
    where = '{destination="pigeon",number="1"}'
    assert f"quotewright_alerts_sent_total{where} 0.0" in page
    assert f"quotewright_alerts_waiting{where} " in page
    [failed] = re.findall(rf"alerts_attempts_failed_total{re.escape(where)} (\S+)", page)
    assert float(failed) == pigeon.attempts
    nursery.cancel_scope.cancel()


async def test_an_engine_without_destinations_has_nobody_who_tells(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    assert "messages" not in rig.actors
    assert rig.system.wires.alerts.peek() is None
    nursery.cancel_scope.cancel()


async def test_a_bad_end_is_told_before_what_waited_and_within_its_time(
    autojump_clock: MockClock,
) -> None:
    pigeon, deaf = Pigeon(), Pigeon(hangs=True)
    waiting = Alert(kind=AlertKind.RESTARTS, text="many", at=0.0)
    book = AlertBook(outboxes=(Outbox().put(waiting), Outbox()))
    end = ended_badly(code=1, ended_by="a defect", flat=False, left="2 seen", at=1.0)
    began = trio.current_time()
    with capture_logs() as logs:
        await tell_last_words("paper", book, (pigeon, deaf), end)
    told = [(one["event"], one["kind"]) for one in logs if "kind" in one]
    assert told == [("alert", "not_flat"), ("alert_sent", "not_flat"), ("alert_sent", "restarts")]
    assert trio.current_time() - began <= 8
    assert [title for title, _ in pigeon.taken] == ["paper: not flat", "paper: restarts"]
    assert "ORDERS MAY STILL BE OPEN: 2 seen" in pigeon.taken[0][1]


async def test_a_good_end_with_nothing_waiting_takes_no_time(autojump_clock: MockClock) -> None:
    pigeon = Pigeon()
    began = trio.current_time()
    await tell_last_words("paper", AlertBook(outboxes=(Outbox(),)), (pigeon,), None)
    assert trio.current_time() == began
    assert pigeon.attempts == 0
