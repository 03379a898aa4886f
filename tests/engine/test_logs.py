"""The log: stable lines, no secret, nothing that acts on a terminal, no stream that kills."""

import io
import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from config.credentials import Credentials, Secret
from config.sections.log import LogLevel
from engine.logs.lines import json_line
from engine.logs.setup import Logs, Verbosity, configure_logs
from trading.core.market import PriceLevel, Side

CANARY = "c0ffee5ec7e7c0ffee5ec7e7"
NOW_NS = 1_700_000_000_123_999_999

log = structlog.get_logger()


class FailingStream(io.StringIO):
    """A stream on a disk that may be full."""

    def __init__(self) -> None:
        super().__init__()
        self.full = True

    @override
    def write(self, text: str, /) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@attrs.define
class Rig:
    """Both destinations in memory."""

    console: io.StringIO = attrs.field(factory=io.StringIO)
    file: io.StringIO = attrs.field(factory=io.StringIO)
    logs: Logs | None = None

    def configure(
        self,
        *,
        verbosity: Verbosity = Verbosity.NORMAL,
        file_level: LogLevel = LogLevel.INFO,
        colour: bool = False,
    ) -> Logs:
        self.logs = configure_logs(
            console=self.console,
            file=self.file,
            wall_clock=lambda: NOW_NS,
            verbosity=verbosity,
            file_level=file_level,
            colour=colour,
            secrets=[Secret(CANARY)],
        )
        return self.logs

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.getvalue().splitlines()]

    @property
    def lines(self) -> list[str]:
        return self.console.getvalue().splitlines()

    @property
    def everything(self) -> str:
        return self.console.getvalue() + self.file.getvalue()


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    if rig.logs is not None:
        rig.logs.close()


def test_an_event_is_one_json_object_and_one_readable_line(rig: Rig) -> None:
    rig.configure()
    log.info("order_placed", side=Side.BUY, price=Decimal("1E-5"), level=3, reason="two words")
    assert rig.file.getvalue() == (
        '{"timestamp": "2023-11-14T22:13:20.123Z", "level": "info", "event": "order_placed", '
        '"side": "buy", "price": "0.00001", "reason": "two words"}\n'
    )
    assert rig.lines == [
        '22:13:20.123Z info     order_placed side=buy price=0.00001 reason="two words"'
    ]


def test_values_are_plain(rig: Rig) -> None:
    rig.configure()
    log.info(
        "values",
        top=PriceLevel(Decimal("1.50"), Decimal(2)),
        several=(Side.SELL, None, True, 1.5, float("nan"), 10**400),
        table={Side.BUY: b"\xff", "error": ValueError("bad")},
        number=Decimal("NaN"),
        other=range(0),
    )
    assert rig.entries[0] | {"timestamp": ""} == {
        "timestamp": "",
        "level": "info",
        "event": "values",
        "top": {"price": "1.5", "quantity": "2"},
        "several": ["sell", None, True, 1.5, "nan", "a huge number"],
        "table": {"Side.BUY": "\\xff", "error": "ValueError: bad"},
        "number": "NaN",
        "other": [],
    }


@pytest.mark.parametrize(
    ("verbosity", "file_level", "on_console", "in_file"),
    [
        (Verbosity.QUIET, LogLevel.ERROR, ["c", "d"], ["d"]),
        (Verbosity.NORMAL, LogLevel.WARNING, ["b", "c", "d"], ["c", "d"]),
        (Verbosity.VERBOSE, LogLevel.INFO, ["a", "b", "c", "d"], ["b", "c", "d"]),
        (Verbosity.QUIET, LogLevel.DEBUG, ["c", "d"], ["a", "b", "c", "d"]),
    ],
)
def test_each_destination_has_its_own_level(
    rig: Rig,
    verbosity: Verbosity,
    file_level: LogLevel,
    on_console: list[str],
    in_file: list[str],
) -> None:
    rig.configure(verbosity=verbosity, file_level=file_level)
    log.debug("a")
    log.info("b")
    log.warning("c")
    log.error("d")
    assert [line.split()[2] for line in rig.lines] == on_console
    assert [entry["event"] for entry in rig.entries] == in_file


def _fail_with(secret: str) -> None:
    locally = secret
    raise ExceptionGroup(f"group {locally}", [ValueError(f"leaf {locally}")])


def test_a_secret_is_found_wherever_it_hides(rig: Rig) -> None:
    rig.configure()
    credentials = Credentials(api_key=Secret("k" * 20), api_secret=Secret(CANARY))
    log.info("event %s", CANARY, text=f"x{CANARY}y", nested={"a": [{CANARY: (CANARY,)}]})
    log.info("objects", credentials=credentials, error=ValueError(CANARY), raw=CANARY.encode())
    log.info("by_name", headers={"X-VALR-SIGNATURE": "abcdef"}, api_key="ghijkl", apiSecret="mno")
    log.warning("cut", text="z" * 1_990 + CANARY)
    try:
        _fail_with(CANARY)
    except ExceptionGroup:
        log.exception("failed", order="q-1")
    logging.getLogger("httpx").warning("sent %s", CANARY)
    for secret in (CANARY, CANARY[:10], "k" * 20, "abcdef", "ghijkl", "mno"):
        assert secret not in rig.everything
    assert "ExceptionGroup: group [redacted]" in rig.entries[4]["exception"]
    assert rig.entries[5]["message"] == "sent [redacted]"


