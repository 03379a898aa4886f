"""The routes that only look: state, figures, bars, fills, orders, log, reports."""

from typing import Any

import attrs
import msgspec
import trio
from starlette.requests import Request
from starlette.responses import Response

from engine.web.gatekeeping import cookie_of
from engine.web.history import POINTS_MAX
from engine.web.page import Page
from engine.web.requests import answer_of, before, range_ms, refusal, understood, whole

Json = dict[str, Any]

_RUNS_MAX = 4_000
_HTML = "text/html; charset=utf-8"
_SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline';"
    " style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
)


@attrs.frozen
class Looks:
    """Answers from what is on the board, in the ledger, or in the folder of reports."""

    page: Page

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
        return await understood(self._series, request)

    async def _series(self, request: Request) -> Response:
        begin, end = range_ms(request)
        points = whole(request, "points", POINTS_MAX)
        name = request.query_params.get("strategy", "")
        strategy = self.page.board.strategies.get(name)
        if strategy is None:
            return refusal(404, "there is no such strategy")
        series = strategy.ring.series(begin / 1000, end / 1000, points)
        fills = [
            fill
            for fill in self.page.board.fills
            if fill["strategy"] == name and begin <= fill["at"] <= end
        ]
        return answer_of({**series, "fills": fills})

    async def timeline(self, request: Request) -> Response:
        return await understood(self._timeline, request)

    async def _timeline(self, request: Request) -> Response:
        begin, end = range_ms(request)
        strategy = self.page.board.strategies.get(request.query_params.get("strategy", ""))
        if strategy is None:
            return refusal(404, "there is no such strategy")
        return answer_of(
            {
                name: [run.short() for run in bar.between(begin, end)][-_RUNS_MAX:]
                for name, bar in strategy.bars.items()
            }
        )

    async def moment(self, request: Request) -> Response:
        return await understood(self._moment, request)

    async def _moment(self, request: Request) -> Response:
        """What held at a moment, on each bar, with the gates that were shut."""
        at = whole(request, "at", None)
        strategy = self.page.board.strategies.get(request.query_params.get("strategy", ""))
        if strategy is None:
            return refusal(404, "there is no such strategy")
        found = {}
        for name, bar in strategy.bars.items():
            run = bar.at(at)
            if run is not None:
                found[name] = {**attrs.asdict(run), "gates": list(run.gates)}
        return answer_of(found)

    async def fills(self, request: Request) -> Response:
        return await understood(self._fills, request)

    async def _fills(self, request: Request) -> Response:
        return answer_of(await self.page.ledger.fills(before(request)))

    async def orders(self, request: Request) -> Response:
        return await understood(self._orders, request)

    async def _orders(self, request: Request) -> Response:
        return answer_of(await self.page.ledger.orders(before(request)))

    async def story(self, request: Request) -> Response:
        return await understood(self._story, request)

    async def _story(self, request: Request) -> Response:
        story = await self.page.ledger.story(request.path_params["order"])
        if story is None:
            return refusal(404, "the ledger does not have this order (yet)")
        return answer_of(story)

    async def log(self, request: Request) -> Response:
        return await understood(self._log, request)

    async def _log(self, request: Request) -> Response:
        before = whole(request, "before", 2**60)
        level = request.query_params.get("level", "")
        actor = request.query_params.get("actor", "").casefold()
        lines = [
            line
            for line in self.page.board.log
            if line["at"] < before
            and (not level or line["level"] == level)
            and actor in line["actor"].casefold()
        ]
        return answer_of(lines[-500:])

    async def reports(self, _request: Request) -> Response:
        return answer_of(await trio.to_thread.run_sync(self.page.reports.listed))

    async def report(self, request: Request) -> Response:
        name = request.path_params["name"]
        content = await trio.to_thread.run_sync(self.page.reports.read, name)
        if content is None:
            return refusal(404, "there is no such report")
        headers = {"content-security-policy": _SANDBOX}
        return Response(content, media_type=_HTML, headers=headers)
