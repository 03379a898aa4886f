"""A type for each kind of identifier, so that none passes for another; client order ids."""

import re
from typing import NewType

Pair = NewType("Pair", str)
"""A venue's symbol, upper case, without separator: ``DOGEUSDT``."""

Currency = NewType("Currency", str)
"""A venue's symbol of a currency, upper case: ``DOGE``."""

StrategyName = NewType("StrategyName", str)
ClientOrderId = NewType("ClientOrderId", str)
"""The name that we give an order before the venue knows it; it says whose order it is."""

VenueOrderId = NewType("VenueOrderId", str)
TradeId = NewType("TradeId", str)

NAME_PATTERN = re.compile(r"[0-9a-z]{1,12}", re.ASCII)
"""What an engine or a strategy may be called: both become part of every client order id."""

_SESSION_LENGTH_MAX, _COUNT_LENGTH_MAX = 9, 7
"""Milliseconds since the epoch in base 36 have 8 digits until 2059, and 9 for 3,000 years more; 7
digits count 78 billion orders of one run."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: int) -> str:
    """A non-negative integer in lower-case base 36."""
    if number < 0:
        raise ValueError(f"a negative number has no base 36: {number}")
    text = ""
    while True:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
        if number == 0:
            return text


class ClientOrderIds:
    """
    Makes client order ids that never repeat and tell whose order it is.

    ``qw-ENGINE-STRATEGY-SESSION-COUNT``, of letters, digits and hyphens. The session is the run's
    number in the ledger, greater than that of every run before it. Loading a configuration checks
    that the venue takes ids of this length (``longest_id``).

    Args:
        engine: The engine's name, ``NAME_PATTERN``.
        session: The run's number: wall-clock milliseconds since the epoch, or more where a run
            before it has had that number.
    """

    def __init__(self, engine: str, session: int) -> None:
        if not NAME_PATTERN.fullmatch(engine):
            raise ValueError(f"an engine's name is 1 to 12 of a-z and 0-9, not {engine!r}")
        self._engine = engine
        self._session = base36(session)
        self._count = 0

    def next(self, strategy: StrategyName) -> ClientOrderId:
        self._count += 1
        text = f"qw-{self._engine}-{strategy}-{self._session}-{base36(self._count)}"
        assert len(text) <= longest_id(self._engine, strategy), text
        return ClientOrderId(text)

    def owns(self, order_id: ClientOrderId | None) -> bool:
        """Whether an order was made by an engine of this name, in this or an earlier run."""
        return order_id is not None and order_id.startswith(f"qw-{self._engine}-")

    def made(self, order_id: ClientOrderId | None) -> bool:
        """Whether an order was made in this run."""
        return self.owns(order_id) and (order_id or "").split("-")[3:4] == [self._session]


def longest_id(engine: str, strategy: StrategyName) -> int:
    """How many characters a strategy's client order ids may ever have."""
    names = len(engine) + len(strategy)
    return len("qw----") + names + _SESSION_LENGTH_MAX + _COUNT_LENGTH_MAX


def strategy_of(order_id: ClientOrderId) -> StrategyName:
    """Which strategy one of our own ids belongs to."""
    return StrategyName(order_id.split("-")[2])
