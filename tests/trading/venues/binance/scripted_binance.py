"""A server that speaks as Binance does: a market that moves, its streams, and its book by REST."""

import json
from collections.abc import Sequence
from random import Random

import attrs
import trio
from wsproto.events import CloseConnection, Ping, Pong, TextMessage

from tests.support.scripted_server import Peer

UPDATES_MS = 100
PING_S = 20.0


@attrs.define
class ScriptedBinance:
    """
    Both of its interfaces, over one market.

    Args:
        symbol: All that is traded there; upper case.
        lose: Whether the change of a tick, counted from 0, is lost on its way.
        rest_lag_s: How old a book by REST is when it arrives.
        away: REST answers nothing but 503.
    """

    symbol: str
    seed: int = 0
    lose: frozenset[int] = frozenset()
    rest_lag_s: float = 0.03
    away: bool = False
    last_update: int = 1_000
    ticks: int = 0
    snapshots: int = 0
    pongs: int = 0
    asked: list[str] = attrs.field(factory=list)
    bids: dict[str, str] = attrs.field(factory=dict)
    asks: dict[str, str] = attrs.field(factory=dict)
    _random: Random = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._random = Random(self.seed)
        for step in range(1, 20):
            self.bids[f"{100 - step}.00"] = self.asks[f"{100 + step}.00"] = f"{step}.000"

    def tick(self) -> str:
        """Let 100 ms pass: some levels change, and are told in one event."""
        first = self.last_update + 1
        changed: tuple[list[list[str]], list[list[str]]] = ([], [])
        for _ in range(self._random.randint(1, 4)):
            self.last_update += 1
            at = self._random.randrange(2)
            side, sign = ((self.bids, -1), (self.asks, 1))[at]
            # The first ten levels never go, so that neither side is ever empty.
            step = self._random.randint(1, 30)
            quantity = f"{self._random.randint(1 if step <= 10 else 0, 5)}.000"
            price = f"{100 + sign * step}.00"
            side[price] = quantity
            if quantity == "0.000":
                del side[price]
            changed[at].append([price, quantity])
        self.ticks += 1
        return self.event(
            "depth@100ms",
            {
                "e": "depthUpdate",
                "E": 1_672_515_782_136 + UPDATES_MS * self.ticks,
                "s": self.symbol,
                "U": first,
                "u": self.last_update,
                "b": changed[0],
                "a": changed[1],
            },
        )

    def event(self, kind: str, data: object) -> str:
        return json.dumps({"stream": f"{self.symbol.lower()}@{kind}", "data": data})

    def ticker(self) -> str:
        best_bid, best_ask = max(self.bids, key=float), min(self.asks, key=float)
        data = {"u": self.last_update, "s": self.symbol, "b": best_bid, "a": best_ask}
        data |= {"B": self.bids[best_bid], "A": self.asks[best_ask]}
        return self.event("bookTicker", data)

    def book(self) -> dict[str, object]:
        return {
            "lastUpdateId": self.last_update,
            "bids": [list(level) for level in self.bids.items()],
            "asks": [list(level) for level in self.asks.items()],
        }

    async def rest(self, peer: Peer) -> None:
        """One request, answered as of the moment in which it came."""
        path = (await peer.read_request()).split(" ")[1]
        self.asked.append(path)
        if self.away:
            await peer.answer(503)
            return
        if f"symbol={self.symbol}" not in path:
            await peer.answer(400, '{"code":-1121,"msg":"Invalid symbol."}')
            return
        if path.startswith("/api/v3/ticker/24hr"):
            best = {"bidPrice": max(self.bids, key=float), "askPrice": min(self.asks, key=float)}
            await peer.answer(
                200, json.dumps({"symbol": self.symbol, "lastPrice": "100.00", **best})
            )
            return
        self.snapshots += 1
        body = json.dumps(self.book())
        await trio.sleep(self.rest_lag_s)
        await peer.answer(200, body)

    async def streams(self, peer: Peer) -> None:
        """A connection to /stream: what is subscribed to, and a ping every 20 s."""
        request = await peer.accept()
        assert request.target == "/stream"
        message = await peer.hear_anything()
        assert isinstance(message, TextMessage)
        wanted: Sequence[str] = json.loads(message.data)["params"]
        await peer.say('{"result":null,"id":1}')
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._answer, peer)
            nursery.start_soon(self._ping, peer)
            while f"{self.symbol.lower()}@depth@100ms" in wanted:
                await trio.sleep(UPDATES_MS / 1000)
                lost = self.ticks in self.lose
                change = self.tick()
                await peer.say(*([] if lost else [change]), self.ticker())

    async def _ping(self, peer: Peer) -> None:
        while True:
            await trio.sleep(PING_S)
            await peer.send(Ping(payload=str(round(trio.current_time())).encode()))

    async def _answer(self, peer: Peer) -> None:
        while True:
            event = await peer.hear_anything()
            if isinstance(event, CloseConnection):
                raise trio.BrokenResourceError
            if isinstance(event, Ping):
                await peer.send(event.response())
            self.pongs += isinstance(event, Pong)