@given(
    secret=st.text(".*+?()[]{}\\|^$\n\"'0é", min_size=4, max_size=80),
    before=st.text("abc \x1b", max_size=80),
    after=st.text("abc \x1b", max_size=80),
)
def test_a_secret_of_any_characters_is_found(secret: str, before: str, after: str) -> None:
    file = io.StringIO()
    logs = configure_logs(
        console=None, file=file, wall_clock=lambda: NOW_NS, secrets=[Secret(secret)]
    )
    try:
        log.info("x", text=f"{before}{secret}{after}")
    finally:
        logs.close()
    assert json.loads(file.getvalue())["text"] == f"{before}[redacted]{after}"


def test_a_secret_may_be_registered_later(rig: Rig) -> None:
    rig.configure().keep_secret(Secret("another secret"), Secret(""), Secret("a"))
    log.info("a", text="another secret, a word")
    assert rig.entries[0]["text"] == "[redacted], a word"


def test_foreign_text_can_neither_act_on_a_terminal_nor_pass_for_a_line(rig: Rig) -> None:
    rig.configure()
    hostile = "\x1b[2J\r\nerror  fake\u2028\u202e\x07"
    log.info("venue_said", text=hostile)
    try:
        _fail_with(hostile)
    except ExceptionGroup:
        log.exception("failed", **{"bad\nkey": hostile})
    console = rig.console.getvalue()
    assert all(character.isprintable() for character in console.replace("\n", ""))
    assert rig.lines[0].endswith('venue_said text="\\x1b[2J\\r\\nerror  fake\\u2028\\u202e\\x07"')
    starts = [line for line in rig.lines if not line.startswith("    | ")]
    assert [line.split()[2] for line in starts] == ["venue_said", "failed"]
    assert rig.file.getvalue().isascii()
    assert rig.entries[0]["text"] == hostile


def test_colour_is_only_there_when_asked_for(rig: Rig) -> None:
    rig.configure(colour=True)
    log.warning("careful")
    log.info("fine")
    assert rig.lines[0] == "\x1b[33m22:13:20.123Z warning  careful\x1b[0m"
    assert "\x1b" not in rig.lines[1]


def test_a_long_text_is_cut(rig: Rig) -> None:
    rig.configure()
    log.info("a", text="y" * 5_000)
    deep: list[Any] = []
    deep.append(deep)
    log.info("b", endless=deep)
    assert rig.entries[0]["text"] == "y" * 2_000 + "..."
    assert json.dumps(rig.entries[1]["endless"]).count("[") < 10


def test_a_full_disk_is_reported_once_and_kills_nothing(rig: Rig) -> None:
    rig.file = file = FailingStream()
    logs = rig.configure()
    for number in range(3):
        log.info("tick", number=number)
    assert logs.lines_lost == {"file": 3, "console": 0}
    assert [line.split()[2] for line in rig.lines] == [
        *("log_destination_failed", "tick", "tick", "tick")
    ]
    assert 'reason="OSError: [Errno 28] No space left on device"' in rig.lines[0]
    file.full = False
    log.info("tick")
    assert rig.lines[4].endswith("log_destination_recovered destination=file lost=3")
    assert [entry["event"] for entry in rig.entries] == ["tick", "log_destination_recovered"]


def test_a_closed_console_is_reported_in_the_file(rig: Rig) -> None:
    logs = rig.configure()
    rig.console.close()
    log.info("tick")
    log.info("tick")
    assert [entry["event"] for entry in rig.entries] == ["tick", "log_destination_failed", "tick"]
    assert logs.lines_lost["console"] == 2


def test_both_destinations_may_fail(rig: Rig) -> None:
    rig.console, rig.file = FailingStream(), FailingStream()
    logs = rig.configure()
    log.info("tick")
    assert min(logs.lines_lost.values()) >= 1


def test_without_destinations_nothing_is_written() -> None:
    logs = configure_logs(console=None, file=None, wall_clock=lambda: NOW_NS)
    log.error("unheard")
    assert logs.lines_lost == {}
    logs.close()


def test_what_libraries_log_goes_the_same_way(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without pytest's own handlers, which raise what logging itself would only print.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    rig.configure()
    library = logging.getLogger("some.library")
    library.warning("careful %s", "now")
    library.error("wrong %d", "arguments")
    library.info("chatter")
    assert [(entry["level"], entry["message"]) for entry in rig.entries] == [
        ("warning", "careful now"),
        ("error", "wrong %d"),
    ]


def test_closing_leaves_nothing_behind(rig: Rig) -> None:
    before = list(logging.getLogger().handlers)
    rig.configure().close()
    assert logging.getLogger().handlers == before
    assert not structlog.is_configured()


_TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(["\x7f", "\x1b", "\ud800", "é"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(_TEXTS, some, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(_TEXTS, _VALUES, max_size=5))
def test_a_line_of_json_is_what_json_dumps_writes(entry: dict[str, Any]) -> None:
    assert json_line(entry) == json.dumps(entry)


def test_a_key_that_changes_its_meaning_is_not_taken_for_another(rig: Rig) -> None:
    logs = rig.configure()
    log.info("one", a_word=1, table={Side.BUY: 1, "buy": 2, 3: 4})
    logs.keep_secret(Secret("a_word"))
    log.info("two", a_word=1)
    assert rig.entries[0]["table"] == {"Side.BUY": 1, "buy": 2, "3": 4}
    assert "[redacted]" in rig.entries[1]
