"""The ids of our requests: each carries what it asks for and about which order."""

import enum

from trading.core.identifiers import ClientOrderId


class Request(enum.Enum):
    PLACE = "place"
    CANCEL = "cancel"
    AMEND = "amend"


def request_id(request: Request, order_id: ClientOrderId) -> str:
    """``place/qw-...``: echoed by the venue in its reply."""
    return f"{request.value}/{order_id}"


def asked(request_id: str) -> tuple[Request, ClientOrderId] | None:
    """What a reply is about; ``None`` for an id that is none of ours."""
    word, _, order_id = request_id.partition("/")
    try:
        return Request(word), ClientOrderId(order_id)
    except ValueError:
        return None
