"""Messages to a person on the page: each with what became of it, and each destination."""

import json
from pathlib import Path
from typing import Any

import attrs
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from config.sections.log import LogSettings
from engine.web.told import SHOWN_MAX, Told
from tests.support.memory_network import MemorySockets
from tests.support.messengers import Pigeon
from tests.support.whole_engine import paper_settings, simulated_world, start_rig
from tests.web.rig import serving, until, visit

Json = dict[str, Any]
HTML = "<img src=x onerror=alert(1)>"


def a_line(event: str, at: float = 1.0, **fields: Any) -> Json:
    return {"event": event, "kind": "halted", "subject": "", "over": False, "at": at, **fields}


def folded(*entries: Json) -> list[Json]:
    told = Told()
    for moment, entry in enumerate(entries):
        told.take(entry, moment)
    return told.shown()


def test_a_message_waits_until_it_has_arrived_everywhere() -> None:
    one: Json = {"number": 1, "destination": "json"}
    other: Json = {"number": 2, "destination": "tgram"}
    alert = a_line("alert", text="looks wrong", destinations=2)
    [first] = folded(alert, a_line("alert_sent", **one))
    assert (first["title"], first["text"], first["waits"]) == ("halted", "looks wrong", True)
    [both] = folded(alert, a_line("alert_sent", **one), a_line("alert_sent", **other))
    assert not both["waits"]
    assert [(each["number"], each["name"]) for each in both["outcomes"]] == [
        (1, "json"),
        (2, "tgram"),
    ]
    assert all(each["arrived"] for each in both["outcomes"])


def test_what_was_left_out_or_did_not_arrive_says_why() -> None:
    where: Json = {"number": 1, "destination": "json"}
    [lost] = folded(a_line("alert", destinations=1), a_line("alert_left_out", **where))
    assert [one["words"] for one in lost["outcomes"]] == ["left out: too many waited"]
    [unsent] = folded(
        a_line("alert", destinations=1), a_line("last_words_unsent", **where, cause="refused")
    )
    assert [one["words"] for one in unsent["outcomes"]] == ["did not arrive: refused"]
    assert not unsent["waits"]


def test_the_end_of_a_trouble_is_another_message_of_the_same_kind() -> None:
    over = a_line("alert", 2.0, over=True, subject="side_stopped", destinations=1)
    newest, oldest = folded(a_line("alert", destinations=1), over)
    assert newest["title"] == "over: halted side stopped"
    assert oldest["title"] == "halted"


def test_what_waited_when_an_engine_ended_never_arrives_but_goes_on_into_its_next_session() -> None:
    alert, start = a_line("alert", destinations=1), {"event": "engine_start"}
    [cut_off] = folded(alert, start)
    assert not cut_off["waits"]
    [goes_on] = folded(alert, {"event": "strategies_changed"}, start)
    assert goes_on["waits"]
    [later] = folded(alert, {"event": "strategies_changed"}, start, start)
    assert not later["waits"]


def test_only_the_newest_are_kept() -> None:
    shown = folded(*(a_line("alert", float(number)) for number in range(SHOWN_MAX + 5)))
    assert [one["at"] for one in shown] == list(range(SHOWN_MAX + 4, 4, -1))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
EVENTS = ["alert", "alert_sent", "alert_left_out", "last_words_unsent", "engine_start"]
NAMES = ["kind", "subject", "over", "at", "text", "destinations", "number", "destination", "cause"]


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            lambda event, fields: {**fields, "event": event},
            st.sampled_from(EVENTS),
            st.dictionaries(st.sampled_from(NAMES), anything),
        ),
        max_size=8,
    )
)
def test_whatever_a_log_holds_it_can_be_shown(entries: list[Json]) -> None:
    assert json.dumps(folded(*entries))


async def test_the_page_shows_how_each_destination_gets_on(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    pigeon, away = Pigeon(), Pigeon(name="tgram", trouble=HTML)
    world = attrs.evolve(simulated_world(1), messengers=(pigeon, away))
    rig = await start_rig(nursery, world=world)
    with serving(tmp_path, rig.world.local, rig.settings.engine) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await until(rig.quoting)
            await visitor.post("/kill", {"name": "paper"})
            await until(lambda: pigeon.taken and away.attempts > 1)
            await trio.sleep(3)
            known = (await visitor.part("messengers"))["destinations"]
            assert [(one["name"], one["sent"], one["waiting"]) for one in known] == [
                ("pigeon", 1, 0),
                ("tgram", 0, 1),
            ]
            assert known[1]["trouble"] == HTML
            assert known[1]["failed"] == away.attempts
        nursery.cancel_scope.cancel()


async def test_messages_are_read_from_the_log_and_followed(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    stamp = {"timestamp": "2023-11-14T22:13:20.000Z", "level": "info"}

    def written(entry: Json) -> None:
        with log.open("a") as file:
            file.write(json.dumps({**stamp, **entry}) + "\n")

    written(a_line("alert", text=HTML, destinations=1))
    to_file = LogSettings(file=str(log))
    engine = paper_settings().engine
    with serving(tmp_path, MemorySockets(), engine, log=to_file) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            [message] = await visitor.part("told")
            assert (message["text"], message["waits"]) == (HTML, True)
            written(a_line("alert_sent", number=1, destination="json"))
            await until(lambda: not visitor.known("told")[0]["waits"])
    nursery.cancel_scope.cancel()


async def test_where_nobody_is_to_be_told_there_is_nothing_of_it(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    rig = await start_rig(nursery)
    with serving(tmp_path, rig.world.local, rig.settings.engine) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await until(lambda: visitor.known("engine"))
            assert await visitor.part("messengers") is None
            assert await visitor.part("told") == []
        nursery.cancel_scope.cancel()
