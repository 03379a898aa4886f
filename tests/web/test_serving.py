"""The page's own process: its address, its port, its streams at the end, and what it refuses."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx

from tests.engine.engine_process import site
from tests.engine.in_process import ROOT, in_process
from tests.web.page_process import page_process

STOPS_WITHIN_S = 1.5


def test_a_page_is_served_until_a_signal_and_open_streams_do_not_hold_it_up() -> None:
    with site() as place, page_process(place) as page:
        assert page.origin.startswith("http://127.0.0.1:")
        address_file = place.folder / "state" / "paper" / f"web-{page.port}"
        assert address_file.read_text().strip() == page.address
        with page.browser() as browser, browser.stream("GET", "/events") as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"] == "text/event-stream"
            lines = stream.iter_lines()
            assert next(line for line in lines if line.startswith("event:")) == "event: status"
            page.process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            for _ in lines:
                pass
            assert page.process.wait(timeout=10) == 0
            assert time.monotonic() - began < STOPS_WITHIN_S
        assert not address_file.exists()


def test_the_page_of_an_engine_shows_its_fills_from_the_ledger_of_a_real_run() -> None:
    with site() as place, place.running() as engine, page_process(place) as page:
        engine.wait_for("order_open")
        with page.browser() as browser:
            with browser.stream("GET", "/events") as stream:
                seen = ""
                for line in stream.iter_lines():
                    seen += line
                    # The log is read twice a second: what it says may come a moment later.
                    if '"kind":"quoting"' in seen and _started(browser.get("/log").json()):
                        break
            orders = browser.get("/orders").json()
            assert {order["strategy"] for order in orders} == {"doge"}
            assert browser.get(f"/orders/{orders[0]['order']}").json()["events"]
        engine.stop()


def _started(log: list[dict[str, str]]) -> bool:
    return any(line["words"].startswith("== engine paper starts") for line in log)


def test_a_page_that_only_looks_is_served_and_does_nothing() -> None:
    with site() as place, page_process(place, "--read-only") as page:
        assert page.origin.startswith("http://127.0.0.1:")
        with page.browser() as browser:
            assert browser.get("/state").json()["about"]["read_only"]
            assert browser.post("/kill", json={"name": "paper"}).status_code == 403


def test_two_pages_of_one_engine_have_their_own_logins() -> None:
    with site() as place, page_process(place) as one, page_process(place, "--read-only") as other:
        folder = place.folder / "state" / "paper"
        for page in (one, other, one):
            address_file = folder / f"web-{page.port}"
            page.address = address_file.read_text().strip()
            with page.browser() as browser:
                assert browser.get("/state").json()["about"]["read_only"] is (page is other)
            assert address_file.read_text().strip() not in {"", page.address}
        other.process.send_signal(signal.SIGTERM)
        assert other.process.wait(timeout=10) == 0
        assert [file.name for file in folder.glob("web-*")] == [f"web-{one.port}"]


def test_a_folder_of_reports_that_is_not_there_is_refused_and_not_shown_as_empty() -> None:
    with site() as place:
        (place.folder / "file").touch()
        for name in ("none", "file"):
            ended = place.command("web", "--reports", str(place.folder / name))
            assert ended.returncode == 66
            assert f"{place.folder / name} is no folder" in ended.stderr


def test_a_port_that_is_taken_is_said_so() -> None:
    with site() as place, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = place.command("web", "--port", str(port))
    assert ended.returncode == 73
    assert f"port {port}" in ended.stderr
    assert "--port" in ended.stderr


def test_a_port_that_there_is_none_of_is_a_wrong_command_line() -> None:
    for port in ("65536", "99999"):
        ended = in_process("web", "config/paper.toml", "--port", port)
        assert (ended.returncode, "Must be <= 65535" in ended.stderr) == (2, True), ended.stderr


def test_a_host_that_is_none_is_refused_with_its_place() -> None:
    with site(str(ROOT / "config" / "paper.toml"), 'web.hosts=["http://desk/"]') as place:
        for command in ("web", "run"):
            ended = place.command(command)
            assert ended.returncode == 78
            assert "web.hosts" in ended.stderr
            assert "is no name of a host" in ended.stderr


def test_without_the_extra_the_command_says_what_to_install() -> None:
    program = "import sys; sys.modules['hypercorn'] = None; from engine.cli.app import main; "
    with site() as place:
        ended = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", f"{program} sys.exit(main())", *place.line("web")],
            cwd=ROOT,
            env={**os.environ, **place.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 1
    assert "pip install 'quotewright[web]'" in ended.stderr


def test_only_this_machine_is_listened_to() -> None:
    with site() as place, page_process(place) as page:
        with socket.socket() as other:
            # An address of this machine that is not the one the page is bound to.
            assert other.connect_ex(("127.0.0.2", page.port)) != 0
        assert httpx.get(page.origin).status_code == 200
