"""An outage is told once, with a count; all else is told as it is."""

import datetime as dt
import io
from typing import Any

import structlog

from engine.logs.folding import Folding
from engine.logs.lines import Entry
from engine.logs.setup import Verbosity, configure_logs

BEGAN = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
BEGAN_NS = round(BEGAN.timestamp()) * 10**9
ENDED = {"event": "actor_ended", "actor": "account", "verdict": "outage", "cause": "no route"}


def entry(after_s: float, level: str = "info", **fields: Any) -> Entry:
    moment = BEGAN + dt.timedelta(seconds=after_s)
    return {"timestamp": moment.isoformat().replace("+00:00", "Z"), "level": level, **fields}


def shown(*entries: Entry) -> list[str]:
    folding = Folding()
    return [str(one["event"]) for given in entries for one in folding(given)]


def an_outage(seconds: int) -> list[Entry]:
    return [
        told
        for second in range(seconds)
        for told in (
            entry(second, "warning", **ENDED),
            entry(second, event="actor_started", actor="account"),
            entry(second, "warning", event="order_not_looked_up", order="one"),
            entry(second, "warning", event="order_not_looked_up", order="two"),
        )
    ]


def test_an_outage_of_hundreds_of_lines_is_a_sentence_a_count_a_minute_and_an_end() -> None:
    assert shown(*an_outage(190), entry(190.5, event="ready", strategy="doge")) == [
        "actor_ended",
        "order_not_looked_up",
        "outage_goes_on",
        "outage_goes_on",
        "outage_goes_on",
        "ready",
        "outage_over",
    ]


def test_the_end_says_how_long_it_lasted_and_how_much_was_left_out() -> None:
    folding = Folding()
    told = [one for given in an_outage(30) for one in folding(given)]
    told += folding(entry(31, event="ready"))
    assert told[-1]["event"] == "outage_over"
    assert told[-1]["for_s"] == 31
    assert told[-1]["lines_folded"] == 30 * 4 - 2
    assert told[-1]["cause"] == "no route"


def test_orders_fills_errors_and_defects_are_told_in_an_outage_too() -> None:
    kinds = [
        entry(1, event="order_withdrawn"),
        entry(2, event="fill"),
        entry(3, "error", event="book_unsafe"),
        entry(4, "error", event="actor_ended", actor="strategy doge", verdict="defect"),
    ]
    told = shown(entry(0, "warning", **ENDED), *kinds, *kinds)
    assert told[1:] == [str(one["event"]) for one in (*kinds, *kinds)]


def a_price_that_is_away(seconds: int) -> list[Entry]:
    return [
        told
        for second in range(0, seconds, 10)
        for told in (
            entry(second, "warning", **ENDED | {"actor": "prices", "readiness_of": []}),
            entry(second, event="actor_started", actor="prices"),
        )
    ]


def test_readiness_does_not_end_the_outage_of_a_price_that_it_does_not_rest_on() -> None:
    away = a_price_that_is_away(130)
    told = shown(*away[:4], entry(15, event="ready", strategy="doge"), *away[4:])
    assert told == ["actor_ended", "ready", "outage_goes_on", "outage_goes_on"]


def test_that_outage_is_over_once_the_price_has_not_failed_for_a_while() -> None:
    folding = Folding()
    told = [one for given in a_price_that_is_away(130) for one in folding(given)]
    told += folding(entry(300, event="fill"))
    assert [one["event"] for one in told[-2:]] == ["outage_over", "fill"]
    assert told[-2]["for_s"] == 120


def test_an_outage_is_over_only_when_each_strategy_that_it_took_is_ready_again() -> None:
    lost = [entry(1, event="not_ready", strategy=name) for name in ("doge", "btc")]
    back = [entry(at, event="ready", strategy=name) for at, name in ((5, "doge"), (9, "btc"))]
    told = shown(*an_outage(1), *lost, *back)
    assert told[2:] == ["not_ready", "not_ready", "ready", "ready", "outage_over"]


def test_without_an_outage_nothing_is_left_out() -> None:
    starts = [entry(n, event="actor_started", actor="account") for n in range(5)]
    assert shown(*starts) == ["actor_started"] * 5


def test_an_outage_is_over_once_nothing_was_heard_of_it_for_a_while() -> None:
    told = shown(*an_outage(3), entry(200, event="actor_started"), entry(201, event="fill"))
    assert told == ["actor_ended", "order_not_looked_up", "outage_over", "actor_started", "fill"]


def test_who_sees_warnings_only_is_told_of_each_outage_and_of_its_end() -> None:
    console = io.StringIO()
    logs = configure_logs(
        console=console,
        file=None,
        wall_clock=lambda: BEGAN_NS + round(at_s * 1e9),
        verbosity=Verbosity.QUIET,
        fold=Folding(),
    )
    try:
        log = structlog.get_logger()
        for began_s in (0, 100):
            for second in range(3):
                at_s = began_s + second
                log.warning(**ENDED)
            at_s = began_s + 4
            log.info("ready", strategy="doge")
    finally:
        logs.close()
    told = [line.split()[2] for line in console.getvalue().splitlines()]
    assert told == ["actor_ended", "outage_over"] * 2
