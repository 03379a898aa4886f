"""
A venue for the benchmark: VALR's REST and sockets, with ticks at a given rate.

Orders go to our simulated exchange, whose own market stands still; what the trade socket shows is a
book of this file, in which each tick moves the best bid to a price that tells the tick's number. An
order a hundred ticks below the best bid so says which tick it answers.
"""

import asyncio
import contextlib
import json
import random
import time
import zlib
from collections.abc import AsyncIterator
from decimal import Decimal

import attrs
from aiohttp import WSMsgType, web

from trading.core.identifiers import Currency, Pair
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.pair import SimulatedPair
from trading.venues.valr.rules import RateLimits, VenueRules
from trading.venues.valr.simulator.core.settings import DemoAccount, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.simulator.sockets.sessions import Session

API_KEY, API_SECRET = "be" * 32, "ac" * 32
TICK = Decimal("0.00001")
PRICES = 1000
"""So many prices the best bid has; a slower answer would be taken for that of a later tick."""
BEHIND = 100
"""Ticks of size between the best bid and the order that answers."""

_LOWEST = 6000
_LEVELS = 30
_NO_LIMIT = 10**9
_LONG_S = 1e8


def text(ticks: int) -> str:
    return format(ticks * TICK, "f")


def pair_name(number: int) -> str:
    return f"B{number:02}USDT"


class Book:
    """What the trade socket shows of one pair."""

    def __init__(self, pair: str) -> None:
        self.pair = pair
        self.sequence = 1
        self.bid = _LOWEST
        self._asks = [(text(9000 + level), "100") for level in range(_LEVELS)]
        self._bids = [(text(5000 - level), "100") for level in range(_LEVELS)]
        lines = [":".join(level) for level in self._asks[:25]]
        below = [":".join(level) for level in self._bids[:24]]
        # Best 25 of each side, bid first; the first bid is the one that moves.
        self._tail = ":".join(
            [lines[0], *(part for pair in zip(below, lines[1:], strict=True) for part in pair)]
        )

    def _checksum(self, bid: str) -> int:
        return zlib.crc32(f"{bid}:100:{self._tail}".encode())

    def snapshot(self) -> str:
        bid = text(self.bid)
        bids = [(bid, "100"), *self._bids]
        return self._frame("OB_L1_SNAPSHOT", bids, self._asks, self._checksum(bid))

    def tick(self, number: int) -> str:
        before, self.bid = self.bid, _LOWEST + number % PRICES
        self.sequence += 1
        bid = text(self.bid)
        changes = [(bid, "100")]
        if before != self.bid:
            changes.append((text(before), "0"))
        return self._frame("OB_L1_DIFF", changes, [], self._checksum(bid))

    def _frame(self, kind: str, bids: list, asks: list, checksum: int) -> str:
        data = {
            "lc": time.time_ns() // 1_000_000,
            "a": asks,
            "b": bids,
            "sq": self.sequence,
            "cs": checksum,
        }
        return json.dumps({"type": kind, "ps": self.pair, "d": data}, separators=(",", ":"))


@attrs.define
class Measured:
    """One window: what was sent and what came back."""

    ticks: int = 0
    placed: int = 0
    cancelled: int = 0
    latencies: list[float] = attrs.Factory(list)


