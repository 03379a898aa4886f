"""Streams of events: parts that changed, slow readers, too many of them, and the end."""

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from engine.web.bars import Run
from engine.web.board import Board
from engine.web.clients import CLIENTS_MAX, LIST_MAX, Slot
from engine.web.history import COLUMNS
from engine.web.page import Page
from tests.web.rig import Stream, reading

NOW_MS = 1_700_000_000_000


class OnlyABoard(Page):
    """A page of which nothing but the board and the end are asked for."""

    def __init__(self) -> None:
        object.__setattr__(self, "board", Board(lambda: NOW_MS + round(trio.current_time() * 1e3)))
        object.__setattr__(self, "stop", trio.Event())


async def test_a_stream_begins_with_all_parts_and_goes_on_with_those_that_change(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    page, stream = OnlyABoard(), reading()
    page.board.part("engine", {"engine": "paper"})
    page.board.part("absent", None)
    nursery.start_soon(stream.run, page)
    await trio.sleep(1)
    page.board.part("engine", {"engine": "paper"})
    page.board.part("absent", {"why": "gone"})
    page.board.point("doge", [1.0 for _ in COLUMNS])
    await trio.sleep(1)
    assert stream.status == 200
    assert stream.events() == [
        ("status", {"engine": {"engine": "paper"}, "absent": None}),
        ("status", {"absent": {"why": "gone"}}),
        ("point", [["doge", *(1.0 for _ in COLUMNS)]]),
    ]
    nursery.cancel_scope.cancel()


async def test_a_silent_stream_shows_signs_of_life(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    page, stream = OnlyABoard(), reading()
    nursery.start_soon(stream.run, page)
    await trio.sleep(35)
    assert 3 <= b"".join(stream.sent).count(b": nothing new\n\n") <= 4
    nursery.cancel_scope.cancel()


async def test_a_slow_reader_gets_the_newest_and_is_told_that_it_missed_some(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    page, slow, quick = OnlyABoard(), Stream(), reading()
    page.board.part("n", -1)
    nursery.start_soon(slow.run, page)
    nursery.start_soon(quick.run, page)
    await wait_all_tasks_blocked()
    for number in range(LIST_MAX + 50):
        page.board.part("n", number)
        page.board.told({"at": NOW_MS, "number": number})
        await trio.sleep(0.1)
    assert len([1 for kind, _ in quick.events() if kind == "status"]) > 20
    slow.reads.set()
    await trio.sleep(1)
    events = slow.events()
    assert [content for kind, content in events if kind == "status"][-1] == {"n": LIST_MAX + 49}
    assert len([1 for kind, _ in events if kind == "status"]) == 2
    [lines] = [content for kind, content in events if kind == "log"]
    assert len(lines) == LIST_MAX
    assert ("missed", ["log"]) in events
    assert all(kind != "missed" for kind, _ in quick.events())
    nursery.cancel_scope.cancel()


async def test_a_reader_that_takes_nothing_for_a_minute_gives_its_place_back(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    page, stuck = OnlyABoard(), Stream()
    page.board.part("n", 1)
    nursery.start_soon(stuck.run, page)
    await trio.sleep(55)
    assert len(page.board.clients) == 1
    await trio.sleep(10)
    assert len(page.board.clients) == 0
    nursery.cancel_scope.cancel()


async def test_the_seventeenth_page_is_told_why_it_is_not_served(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    page = OnlyABoard()
    streams = [reading() for _ in range(CLIENTS_MAX)]
    for stream in streams:
        nursery.start_soon(stream.run, page)
    await wait_all_tasks_blocked()
    one_more = reading()
    await one_more.run(page)
    assert one_more.status == 503
    assert b"16 pages are open" in b"".join(one_more.sent)
    streams[0].gone.set()
    await wait_all_tasks_blocked()
    another = reading()
    nursery.start_soon(another.run, page)
    await trio.sleep(1)
    assert another.status == 200
    nursery.cancel_scope.cancel()


async def test_streams_end_with_the_server(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    page = OnlyABoard()
    streams = [reading(), Stream()]
    for stream in streams:
        nursery.start_soon(stream.run, page)
    await trio.sleep(1)
    page.stop.set()
    with trio.fail_after(1):
        for stream in streams:
            await stream.ended.wait()
    nursery.cancel_scope.cancel()


async def test_a_page_that_comes_back_is_told_what_it_was_away_for(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    page, back, late = OnlyABoard(), reading(), reading()
    for second in range(10):
        at_s = NOW_MS / 1000 + second
        page.board.point("doge", [at_s, *(1.0 for _ in COLUMNS[1:])])
    page.board.filled({"at": NOW_MS + 1_000, "number": 1})
    page.board.filled({"at": NOW_MS + 9_000, "number": 2})
    page.board.told({"at": NOW_MS + 8_000, "words": "hello"})
    page.board.state("doge", "buy", Run(NOW_MS, NOW_MS + 9_000, "quoting"), gap_ms=5_000)
    nursery.start_soon(back.run, page, NOW_MS + 6_500)
    await trio.sleep(1)
    told = dict(back.events())
    assert [row[1] - NOW_MS / 1000 for row in told["point"]] == [7, 8, 9]
    assert [fill["number"] for fill in told["fill"]] == [2]
    assert told["log"] == [{"at": NOW_MS + 8_000, "words": "hello"}]
    assert told["gate"] == [["doge", "buy", NOW_MS, NOW_MS + 9_000, "quoting", ""]]
    await trio.sleep(3600)
    nursery.start_soon(late.run, page, NOW_MS + 6_500)
    await trio.sleep(1)
    assert dict(late.events())["missed"] == ["all"]
    nursery.cancel_scope.cancel()


def test_a_part_that_went_back_to_what_was_sent_is_not_sent_again() -> None:
    slot = Slot()
    slot.part("n", b"1")
    assert b'{"n":1}' in slot.take(1)
    slot.part("n", b"2")
    slot.part("n", b"1")
    assert slot.take(2) == b""
