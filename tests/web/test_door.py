"""Who is let in: host, token, cookie, origin and the page's own value, each with its answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
import trio

from config.sections.web import WebSettings
from tests.support.memory_network import MemorySockets
from tests.support.whole_engine import paper_settings
from tests.web.rig import Visit, serving, visit

LOOKS = (
    *("/state", "/series", "/timeline", "/moment", "/fills", "/orders", "/orders/x", "/log"),
    *("/events", "/reports", "/reports/x.html"),
)
DEEDS = ("/kill", "/resume", "/reload", "/deeds/1/read")


@pytest.fixture
async def at_the_door(nursery: trio.Nursery, tmp_path: Path) -> AsyncIterator[Visit]:
    with serving(tmp_path, MemorySockets(), paper_settings().engine) as served:
        hosts = WebSettings(hosts=("desk.example:443",))
        async with visit(nursery, attrs.evolve(served, web=hosts)) as visitor:
            yield visitor
        nursery.cancel_scope.cancel()


async def test_the_shell_has_no_data_and_needs_no_login(at_the_door: Visit) -> None:
    for path in ("/", "/static/app.js", "/static/app.css", "/static/uplot/uPlot.iife.min.js"):
        assert (await at_the_door.get(path)).status_code == 200
    assert (await at_the_door.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"
    assert "paper" not in (await at_the_door.get("/")).text


@pytest.mark.parametrize("path", LOOKS)
async def test_no_look_without_the_cookie(at_the_door: Visit, path: str) -> None:
    answer = await at_the_door.get(path)
    assert answer.status_code == 401
    assert "engine web" in answer.json()["why"]


@pytest.mark.parametrize("path", DEEDS)
async def test_no_deed_without_the_cookie(at_the_door: Visit, path: str) -> None:
    assert (await at_the_door.post(path, {})).status_code == 401


@pytest.mark.parametrize("path", ["/", "/state", "/login"])
async def test_another_host_is_turned_away_whatever_it_asks_for(
    at_the_door: Visit, path: str
) -> None:
    for host in ("evil.example", "127.0.0.1", "127.0.0.1:1", ""):
        answer = await at_the_door.get(path, Host=host)
        assert answer.status_code == 421
        assert "hosts" in answer.json()["why"]


async def test_a_host_of_the_configuration_is_served(at_the_door: Visit) -> None:
    assert (await at_the_door.get("/", Host="desk.example:443")).status_code == 200


async def test_a_token_lets_in_once_and_the_next_one_takes_its_place(at_the_door: Visit) -> None:
    first = at_the_door.page.door.token
    assert (await at_the_door.post("/login", {"token": "wrong"})).status_code == 401
    await at_the_door.login()
    assert (await at_the_door.get("/state")).status_code == 200
    assert (await at_the_door.post("/login", {"token": first})).status_code == 401
    await at_the_door.login()


async def test_the_address_with_the_next_token_is_in_a_file_for_its_owner_alone(
    at_the_door: Visit,
) -> None:
    path = at_the_door.serving.address_file
    first = path.read_text()
    assert first.strip().endswith(f"/#{at_the_door.page.door.token}")
    assert path.stat().st_mode & 0o777 == 0o600
    await at_the_door.login()
    assert path.read_text() != first
    assert path.read_text().strip().endswith(f"/#{at_the_door.page.door.token}")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(at_the_door: Visit) -> None:
    answer = await at_the_door.post("/login", {"token": at_the_door.page.door.token})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert str(at_the_door.serving.port) in cookie.partition("=")[0]


async def test_a_deed_needs_the_origin_and_the_pages_own_value(at_the_door: Visit) -> None:
    await at_the_door.login()
    for wrong in ({"Origin": "http://evil.example"}, {"Origin": None}, {"Origin": "null"}):
        assert (await at_the_door.post("/kill", {}, **wrong)).status_code == 403
    for wrong in ({"X-CSRF": "wrong"}, {"X-CSRF": None}):
        assert (await at_the_door.post("/kill", {}, **wrong)).status_code == 403
    assert (await at_the_door.post("/kill", {"name": "nobody"})).status_code == 409


async def test_a_login_needs_the_origin_too(at_the_door: Visit) -> None:
    body = {"token": at_the_door.page.door.token}
    answer = await at_the_door.post("/login", body, Origin="http://evil.example")
    assert answer.status_code == 403


async def test_every_answer_bears_the_headers_that_keep_others_out(at_the_door: Visit) -> None:
    for path in ("/", "/static/app.js", "/state", "/nothing"):
        headers = (await at_the_door.get(path)).headers
        assert headers["content-security-policy"].startswith(
            "default-src 'none'; script-src 'self'"
        )
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("body", [b"{", b"[]", b"x" * 20_000])
async def test_a_body_that_is_no_small_object_is_answered_so(
    at_the_door: Visit, body: bytes
) -> None:
    await at_the_door.login()
    headers = {"Origin": at_the_door.origin, "X-CSRF": at_the_door.csrf}
    answer = await at_the_door.client.post("/kill", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["why"]


@pytest.mark.parametrize("path", ["/series?from=x", "/timeline?to=-1", "/fills?before=1e9"])
async def test_a_number_that_is_none_is_answered_so(at_the_door: Visit, path: str) -> None:
    await at_the_door.login()
    answer = await at_the_door.get(path)
    assert answer.status_code == 400
    assert "whole number" in answer.json()["why"]


@pytest.mark.parametrize("name", ["../app.py", "%2e%2e/app.py", "/etc/passwd"])
async def test_no_file_is_found_beside_the_pages_own(at_the_door: Visit, name: str) -> None:
    answer = await at_the_door.get(f"/static/{name}")
    assert answer.status_code in {401, 404}
