"""The heartbeat of a URL that a person has given."""

from actors.net.http_client import HttpClient
from actors.net.network import Network
from actors.net.web_address import parsed
from actors.ports.alert_book import AlertBook
from actors.ports.ports import Latest
from actors.watch.heartbeat import HeartbeatActor

_ANSWER_S = 15.0


def heartbeat(
    url: str, network: Network, book: Latest[AlertBook], *, every_s: float
) -> HeartbeatActor:
    """Who fetches it."""
    address, path = parsed(url)
    return HeartbeatActor(
        http=HttpClient(network, answer_deadline_s=_ANSWER_S),
        address=address,
        path=path,
        book=book,
        every_s=every_s,
    )
