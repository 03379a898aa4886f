"""What importers share: what they are asked for, what they note, what they cannot read."""

from collections import Counter

import attrs
import msgspec

from trading.core.identifiers import Pair
from trading.datasets.importers.own import OwnOrders
from trading.datasets.importers.scale import Scale

UNTOLD_NS = -(2**63)
"""In place of an exchange or receive time that the source does not tell; no time is so early."""

UNREADABLE = (msgspec.DecodeError, ValueError, RecursionError)
"""What a row that is none of its format raises: the reader of the file adds which row it was."""


class WrongPair(ValueError):
    """A file has nothing of the pair that was asked for."""

    def __init__(self, pair: Pair, told: str = "") -> None:
        found = f"; it is of {told[:60]}" if told else ""
        super().__init__(f"nothing in it is of {pair}{found}: look at --pair")


@attrs.define
class Notes:
    """
    What is told of an import beside its records.

    Args:
        skipped: What of the source is in no record, counted by its reason.
        guessed: What the source did not say, in sentences, each once.
    """

    skipped: Counter[str] = attrs.field(factory=Counter)
    guessed: dict[str, None] = attrs.field(factory=dict)

    def skip(self, what: str, count: int = 1) -> None:
        self.skipped[what] += count

    def guess(self, sentence: str) -> None:
        self.guessed[sentence] = None


@attrs.frozen
class Asked:
    """
    What an import is to come to.

    Args:
        pair: Whose market it is; other pairs of a file are skipped, and one that is only of other
            pairs is refused.
        scale: Its tick and lot.
        notes: Taken while it is read.
        own: Our own orders and trades in it, noted before the market is read.
        file_name: Of the file that is read, which may tell what its rows do not.
    """

    pair: Pair
    scale: Scale
    notes: Notes
    file_name: str = ""
    own: OwnOrders = attrs.field(factory=OwnOrders)


def same_pair(asked: Pair, told: str) -> bool:
    """Whether a source's symbol is the pair: ``btc_usdt``, ``BTC-USDT`` and ``BTCUSDT`` are one."""
    return _plain(told) == _plain(asked)


def _plain(symbol: str) -> str:
    return "".join(letter for letter in symbol.upper() if letter.isalnum())
