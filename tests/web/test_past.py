"""What the page takes from ledger, log and reports: pages, stories, sentences, and troubles."""

import contextlib
import json
import math
import os
import sqlite3
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from config.sections.log import LogSettings
from engine.storage import ledger_database
from engine.storage.ledger_database import open_to_write
from engine.web.log_tail import line_of
from tests.support.journals import NOW
from tests.support.ledger_files import a_small_ledger
from tests.support.memory_network import MemorySockets
from tests.support.whole_engine import EPOCH_NS, paper_settings
from tests.web.rig import Visit, serving, until, visit

Json = dict[str, Any]
ENGINE = paper_settings().engine
HTML = "<img src=x onerror=alert(1)>"


def entry(at_s: float, event: str, **fields: Any) -> str:
    """A line of the log, so many seconds after the beginning of virtual time."""
    stamp = f"2023-11-14T22:13:{20 + at_s:06.3f}Z"
    return json.dumps({"timestamp": stamp, "level": "info", "event": event, **fields}) + "\n"


async def test_fills_orders_and_stories_come_from_the_ledger(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    (tmp_path / "paper").mkdir()
    a_small_ledger(tmp_path / "paper" / "ledger.sqlite")
    with serving(tmp_path, MemorySockets(), ENGINE, now_ms=lambda: NOW.wall_ns // 10**6) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            assert await visitor.part("ledger") == {"trouble": ""}
            fills = (await visitor.get("/fills")).json()
            assert fills
            assert {"side", "price", "quantity", "order", "at", "number"} <= fills[0].keys()
            assert (await visitor.get(f"/fills?before={fills[0]['number']}")).json() == []
            orders = (await visitor.get("/orders")).json()
            assert [one["number"] for one in orders] == sorted(one["number"] for one in orders)
            older = (await visitor.get(f"/orders?before={orders[-1]['number']}")).json()
            assert older == orders[:-1]
            story = (await visitor.get(f"/orders/{fills[0]['order']}")).json()
            assert story["order"] == fills[0]["order"]
            assert story["fills"]
            assert (await visitor.get("/orders/nobody")).status_code == 404
            mids = visitor.page.board.strategies[story["strategy"]].ring
            assert not math.isnan(mids.at("mid", NOW.wall_ns / 1e9 + 3600))
    nursery.cancel_scope.cancel()


async def test_a_ledger_that_is_not_there_or_a_newer_engines_is_said_so(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    path = tmp_path / "paper" / "ledger.sqlite"
    with serving(tmp_path, MemorySockets(), ENGINE) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            assert f"there is no ledger at {path}" in (await visitor.part("ledger"))["trouble"]
            assert (await visitor.get("/fills")).status_code == 503
            a_small_ledger(path)
            database = open_to_write(path)
            database.connection.execute("UPDATE meta SET version = 999")
            database.close()
            await visitor.page.ledger.look("a fill")
            trouble = (await visitor.part("ledger"))["trouble"]
            assert "newer" in trouble or "version" in trouble
            answer = await visitor.get("/orders")
            assert (answer.status_code, answer.json()["why"]) == (503, trouble)
    nursery.cancel_scope.cancel()


async def test_a_ledger_that_another_program_has_locked_is_said_so(
    nursery: trio.Nursery,
    autojump_clock: MockClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledger_database, "_BUSY_MS", 50)  # SQLite waits in real time
    (tmp_path / "paper").mkdir()
    path = a_small_ledger(tmp_path / "paper" / "ledger.sqlite")
    with (
        serving(tmp_path, MemorySockets(), ENGINE) as served,
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        async with visit(nursery, served) as visitor:
            assert "locked" in visitor.known("ledger")["trouble"]
            other.execute("COMMIT")
            other.close()
            await visitor.page.ledger.look("a fill")
            assert visitor.known("ledger") == {"trouble": ""}
    nursery.cancel_scope.cancel()


async def a_visit_to(nursery: trio.Nursery, folder: Path, log: Path, visited: Any) -> None:
    settings = LogSettings(file=str(log))
    with serving(folder, MemorySockets(), ENGINE, log=settings) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            await visited(visitor)
    nursery.cancel_scope.cancel()


async def test_the_gates_of_the_past_are_drawn_from_the_log(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    gates = {"strategy": "doge", "side": "buy"}
    log.write_text(
        entry(-19, "ready", strategy="doge", components="10/10")
        + entry(-18, "gates_changed", **gates, quoting=True, codes=[], sentences=[])
        + entry(
            -12, "gates_changed", **gates, quoting=False, codes=["price_ceiling"], sentences=["up"]
        )
        + "no JSON\n[]\n"
        + entry(-5, "engine_end", exit_code=0, flat=True)
    )

    async def visited(visitor: Visit) -> None:
        bars = (await visitor.get("/timeline?strategy=doge")).json()
        began = EPOCH_NS // 10**6
        assert bars == {
            "buy": [
                [began - 18_000, began - 12_000, "quoting", ""],
                [began - 12_000, began - 5_000, "setting", "price_ceiling"],
            ],
            "lease": [[began - 19_000, began - 5_000, "quoting", ""]],
        }
        moment = (await visitor.get(f"/moment?strategy=doge&at={began - 10_000}")).json()
        assert moment["buy"]["gates"][0]["sentence"] == "up"
        assert (await visitor.get(f"/moment?strategy=doge&at={began}")).json() == {}

    await a_visit_to(nursery, tmp_path, log, visited)


async def test_the_log_is_followed_through_a_rotation_and_filtered_page_by_page(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(entry(-3, "actor_started", actor="ledger", life=1))

    async def visited(visitor: Visit) -> None:
        log.rename(tmp_path / "log.jsonl.1")
        log.write_text(entry(-2, "resumed") + entry(-1, "actor_started", actor="account", life=2))
        lines = await until(lambda: len(visitor.page.board.log) == 3 and visitor.page.board.log)
        assert [line["words"] for line in lines] == [
            "ledger started (life 1)",
            "resumed: the engine may quote again",
            "account started (life 2)",
        ]
        found = (await visitor.get("/log?actor=ACC&level=info")).json()
        assert [line["actor"] for line in found] == ["account"]
        assert len((await visitor.get(f"/log?before={found[0]['at']}")).json()) == 2

    await a_visit_to(nursery, tmp_path, log, visited)


def test_nothing_of_a_log_line_is_more_than_text_of_a_bounded_length() -> None:
    line = line_of(
        {"timestamp": "never", "event": HTML, "actor": HTML, "cause": "x" * 9_999, "deep": [HTML]}
    )
    assert line["words"] == HTML
    assert line["at"] == 0
    assert all(len(value) <= 301 for value in line["rest"].values())


async def test_reports_are_listed_and_opened_in_a_sandbox_and_nothing_beside_them(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    (folder / "run 1").mkdir(parents=True)
    (folder / "one.html").write_text("<script>1</script>")
    (folder / "run 1" / "report.html").write_text("two")
    (tmp_path / "secret.html").write_text("secret")
    (folder / "way.html").symlink_to(tmp_path / "secret.html")
    os.utime(folder / "one.html", (1, 1))
    with serving(tmp_path, MemorySockets(), ENGINE, reports=folder) as served:
        async with visit(nursery, served) as visitor:
            await visitor.login()
            listed = [one["id"] for one in (await visitor.get("/reports")).json()]
            assert listed == ["run 1/report.html", "one.html"]
            answer = await visitor.get("/reports/one.html")
            assert answer.text == "<script>1</script>"
            assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts;")
            assert (await visitor.get("/reports/run%201/report.html")).text == "two"
            for wrong in ("way.html", "..%2Fsecret.html", "%2Fetc%2Fpasswd", "none.html"):
                assert (await visitor.get(f"/reports/{wrong}")).status_code == 404
    nursery.cancel_scope.cancel()


async def test_without_a_log_file_the_page_says_so(
    nursery: trio.Nursery, autojump_clock: MockClock, tmp_path: Path
) -> None:
    with serving(tmp_path, MemorySockets(), ENGINE) as served:
        async with visit(nursery, attrs.evolve(served, log=LogSettings())) as visitor:
            assert visitor.known("log") == {"trouble": "the configuration names no log.file"}
    nursery.cancel_scope.cancel()
