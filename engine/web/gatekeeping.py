"""The door before every route: who is turned away, and the headers that each answer bears."""

from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie

import attrs
import msgspec

from engine.web.door import Asked, Door
from engine.web.events import Message, Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": _POLICY.encode(),
}


@attrs.frozen
class Gatekeeper:
    """
    Asks the door about each request before anything else looks at it.

    Args:
        cookie: The cookie's name.
        public: Whether a path is of the page itself, in which no data is.
    """

    app: App
    door: Door
    cookie: str
    public: Callable[[str], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                added = [(name, value) for name, value in _HEADERS.items() if name not in names]
                message = {**message, "headers": [*given, *added]}
            await send(message)

        turned = self.door.turned_away(self._asked(scope))
        if turned is None:
            await self.app(scope, receive, guarded)
            return
        headers = [(b"content-type", b"application/json")]
        body = msgspec.json.encode({"why": turned.why})
        start = {"type": "http.response.start", "status": turned.status, "headers": headers}
        await guarded(start)
        await guarded({"type": "http.response.body", "body": body})

    def _asked(self, scope: Scope) -> Asked:
        headers = {}
        for name, value in scope["headers"]:
            # Two of a kind are none: a proxy and we might look at different ones.
            headers[name] = None if name in headers else value.decode("latin-1")
        return Asked(
            host=headers.get(b"host"),
            origin=headers.get(b"origin"),
            cookie=cookie_of(headers.get(b"cookie"), self.cookie),
            csrf=headers.get(b"x-csrf"),
            shell=scope["method"] in {"GET", "HEAD"} and self.public(scope["path"]),
            login=scope["path"] == "/login",
            changing=scope["method"] not in {"GET", "HEAD"},
        )


def cookie_of(header: str | None, name: str) -> str | None:
    """One cookie of a request's header."""
    try:
        found = SimpleCookie(header or "").get(name)
    except CookieError:
        return None
    return None if found is None else found.value
