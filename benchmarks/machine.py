"""How fast this machine is now: what other figures of the same run are to be compared with."""

import time
from decimal import Decimal

ROUNDS = 25


def reference_us() -> float:
    """Microseconds of a fixed computation: attributes, calls, a dict, Decimals; the best round."""
    return min(_round_us() for _ in range(ROUNDS))


class _Cell:
    __slots__ = ("amount",)

    def __init__(self, amount: Decimal) -> None:
        self.amount = amount

    def doubled(self) -> Decimal:
        return self.amount + self.amount


def _round_us() -> float:
    began = time.thread_time()
    for _ in range(100):
        cells = {number: _Cell(Decimal(number)) for number in range(20)}
        sum([cells[number].doubled() for number in cells], Decimal(0))
    return (time.thread_time() - began) / 100 * 1e6
