"""An exchange to play with, and somebody who has an account there."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

import attrs
import msgspec

from trading.core.identifiers import Currency, Pair
from trading.simulator.core.flows import SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.simulator.market.two_clocks import Row
from trading.venues.valr.signing import sign
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, DemoAccount, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.simulator.sockets.sessions import Session
from trading.venues.valr.simulator.wire.http import Response

DOGE = Pair("DOGEUSDT")
EPOCH_NS = 1_790_133_597_000_000_000
OTHER_ACCOUNT = DemoAccount(
    api_key="0f" * 32,
    api_secret="1e" * 32,
    balances={Currency("USDT"): Decimal(500), Currency("DOGE"): Decimal(5000)},
)


def an_exchange(
    *,
    seed: int = 7,
    settings: ExchangeSettings | None = None,
    recordings: Mapping[Pair, Iterable[Row]] | None = None,
) -> SimulatedExchange:
    return SimulatedExchange(settings or ExchangeSettings(), Random(seed), EPOCH_NS, recordings)


def signed(
    method: str, target: str, body: str = "", account: DemoAccount = DEMO_ACCOUNT
) -> dict[str, str]:
    signature = sign(
        account.api_secret, timestamp_ms=1_790_133_598_000, verb=method, path=target, body=body
    )
    headers = {
        "X-VALR-API-KEY": account.api_key,
        "X-VALR-SIGNATURE": signature,
        "X-VALR-TIMESTAMP": "1790133598000",
    }
    return {**headers, "Content-Type": "application/json"} if method != "GET" else headers


@attrs.define
class Client:
    """Somebody with an account, over REST and one socket; time is the exchange's latest."""

    exchange: SimulatedExchange
    account: DemoAccount = DEMO_ACCOUNT
    session: Session | None = None

    def request(self, method: str, target: str, body: object = None) -> Response:
        text = "" if body is None else msgspec.json.encode(body).decode()
        headers = signed(method, target, text, self.account)
        return self.exchange.request(method, target, headers, text.encode(), self.exchange.now)

    def json(self, method: str, target: str, body: object = None) -> Any:
        return msgspec.json.decode(self.request(method, target, body).body)

    def open(self, path: str = "/ws/account") -> list[Any]:
        """Open a socket; what it is sent at once."""
        headers = signed("GET", path, account=self.account)
        self.session = self.exchange.open_session(path, headers, self.exchange.now)
        return self.frames()

    def say(self, frame: object) -> list[Any]:
        """Send a frame; what comes back at once."""
        assert self.session is not None
        self.frames()
        text = frame if isinstance(frame, str) else msgspec.json.encode(frame).decode()
        self.exchange.receive(self.session, text, self.exchange.now)
        return self.frames()

    def frames(self) -> list[Any]:
        assert self.session is not None
        taken = [msgspec.json.decode(frame) for frame in self.session.outgoing]
        self.session.outgoing.clear()
        return taken

    def place(self, **fields: object) -> list[Any]:
        payload = {"side": "BUY", "quantity": "40", "pair": DOGE, **fields}
        return self.say({"type": "PLACE_LIMIT_ORDER", "clientMsgId": "c-1", "payload": payload})


def kinds(frames: list[Any]) -> list[str]:
    return [frame["type"] for frame in frames]


QUIET = SyntheticFlow(
    limit_orders_per_s=1e-6, market_orders_per_s=1e-6, lifetime_s=1e9, half_spread=0.02
)
"""A crowd that rests and does nothing."""


def doge_settings(**changes: Any) -> ExchangeSettings:
    """One pair, two accounts."""
    base = ExchangeSettings(pairs=DEFAULT_PAIRS[:1], accounts=(DEMO_ACCOUNT, OTHER_ACCOUNT))
    return attrs.evolve(base, **changes)


def client_with(*faults: Fault, **changes: Any) -> Client:
    """Somebody with an account socket at a quiet exchange, where these happen next."""
    client = Client(an_exchange(settings=doge_settings(**{"synthetic": QUIET, **changes})))
    client.open()
    for fault in faults:
        client.exchange.faults.arm(fault)
    return client


def placed(client: Client, **fields: object) -> str:
    """The id of a new resting order."""
    order_id: str = client.place(**{"price": "0.09", **fields})[0]["data"]["orderId"]
    return order_id


def cancel(client: Client, order_id: str) -> list[Any]:
    payload = {"orderId": order_id, "pair": DOGE}
    return client.say({"type": "CANCEL_LIMIT_ORDER", "clientMsgId": "c-2", "payload": payload})


def watch(client: Client, *events: str) -> list[Any]:
    """Open a trade socket and subscribe; what that is answered with."""
    client.open("/ws/trade")
    subscriptions = [{"event": event, "pairs": [DOGE]} for event in events]
    return client.say({"type": "SUBSCRIBE", "subscriptions": subscriptions})
