"""The routes that change something: a login, and what a person has the engine do."""

from collections.abc import Callable
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from engine.web.deeds import NotDone
from engine.web.page import Page
from engine.web.requests import Unfit, answer_of, body_of, refusal

Json = dict[str, Any]

_READ_ONLY = "this page only looks: `engine web` was started with --read-only"


@attrs.frozen
class Doing:
    """Does what is asked, or says why not."""

    page: Page

    async def login(self, request: Request) -> Response:
        page = self.page
        try:
            token = str((await body_of(request)).get("token", ""))
        except Unfit as unfit:
            return refusal(400, str(unfit))
        granted = page.door.login(token)
        if granted is None:
            return refusal(
                401,
                "this address is not valid (any more): each is good for one login. The newest one"
                " is in the file that `engine web` named when it started",
            )
        cookie, csrf = granted
        answer = answer_of({"csrf": csrf})
        answer.set_cookie(page.cookie, cookie, path="/", httponly=True, samesite="strict")
        return answer

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
            return refusal(403, _READ_ONLY)
        try:
            if (await body_of(request)).get("dry_run") is not False:
                return answer_of(await self.page.deeds.differences())
            return answer_of({"deed": self.page.deeds.reload()}, 202)
        except NotDone as why:
            return refusal(409, str(why))
        except Unfit as unfit:
            return refusal(400, str(unfit))

    async def deed_read(self, request: Request) -> Response:
        if self.page.read_only:
            return refusal(403, _READ_ONLY)
        self.page.deeds.read(request.path_params["number"])
        return answer_of({})

    async def _done(self, request: Request, deed: Callable[[Json], int]) -> Response:
        if self.page.read_only:
            return refusal(403, _READ_ONLY)
        try:
            return answer_of({"deed": deed(await body_of(request))}, 202)
        except NotDone as why:
            return refusal(409, str(why))
        except Unfit as unfit:
            return refusal(400, str(unfit))
