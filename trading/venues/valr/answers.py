"""What VALR may plausibly answer where nobody has recorded it; the first of each is expected."""

WELCOME = ("AUTHENTICATED", "BALANCE_UPDATE", "OPEN_ORDERS_UPDATE")
"""What an account socket is sent first, by type."""

BAD_LOGIN = "1007 Request has an invalid signature"
"""How a socket with a wrong signature is closed."""

SOCKET_REFUSALS = ("response", "invalid", "error", "nameless")
"""
How a request is refused on a socket: by its usual answer, an INVALID_*_REQUEST, an ERROR, or an
ERROR that does not say which request it is about.
"""

BATCH_REPLIES = ("data", "frame", "each")
"""Where BATCH_ORDERS has its outcomes: in ``data``, in the frame itself, or in a frame each."""

CHECKSUM_QUANTITIES = ("written", "shortest")
"""What a book's checksum takes of its quantities: their text, or that without trailing zeros."""

EXECUTED = ("event", "total", "absent")
"""What ``executed*`` of an order's status mean."""
