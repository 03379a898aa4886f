"""
The naive contender: asyncio, aiohttp and queues, as one would write it in an evening.

It keeps a book, decides, cancels and places. It checks no sequence and no checksum, holds no order
against any limit, stores nothing, and believes what it is told.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from decimal import Decimal

import aiohttp

from benchmarks.reprice.venue import API_KEY, API_SECRET

_BEHIND = Decimal("0.00100")


def signed(verb: str, path: str) -> dict[str, str]:
    now = str(time.time_ns() // 1_000_000)
    message = f"{now}{verb}{path}".encode()
    signature = hmac.new(API_SECRET.encode(), message, hashlib.sha512).hexdigest()
    return {
        "X-VALR-API-KEY": API_KEY,
        "X-VALR-SIGNATURE": signature,
        "X-VALR-TIMESTAMP": now,
    }


class Book:
    def __init__(self) -> None:
        self.bids: dict[Decimal, Decimal] = {}
        self.asks: dict[Decimal, Decimal] = {}

    def take(self, frame: dict) -> None:
        data = frame["d"]
        if frame["type"] == "OB_L1_SNAPSHOT":
            self.bids.clear()
            self.asks.clear()
        for side, levels in ((self.bids, data["b"]), (self.asks, data["a"])):
            for price, quantity in levels:
                amount = Decimal(quantity)
                if amount:
                    side[Decimal(price)] = amount
                else:
                    side.pop(Decimal(price), None)


async def main(url: str, pairs: list[str], further: int) -> None:
    books = {pair: Book() for pair in pairs}
    changed: asyncio.Queue[str] = asyncio.Queue()
    decided: asyncio.Queue[tuple[str, Decimal]] = asyncio.Queue()
    outgoing: asyncio.Queue[dict] = asyncio.Queue()
    working: dict[str, dict[str, str]] = {pair: {} for pair in pairs}
    numbers = iter(range(1, 10**9))

    async def read_market(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = json.loads(message.data)
            if frame["type"].startswith("OB_L1"):
                books[frame["ps"]].take(frame)
                changed.put_nowait(frame["ps"])

    async def decide() -> None:
        while True:
            pair = await changed.get()
            book = books[pair]
            decided.put_nowait((pair, max(book.bids) - _BEHIND))

    async def trade() -> None:
        while True:
            pair, price = await decided.get()
            for order_id, status in working[pair].items():
                if status == "open":
                    working[pair][order_id] = "cancelling"
                    outgoing.put_nowait(
                        {
                            "type": "CANCEL_LIMIT_ORDER",
                            "clientMsgId": str(next(numbers)),
                            "payload": {"customerOrderId": order_id, "pair": pair},
                        }
                    )
            place(pair, price)

    def place(pair: str, price: Decimal, status: str = "pending") -> None:
        order_id = f"n-{next(numbers)}"
        working[pair][order_id] = status
        outgoing.put_nowait(
            {
                "type": "PLACE_LIMIT_ORDER",
                "clientMsgId": order_id,
                "payload": {
                    "customerOrderId": order_id,
                    "pair": pair,
                    "side": "BUY",
                    "price": format(price, "f"),
                    "quantity": "40",
                    "postOnly": True,
                    "timeInForce": "GTC",
                },
            }
        )

    async def write(socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_str(json.dumps(await outgoing.get()))

    async def read_account(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = json.loads(message.data)
            kind, data = frame["type"], frame.get("data")
            if kind == "ORDER_PROCESSED" and data["success"]:
                for orders in working.values():
                    if orders.get(data["customerOrderId"]) == "pending":
                        orders[data["customerOrderId"]] = "open"
            elif kind == "ORDER_STATUS_UPDATE" and data["orderStatusType"] == "Cancelled":
                working[data["currencyPair"]].pop(data["customerOrderId"], None)

    async with aiohttp.ClientSession() as session:
        account = await session.ws_connect(
            f"{url}/ws/account", headers=signed("GET", "/ws/account")
        )
        market = await session.ws_connect(f"{url}/ws/trade")
        for pair in pairs:
            for n in range(further):
                place(pair, Decimal("0.04") - n * Decimal("0.00001"), "staying")
        tasks = [read_market(market), decide(), trade(), write(account), read_account(account)]
        await market.send_str(
            json.dumps(
                {"type": "SUBSCRIBE", "subscriptions": [{"event": "OB_L1_DIFF", "pairs": pairs}]}
            )
        )
        await asyncio.gather(*tasks)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])))
