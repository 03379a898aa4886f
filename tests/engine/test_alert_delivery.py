"""Messages at real servers of this machine: mail, HTTP, and the heartbeat."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from actors.ports.alert_book import AlertBook
from actors.ports.ports import Latest
from config.credentials import Secret
from engine.alerts.delivery import NOT_UNDERSTOOD, deliver, without_secrets
from engine.alerts.heartbeats import heartbeat
from engine.alerts.messengers import ProcessMessenger
from engine.environment.world import real_world
from tests.engine.engine_process import PAPER
from tests.engine.in_process import in_process
from tests.support.extras import extra
from tests.support.lives import begin, until
from tests.support.receivers import Received, http_receiver, mail_receiver
from trading.alerts.alert import Alert, AlertKind

EACH = [Alert(kind=kind, text=f"something about {kind.value}", at=0.0) for kind in AlertKind]


@pytest.fixture
def apprise() -> None:
    extra("apprise", "alerts")


@pytest.fixture
def web() -> Iterator[Received]:
    with http_receiver() as received:
        yield received


@pytest.mark.usefixtures("apprise")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise's own
def test_each_kind_reaches_a_web_hook_once(web: Received) -> None:
    for alert in EACH:
        assert deliver(f"json://127.0.0.1:{web.port}/hook", alert.title, alert.text) == ""
    said = [(json.loads(body)["title"], json.loads(body)["message"]) for body in web.bodies]
    assert said == [(alert.title, alert.text) for alert in EACH]


@pytest.mark.usefixtures("apprise")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_each_kind_reaches_a_mailbox_once() -> None:
    extra("aiosmtpd")
    with mail_receiver() as mail:
        to = f"mailto://127.0.0.1:{mail.port}/?from=qw@example.org&to=me@example.org&mode=insecure"
        for alert in EACH:
            assert deliver(to, f"live1: {alert.title}", alert.text) == ""
    assert len(mail.bodies) == len(EACH)
    for alert, body in zip(EACH, mail.bodies, strict=True):
        assert body.startswith(f"live1: {alert.title}\n")
        assert alert.text in body


@pytest.mark.usefixtures("apprise")
async def test_a_process_sends_and_says_why_it_could_not_without_what_is_secret(
    web: Received,
) -> None:
    messenger = ProcessMessenger(address=Secret(f"json://127.0.0.1:{web.port}/SecretToken"))
    assert await messenger.send("title", "text") == ""
    web.status = 500
    trouble = await messenger.send("title", "text")
    assert "500" in trouble
    assert "SecretToken" not in trouble
    assert len(web.bodies) == 1


@pytest.mark.usefixtures("apprise")
async def test_a_look_at_an_address_sends_nothing_and_says_whether_it_is_understood(
    web: Received,
) -> None:
    fine = ProcessMessenger(address=Secret(f"json://127.0.0.1:{web.port}/SecretToken"))
    assert await fine.look() == ""
    for strange in ("nothing-known://SecretToken", "tgram://SecretToken"):
        trouble = await ProcessMessenger(address=Secret(strange)).look()
        assert trouble == NOT_UNDERSTOOD
    assert web.paths == []


async def test_a_process_that_fails_or_says_nothing_is_told_of() -> None:
    address = Secret("json://127.0.0.1/SecretToken")
    broken = ProcessMessenger(
        address=address, command=(sys.executable, "-c", "raise SystemExit(3)")
    )
    assert await broken.send("title", "text") == ("what sends messages ended with 3 and no answer")
    absent = ProcessMessenger(address=address, command=("/nonexistent",))
    assert "no process could be started" in await absent.send("title", "text")


def test_no_piece_of_an_address_is_in_what_is_told() -> None:
    url = "tgram://123456:AbCdEf/987654/?format=text&pass=hunter22"
    assert without_secrets(url, "bot 123456 said AbCdEf, hunter22") == (
        "bot [redacted] said [redacted], [redacted]"
    )


def trouble_of(book: Latest[AlertBook]) -> str:
    known = book.peek()
    return "" if known is None else known.heartbeat


async def test_a_heartbeat_is_fetched_and_its_failure_is_told_once(
    nursery: trio.Nursery, web: Received
) -> None:
    book = Latest[AlertBook]()
    url = f"http://127.0.0.1:{web.port}/ping/SecretToken?x=1"
    actor = heartbeat(url, real_world(1).network, book, every_s=0.02)
    await begin(nursery, actor)
    await until(lambda: web.paths)
    assert web.paths[0] == "/ping/SecretToken?x=1"
    web.status = 503
    await until(lambda: trouble_of(book))
    assert trouble_of(book) == "127.0.0.1 answers with status 503"
    web.status = 200
    await until(lambda: not trouble_of(book))
    nursery.cancel_scope.cancel()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    text = Path(PAPER).read_text(encoding="utf-8")
    path.write_text(f'{text}\n[alerts]\nheartbeat_url = {{ env = "BEAT" }}\n', encoding="utf-8")
    return path


def test_the_command_says_what_became_of_each(config: Path, web: Received) -> None:
    there = {"BEAT": f"http://127.0.0.1:{web.port}/ping"}
    ended = in_process("alerts", "test", str(config), environment=there)
    assert (ended.returncode, ended.stdout) == (0, "1  heartbeat_url  taken\n")
    web.status = 404
    ended = in_process("alerts", "test", str(config), "--json", environment=there)
    assert ended.returncode == 1
    [found] = json.loads(ended.stdout)["destinations"]
    assert found["trouble"] == "127.0.0.1 answers with status 404"


def test_the_command_says_which_address_is_missing_and_that_nothing_was_sent(config: Path) -> None:
    ended = in_process("alerts", "test", str(config))
    assert ended.returncode == 77
    assert "alerts.heartbeat_url: the environment variable BEAT is not set" in ended.stderr
    assert ended.stderr.endswith("1 problem; nothing was sent\n")


def test_without_destinations_the_command_says_where_they_are_explained() -> None:
    ended = in_process("alerts", "test", PAPER)
    assert ended.returncode == 78
    assert "docs/alerts.md" in ended.stderr


def test_where_the_extra_is_missing_nothing_starts_and_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    path = tmp_path / "mine.toml"
    text = Path(PAPER).read_text(encoding="utf-8")
    path.write_text(f'{text}\n[alerts]\nto = [{{ env = "TO" }}]\n', encoding="utf-8")
    ended = in_process("run", str(path), environment={"TO": "json://127.0.0.1/x"})
    assert ended.returncode == 78
    assert "pip install 'quotewright[alerts]'" in ended.stderr
