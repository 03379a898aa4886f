"""Random things that accounts do, for properties that must survive them."""

from random import Random
from typing import Any

import msgspec

from tests.trading.simulator.rig import DOGE, Client

_MODES = ["RETAIN_ORIGINAL", "CANCEL_ORIGINAL", "REPRICE"]


class Trader:
    """
    Somebody who tries everything, near the market.

    Args:
        random: Decides what; a seed repeats a flow.
    """

    def __init__(self, client: Client, random: Random) -> None:
        self._client = client
        self._random = random

    def act(self) -> None:
        kind = self._random.choice(
            ["limit", "limit", "limit", "market", "modify", "modify", "cancel", "stop", "batch"]
        )
        getattr(self, f"_{kind}")()

    def _price(self) -> str:
        return f"0.{self._random.randint(9950, 10_050):05d}"

    def _limit_body(self) -> dict[str, Any]:
        return {
            "side": self._random.choice(["BUY", "SELL"]),
            "quantity": str(self._random.randint(5, 3000)),
            "price": self._price(),
            "pair": DOGE,
            "timeInForce": self._random.choice(["GTC", "GTC", "GTC", "IOC", "FOK"]),
        }

    def _limit(self) -> None:
        self._client.request("POST", "/v1/orders/limit", self._limit_body())

    def _market(self) -> None:
        amount = self._random.choice(["quoteAmount", "baseAmount"])
        body = {"side": self._random.choice(["BUY", "SELL"]), "pair": DOGE}
        self._client.request(
            "POST", "/v1/orders/market", {**body, amount: str(self._random.randint(5, 400))}
        )

    def _stop(self) -> None:
        kind = self._random.choice(["STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"])
        stop = {"type": kind, "stopPrice": self._price(), "timeInForce": "GTC"}
        self._client.request("POST", "/v2/orders/stop/limit", {**self._limit_body(), **stop})

    def _own(self) -> str | None:
        account = self._client.account.api_key
        orders = self._client.exchange.venue.orders.open_of(account)
        return self._random.choice(orders).order_id if orders else None

    def _change(self) -> dict[str, Any]:
        change: dict[str, Any] = {
            "orderId": self._own() or "nobody",
            "pair": DOGE,
            "modifyMatchStrategy": self._random.choice(_MODES),
        }
        if self._random.random() < 0.6:
            change["newPrice"] = self._price()
        if self._random.random() < 0.6 or "newPrice" not in change:
            name = self._random.choice(["newRemainingQuantity", "newTotalQuantity"])
            change[name] = str(self._random.randint(4, 3000))
        return change

    def _modify(self) -> None:
        self._client.request("PUT", "/v2/orders/modify", self._change())

    def _cancel(self) -> None:
        order_id = self._own()
        if order_id is not None:
            body = {"orderId": order_id, "pair": DOGE}
            self._client.request("DELETE", "/v1/orders/order", body)

    def _batch(self) -> None:
        requests: list[dict[str, Any]] = [
            {"type": "PLACE_LIMIT", "data": self._limit_body()},
            {"type": "CANCEL_ORDER", "data": {"orderId": self._own() or "nobody", "pair": DOGE}},
        ]
        if self._random.random() < 0.5:
            requests[0] = {"type": "MODIFY_ORDER", "data": self._change()}
        response = self._client.request("POST", "/v1/batch/orders", {"requests": requests})
        chances = self._client.exchange.faults.plan.probabilities
        if response.status == 200 and not any(chances.values()):
            assert len(msgspec.json.decode(response.body)["outcomes"]) == 2
