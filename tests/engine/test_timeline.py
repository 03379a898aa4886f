"""The log as a person reads it: sentences, causes, filters, and nothing that acts on a terminal."""

from typing import Any

import pytest

from engine.logs.timeline import Wanted, told

AT = "2026-11-21T09:41:39.389Z"


def entry(event: str, level: str = "info", **fields: Any) -> dict[str, Any]:
    return {"timestamp": AT, "level": level, "event": event, **fields}


RESTART = entry(
    "actor_ended",
    "warning",
    actor="trade socket",
    under="root > market data",
    life=1,
    age_s=12.5,
    verdict="outage",
    cause="Outage: connection lost <- SocketClosed: 1006",
    defects_in_window="0 of 3 forgiven",
    backoff_s=0.6,
    restarting=["order book DOGEUSDT", "trade socket"],
)


def test_a_restart_is_told_with_its_chain_of_causes() -> None:
    assert told(RESTART, colour=False).splitlines() == [
        (
            f"{AT} warning  trade socket ended after 12.5 s (life 1): outage; in 0.6 s again:"
            ' order book DOGEUSDT, trade socket under="root > market data"'
            ' defects_in_window="0 of 3 forgiven"'
        ),
        "    | because Outage: connection lost",
        "    | because SocketClosed: 1006",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (entry("engine_start", engine="paper", venue="VALR"), "== engine paper starts on VALR"),
        (entry("engine_end", exit_code=0, flat=True), "== the engine ended, exit code 0"),
        (entry("actor_stop_overdue", "error", actor="x", life=2), "ALARM: x was told to stop"),
        (
            entry("component_not_ready", strategy="doge", component="book", reason="a gap"),
            "doge: book is NOT ready: a gap",
        ),
        (
            entry(
                "order_placed", order="q-1", pair="DOGEUSDT", side="buy", price="0.1", quantity="40"
            ),
            "order placed: buy 40 DOGEUSDT at 0.1 q-1",
        ),
        (entry("order_rejected", order="q-1", reason="no funds"), "rejected: q-1: no funds"),
        (
            entry("alert", kind="given_up", subject="x", at=1, text="no more"),
            "a person is to be told: given_up x: no more",
        ),
        (
            entry("alert_sent", kind="halted", number=2, destination="json", at=1),
            "a message has reached no. 2 (json): halted",
        ),
        (entry("something_new", answer=42), "something_new answer=42"),
    ],
)
def test_each_event_is_a_sentence_and_loses_no_field(given: dict[str, Any], said: str) -> None:
    shown = told(given, colour=False)
    assert said in shown
    for key, value in given.items():
        assert key == "event" or str(value) in shown


def test_foreign_text_can_neither_act_on_a_terminal_nor_pass_for_a_line() -> None:
    hostile = "\x1b[2J\r\n2026-11-21T00:00:00.000Z error    fake\u202e"
    for given in (
        entry("order_rejected", order=hostile, reason=hostile),
        entry(hostile, cause=hostile, **{hostile: hostile}),
        {**RESTART, "cause": hostile, "actor": hostile},
        {"timestamp": hostile, "level": hostile, "event": "failed", "exception": hostile},
        {},
    ):
        lines = told(given, colour=False).splitlines()
        assert all(line.isprintable() for line in lines)
        assert all(line.startswith("    | ") for line in lines[1:])


@pytest.mark.parametrize(
    ("wanted", "takes"),
    [
        (Wanted(), True),
        (Wanted(since=AT), True),
        (Wanted(since="2026-11-21T09:41:39.390Z"), False),
        (Wanted(level="warning"), True),
        (Wanted(level="error"), False),
        (Wanted(actor="Order Book"), True),
        (Wanted(actor="market data"), True),
        (Wanted(actor="gateway"), False),
        (Wanted(events=("order_", "actor_")), True),
        (Wanted(events=("order_",)), False),
        (Wanted(pair="DOGEUSDT"), False),
    ],
)
def test_entries_are_picked(wanted: Wanted, *, takes: bool) -> None:
    assert wanted.takes(RESTART) is takes


def test_a_pair_and_a_strategy_are_picked_as_people_write_them() -> None:
    placed = entry("order_placed", pair="DOGEUSDT", strategy="doge")
    assert Wanted(pair="dogeusdt", strategy="doge").takes(placed)
    assert not Wanted(strategy="btc").takes(placed)


def test_colour_is_there_when_asked_for() -> None:
    assert told(RESTART, colour=True).startswith("\x1b[33m")
