"""The routes of the page: a shell without data, looks at the board, and deeds."""

import contextlib
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, TypeVar

import attrs
import msgspec
import trio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.web.board import Board
from engine.web.deeds import Deeds, NotDone
from engine.web.door import Door
from engine.web.events import Events
from engine.web.gatekeeping import App, Gatekeeper, cookie_of
from engine.web.history import POINTS_MAX
from engine.web.ledger_view import LedgerView
from engine.web.reports import Reports
from trading.core.errors import Fatal

Json = dict[str, Any]
T = TypeVar("T")

_BODY_MAX = 16_384
_TOO_LONG = f"a request is at most {_BODY_MAX} bytes long"
_STATE_RUNS_MAX = 4_000
_KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
_SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline';"
    " style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
)


@attrs.frozen(kw_only=True)
class Page:
    """
    All that the routes look at.

    Args:
        name: Of the engine.
        config: As the person named it.
        port: Where the page is served, which is in the cookie's name: hosts share cookies.
        read_only: No deed is done.
    """

    board: Board
    door: Door
    deeds: Deeds
    ledger: LedgerView
    reports: Reports
    stop: trio.Event
    name: str
    config: str
    port: int
    read_only: bool

    @property
    def cookie(self) -> str:
        return f"quotewright_{self.port}"


def application(page: Page) -> App:
    """The whole ASGI application."""
    routes = _Routes(page, _static())
    table = [
        Route("/", routes.shell),
        Route("/favicon.ico", routes.icon),
        Route("/static/{name:path}", routes.static),
        Route("/login", routes.login, methods=["POST"]),
        Route("/state", routes.state),
        Route("/series", routes.series),
        Route("/timeline", routes.timeline),
        Route("/moment", routes.moment),
        Route("/fills", routes.fills),
        Route("/orders", routes.orders),
        Route("/orders/{order}", routes.story),
        Route("/log", routes.log),
        Route("/events", Events(page.board, page.stop)),
        Route("/reports", routes.reports),
        Route("/reports/{name:path}", routes.report),
        Route("/kill", routes.kill, methods=["POST"]),
        Route("/resume", routes.resume, methods=["POST"]),
        Route("/reload", routes.reload, methods=["POST"]),
        Route("/deeds/{number:int}/read", routes.deed_read, methods=["POST"]),
    ]
    app = Starlette(routes=table)
    return Gatekeeper(app, page.door, page.cookie, _public)


def _public(path: str) -> bool:
    return path in {"/", "/favicon.ico"} or path.startswith("/static/")


def _static() -> dict[str, tuple[bytes, str]]:
    """The page's own files, read once: no path is ever made of what is asked for."""
    found = {}
    engine = files("engine")
    for prefix, folder in (("", engine / "web/static"), ("uplot/", engine / "vendor/uplot")):
        for file in folder.iterdir():
            kind = _KINDS.get(file.name.rpartition(".")[2])
            if kind is not None and file.is_file():
                found[prefix + file.name] = (file.read_bytes(), kind)
    return found


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _why(status: int, why: str) -> Response:
    return _json({"why": why}, status)


class _Unfit(Exception):
    """A request that cannot be understood; says why."""