class BenchmarkVenue:
    """
    Serves one contender.

    Args:
        pairs: So many are traded, and take their ticks in turns.
    """

    def __init__(self, pairs: int) -> None:
        self.books = {pair_name(number): Book(pair_name(number)) for number in range(pairs)}
        currencies = ["USDT", *(name.removesuffix("USDT") for name in self.books)]
        account = DemoAccount(
            api_key=API_KEY,
            api_secret=API_SECRET,
            balances={Currency(name): Decimal(10**9) for name in currencies},
        )
        self.accounts = (API_KEY,)
        self._began = time.monotonic()
        self.exchange = SimulatedExchange(
            ExchangeSettings(
                pairs=tuple(_pair(name) for name in self.books),
                accounts=(account,),
                synthetic=SyntheticFlow(
                    limit_orders_per_s=1e-6,
                    market_orders_per_s=1e-6,
                    lifetime_s=_LONG_S,
                    volatility=1e-12,
                ),
                limits=RateLimits(**{field.name: _NO_LIMIT for field in attrs.fields(RateLimits)}),
                rules=VenueRules(),
            ),
            random.Random(1),
            time.time_ns(),
        )
        self.measured = Measured()
        self._sent_at: dict[tuple[str, Decimal], float] = {}
        self._traders: set[web.WebSocketResponse] = set()
        self.subscribed = asyncio.Event()

    @property
    def _now(self) -> float:
        return time.monotonic() - self._began

    # Ticks.

    async def tick(self, rate: float, for_s: float) -> Measured:
        """Send ticks at a rate, evenly, and return what came of them."""
        self.measured = measured = Measured()
        began = time.perf_counter()
        names = list(self.books)
        while (elapsed := time.perf_counter() - began) < for_s:
            due = int(elapsed * rate) + 1
            while measured.ticks < due:
                measured.ticks += 1
                self._number = getattr(self, "_number", 0) + 1
                name = names[self._number % len(names)]
                frame = self.books[name].tick(self._number // len(names))
                order = (self.books[name].bid - BEHIND) * TICK
                self._sent_at[name, order] = time.perf_counter()
                for trader in self._traders:
                    await trader.send_str(frame)
            await asyncio.sleep(max(0.0, began + measured.ticks / rate - time.perf_counter()))
        await asyncio.sleep(0.2)
        return measured

    # The sockets.

    async def trade(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.send_str('{"type":"AUTHENTICATED"}')
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._heard_by_trade(socket, json.loads(message.data))
        finally:
            self._traders.discard(socket)
        return socket

    async def _heard_by_trade(self, socket: web.WebSocketResponse, frame: dict) -> None:
        if frame["type"] == "PING":
            await socket.send_str('{"type":"PONG"}')
            return
        for wanted in frame["subscriptions"]:
            for pair in wanted["pairs"]:
                message = f"{wanted['event']}:{pair}"
                await socket.send_str(json.dumps({"type": "SUBSCRIBED", "message": message}))
                if wanted["event"] == "OB_L1_DIFF":
                    await socket.send_str(self.books[pair].snapshot())
                    self._traders.add(socket)
        self.subscribed.set()

    async def account(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        session = self.exchange.open_session("/ws/account", headers, self._now)
        await _send(session, socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(session, message.data)
                    await _send(session, socket)
        finally:
            self.exchange.close_session(session, self._now)
        return socket

    def _take(self, session: Session, data: str) -> None:
        now = time.perf_counter()
        if '"PLACE_LIMIT_ORDER"' in data:
            payload = json.loads(data)["payload"]
            sent_at = self._sent_at.get((payload["pair"], Decimal(payload["price"])))
            if sent_at is not None:  # not one of the further orders
                self.measured.placed += 1
                self.measured.latencies.append(now - sent_at)
        elif '"CANCEL_LIMIT_ORDER"' in data:
            self.measured.cancelled += 1
        self.exchange.receive(session, data, self._now)

    # REST.

    async def rest(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self.exchange.request(
            request.method, request.raw_path, headers, await request.read(), self._now
        )
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Serve on a free port, which is given."""
        app = web.Application()
        app.router.add_get("/ws/trade", self.trade)
        app.router.add_get("/ws/account", self.account)
        app.router.add_route("*", "/{tail:.*}", self.rest)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=0.5)
        await site.start()
        try:
            yield site._server.sockets[0].getsockname()[1]
        finally:
            await runner.cleanup()


def _pair(name: str) -> SimulatedPair:
    return SimulatedPair(
        symbol=Pair(name),
        base=Currency(name.removesuffix("USDT")),
        quote=Currency("USDT"),
        tick_size=TICK,
        base_decimal_places=0,
        min_base=Decimal(4),
        max_base=Decimal(500_000),
        min_quote=Decimal("0.1"),
        max_quote=Decimal(200_000),
        start_price=Decimal("0.1"),
    )


async def _send(session: Session, socket: web.WebSocketResponse) -> None:
    while session.outgoing:
        await socket.send_str(session.outgoing.popleft())
