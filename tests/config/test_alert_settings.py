"""The section ``[alerts]``: what is read, what is refused, and addresses that stay secret."""

from decimal import Decimal

import pytest

from config.credentials import SecretReference
from config.load.alert_addresses import alert_addresses
from config.load.reloading import changes
from config.rules.hours import Hours
from config.source.files import FileContent
from config.source.problems import ConfigurationProblems
from tests.config.loaded import PAPER, loaded
from tests.config.memory_files import MemoryFiles
from trading.alerts.alert import AlertKind

ALERTS = """
[alerts]
to = [{ env = "TO" }, { file = "/etc/to" }]
heartbeat_url = { env = "BEAT" }
quiet_hours = "22:00-06:00"
daily_summary = "07:30"
loss_share = "50 %"
leave_out = ["restarts"]
"""


def test_every_key_is_read() -> None:
    alerts = loaded(PAPER + ALERTS).alerts
    assert alerts.to == (SecretReference(env="TO"), SecretReference(file="/etc/to"))
    assert alerts.quiet_hours == Hours(start=22 * 3600, end=6 * 3600)
    assert alerts.terms.summary_at == 7 * 3600 + 1800
    assert alerts.terms.loss_share == Decimal("0.5")
    assert alerts.terms.leave_out == {AlertKind.RESTARTS}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('to = ["tgram://token/chat"]', "a key is given by reference, never by value"),
        ('to = [{ env = "A" }, { env = "A" }]', "names the same place twice"),
        ('quiet_hours = "25:00-06:00"', "holds a time that no day has"),
        ('daily_summary = "24:00"', "is not a time of day"),
        ('daily_summary = "7:3"', "is not a time of day"),
        ('leave_out = ["everything"]', "is not known"),
        ('loss_share = "101 %"', "is not at most 100 %"),
        ("not_quoting_s = 1", "is not at least 10 s"),
    ],
)
def test_what_is_wrong_is_refused_and_no_address_is_shown(line: str, said: str) -> None:
    with pytest.raises(ConfigurationProblems) as problems:
        loaded(f"{PAPER}\n[alerts]\n{line}\n")
    assert said in str(problems.value)
    assert "tgram" not in str(problems.value)


def test_addresses_are_fetched_from_where_they_are_kept() -> None:
    files = MemoryFiles({"/etc/to": FileContent(b"mailtos://me:password@host\n", 0o600)})
    addresses = alert_addresses(
        loaded(PAPER + ALERTS), {"TO": "ntfys://topic", "BEAT": "https://beat/token"}, files
    )
    assert [one.reveal() for one in addresses.to] == [
        "ntfys://topic",
        "mailtos://me:password@host",
    ]
    assert "token" not in repr(addresses)
    assert len(addresses.secrets) == 3


def test_all_that_is_missing_is_told_at_once_without_any_address() -> None:
    files = MemoryFiles({"/etc/to": FileContent(b"no address but Sekret", 0o600)})
    with pytest.raises(ConfigurationProblems) as problems:
        alert_addresses(loaded(PAPER + ALERTS), {"TO": "OnlySekret"}, files)
    text = str(problems.value)
    assert "alerts.to: holds no address" in text
    assert "alerts.heartbeat_url: the environment variable BEAT is not set" in text
    assert "Sekret" not in text


@pytest.mark.parametrize(
    "beat", ["ftp://Sekret/ping", "https:///Sekret", "http://[::Sekret", "http://Sekret:99999/"]
)
def test_a_heartbeat_that_is_no_address_of_the_web_is_refused(beat: str) -> None:
    settings = loaded(f'{PAPER}\n[alerts]\nheartbeat_url = {{ env = "BEAT" }}\n')
    with pytest.raises(ConfigurationProblems, match="heartbeat_url: holds no address of") as found:
        alert_addresses(settings, {"BEAT": beat})
    assert "Sekret" not in str(found.value)


def test_a_configuration_without_it_asks_for_nothing() -> None:
    assert alert_addresses(loaded(PAPER), {}).secrets == ()


def test_a_running_engine_does_not_take_them_over() -> None:
    found = changes(loaded(PAPER), loaded(PAPER + ALERTS))
    assert {change.key for change in found} >= {"alerts.to", "alerts.daily_summary"}
    assert all(change.why_not for change in found)
    [summary] = [change for change in found if change.key == "alerts.daily_summary"]
    assert (summary.old, summary.new) == ('"00:05"', '"07:30"')
