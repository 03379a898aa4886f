"""An actor that polls an HTTP address of the trader's own for a price."""

from decimal import Decimal

import attrs
import trio

from actors.net.http_client import HttpClient, HttpRequest
from actors.net.web_address import parsed
from actors.ports.ports import Latest
from trading.core.decimals import ZERO, parse_decimal
from trading.core.errors import Outage, OutcomeUnknown
from trading.strategies.interface import ReferencePrice

_LENGTH_MAX = 60
_OK = 200


@attrs.frozen(kw_only=True)
class CustomPriceActor:
    """
    Polls a price, and shows it with the moment it was asked for.

    After a failure the last price stays shown; its age tells the readers.

    Ports:
        price: The newest one.

    Args:
        url: Answers with a bare decimal number, and nothing else.
        interval_s: Between two questions.

    Raises:
        Outage: The address did not answer, or not with a price.
    """

    client: HttpClient
    url: str
    interval_s: float
    price: Latest[ReferencePrice]

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        while True:
            asked_at = trio.current_time()
            price = await ask_for_a_price(self.client, self.url)
            self.price.put(ReferencePrice(price, asked_at))
            await trio.sleep_until(max(asked_at + self.interval_s, trio.current_time()))


async def ask_for_a_price(client: HttpClient, url: str) -> Decimal:
    """
    The price that an address answers with now.

    Raises:
        Outage: It did not answer, or not with a price.
    """
    address, path = parsed(url)
    request = HttpRequest(verb="GET", path=path)
    try:
        answer = await client.request(address, lambda: request)
    except OutcomeUnknown as unknown:
        raise Outage(f"the custom price: {unknown}") from unknown
    if answer.status != _OK:
        raise Outage(f"the custom price was answered with status {answer.status}")
    return _price(answer.body)


def _price(body: bytes) -> Decimal:
    text = body[: _LENGTH_MAX + 1].decode("utf-8", "replace").strip()
    try:
        price = parse_decimal(text)
    except ValueError as error:
        raise Outage(f"the custom price is {error}") from error
    if price <= ZERO:
        raise Outage(f"the custom price is not above 0: {text}")
    return price
