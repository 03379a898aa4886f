"""The ASGI application: the page's own files, in which no data is, and all routes."""

from importlib.resources import files

import attrs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.web.doing import Doing
from engine.web.events import Events
from engine.web.gatekeeping import App, Gatekeeper
from engine.web.looks import Looks
from engine.web.page import Page
from engine.web.requests import refusal

_KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}


def application(page: Page) -> App:
    """The whole ASGI application."""
    shell, looks, doing = _Shell(_static()), Looks(page), Doing(page)
    table = [
        Route("/", shell.page),
        Route("/favicon.ico", shell.icon),
        Route("/static/{name:path}", shell.file),
        Route("/login", doing.login, methods=["POST"]),
        Route("/state", looks.state),
        Route("/series", looks.series),
        Route("/timeline", looks.timeline),
        Route("/moment", looks.moment),
        Route("/fills", looks.fills),
        Route("/orders", looks.orders),
        Route("/orders/{order}", looks.story),
        Route("/log", looks.log),
        Route("/events", Events(page.board, page.stop)),
        Route("/reports", looks.reports),
        Route("/reports/{name:path}", looks.report),
        Route("/kill", doing.kill, methods=["POST"]),
        Route("/resume", doing.resume, methods=["POST"]),
        Route("/reload", doing.reload, methods=["POST"]),
        Route("/deeds/{number:int}/read", doing.deed_read, methods=["POST"]),
    ]
    return Gatekeeper(Starlette(routes=table), page.door, page.cookie, _public)


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


@attrs.frozen
class _Shell:
    """Serves the page's own files."""

    files: dict[str, tuple[bytes, str]]

    async def page(self, _request: Request) -> Response:
        return self._named("index.html")

    async def icon(self, _request: Request) -> Response:
        return self._named("icon.svg")

    async def file(self, request: Request) -> Response:
        return self._named(request.path_params["name"])

    def _named(self, name: str) -> Response:
        if name not in self.files:
            return refusal(404, "there is no such file")
        content, kind = self.files[name]
        return Response(content, media_type=kind)