@attrs.frozen
class _Routes:
    page: Page
    files: dict[str, tuple[bytes, str]]

    async def shell(self, _request: Request) -> Response:
        return self._file("index.html")

    async def icon(self, _request: Request) -> Response:
        return self._file("icon.svg")

    async def static(self, request: Request) -> Response:
        return self._file(request.path_params["name"])

    def _file(self, name: str) -> Response:
        if name not in self.files:
            return _why(404, "there is no such file")
        content, kind = self.files[name]
        return Response(content, media_type=kind)

    async def login(self, request: Request) -> Response:
        page = self.page
        try:
            token = str((await _body(request)).get("token", ""))
        except _Unfit as unfit:
            return _why(400, str(unfit))
        granted = page.door.login(token)
        if granted is None:
            return _why(
                401,
                "this address is not valid (any more): each is good for one login. The newest one"
                " is in the file that `engine web` named when it started",
            )
        cookie, csrf = granted
        answer = _json({"csrf": csrf})
        answer.set_cookie(page.cookie, cookie, path="/", httponly=True, samesite="strict")
        return answer

    async def state(self, request: Request) -> Response:
        page = self.page
        about = {
            "csrf": page.door.csrf_of(cookie_of(request.headers.get("cookie"), page.cookie)),
            "read_only": page.read_only,
            "engine": page.name,
            "config": page.config,
            "reports": page.reports.folder is not None,
        }
        whole = page.board.whole()
        body = b'{"about":' + msgspec.json.encode(about) + b"," + whole[1:]
        return Response(body, media_type="application/json")

    async def series(self, request: Request) -> Response:
        return await _understood(self._series, request)

    async def _series(self, request: Request) -> Response:
        begin, end = _range_ms(request)
        points = _whole(request, "points", POINTS_MAX)
        name = request.query_params.get("strategy", "")
        strategy = self.page.board.strategies.get(name)
        if strategy is None:
            return _why(404, "there is no such strategy")
        series = strategy.ring.series(begin / 1000, end / 1000, points)
        fills = [
            fill
            for fill in self.page.board.fills
            if fill["strategy"] == name and begin <= fill["at"] <= end
        ]
        return _json({**series, "fills": fills})

    async def timeline(self, request: Request) -> Response:
        return await _understood(self._timeline, request)

    async def _timeline(self, request: Request) -> Response:
        begin, end = _range_ms(request)
        strategy = self.page.board.strategies.get(request.query_params.get("strategy", ""))
        if strategy is None:
            return _why(404, "there is no such strategy")
        return _json(
            {
                name: [run.short() for run in bar.between(begin, end)][-_STATE_RUNS_MAX:]
                for name, bar in strategy.bars.items()
            }
        )

    async def moment(self, request: Request) -> Response:
        return await _understood(self._moment, request)

    async def _moment(self, request: Request) -> Response:
        """What held at a moment, on each bar, with the gates that were shut."""
        at = _whole(request, "at", None)
        strategy = self.page.board.strategies.get(request.query_params.get("strategy", ""))
        if strategy is None:
            return _why(404, "there is no such strategy")
        found = {}
        for name, bar in strategy.bars.items():
            run = bar.at(at)
            if run is not None:
                found[name] = {**attrs.asdict(run), "gates": list(run.gates)}
        return _json(found)

    async def fills(self, request: Request) -> Response:
        return await _understood(self._fills, request)

    async def _fills(self, request: Request) -> Response:
        return _json(await self.page.ledger.fills(_before(request)))

    async def orders(self, request: Request) -> Response:
        return await _understood(self._orders, request)

    async def _orders(self, request: Request) -> Response:
        return _json(await self.page.ledger.orders(_before(request)))

    async def story(self, request: Request) -> Response:
        return await _understood(self._story, request)

    async def _story(self, request: Request) -> Response:
        story = await self.page.ledger.story(request.path_params["order"])
        if story is None:
            return _why(404, "the ledger does not have this order (yet)")
        return _json(story)

    async def log(self, request: Request) -> Response:
        return await _understood(self._log, request)

    async def _log(self, request: Request) -> Response:
        before = _whole(request, "before", 2**60)
        level = request.query_params.get("level", "")
        actor = request.query_params.get("actor", "").casefold()
        lines = [
            line
            for line in self.page.board.log
            if line["at"] < before
            and (not level or line["level"] == level)
            and actor in line["actor"].casefold()
        ]
        return _json(lines[-500:])

    async def reports(self, _request: Request) -> Response:
        return _json(await trio.to_thread.run_sync(self.page.reports.listed))

    async def report(self, request: Request) -> Response:
        name = request.path_params["name"]
        content = await trio.to_thread.run_sync(self.page.reports.read, name)
        if content is None:
            return _why(404, "there is no such report")
        headers = {"content-security-policy": _SANDBOX}
        return Response(content, media_type=_KINDS["html"], headers=headers)

    async def kill(self, request: Request) -> Response:
        def deed(body: Json) -> int:
            reason = str(body.get("reason", "")).strip() or "killed on the web page"
            return self.page.deeds.kill(str(body.get("name", "")), reason)

        return await self._done(request, deed)

    async def resume(self, request: Request) -> Response:
        return await self._done(
            request, lambda body: self.page.deeds.resume(str(body.get("name", "")))
        )

    async def reload(self, request: Request) -> Response:
        """With ``dry_run`` only what would change; it must have been seen before it is done."""
        if self.page.read_only:
            return _why(403, _READ_ONLY)
        try:
            if (await _body(request)).get("dry_run") is not False:
                return _json(await self.page.deeds.differences())
            return _json({"deed": self.page.deeds.reload()}, 202)
        except NotDone as why:
            return _why(409, str(why))
        except _Unfit as unfit:
            return _why(400, str(unfit))

    async def deed_read(self, request: Request) -> Response:
        if self.page.read_only:
            return _why(403, _READ_ONLY)
        self.page.deeds.read(request.path_params["number"])
        return _json({})

    async def _done(self, request: Request, deed: Callable[[Json], int]) -> Response:
        if self.page.read_only:
            return _why(403, _READ_ONLY)
        try:
            return _json({"deed": deed(await _body(request))}, 202)
        except NotDone as why:
            return _why(409, str(why))
        except _Unfit as unfit:
            return _why(400, str(unfit))


_READ_ONLY = "this page only looks: `engine web` was started with --read-only"


async def _understood(
    answer: Callable[[Request], Awaitable[Response]], request: Request
) -> Response:
    """An answer, or why there is none."""
    try:
        return await answer(request)
    except _Unfit as unfit:
        return _why(400, str(unfit))
    except (Fatal, FileNotFoundError) as trouble:
        return _why(503, str(trouble))


async def _body(request: Request) -> Json:
    """
    A small JSON object.

    Raises:
        _Unfit: It is none.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > _BODY_MAX:
        raise _Unfit(_TOO_LONG)
    body = b""
    async with contextlib.aclosing(request.stream()) as parts:
        async for part in parts:
            body += part
            if len(body) > _BODY_MAX:
                raise _Unfit(_TOO_LONG)
    try:
        found = msgspec.json.decode(body or b"{}")
    except msgspec.DecodeError as error:
        raise _Unfit(f"no JSON: {error}") from None
    if not isinstance(found, dict):
        raise _Unfit("a request is one JSON object")
    return found


def _whole(request: Request, name: str, usual: int | None) -> int:
    text = request.query_params.get(name)
    if text is None and usual is not None:
        return usual
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 18:  # noqa: PLR2004
        raise _Unfit(f"{name} is a whole number")
    return int(text)


def _range_ms(request: Request) -> tuple[int, int]:
    return _whole(request, "from", 0), _whole(request, "to", 2**53)


def _before(request: Request) -> int | None:
    return _whole(request, "before", None) if "before" in request.query_params else None
