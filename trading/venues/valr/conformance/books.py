"""What the frames of a book say of its rules: numbers, spelling, and what their checksum covers."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

import attrs

from trading.venues.valr.answers import CHECKSUM_QUANTITIES
from trading.venues.valr.conformance.check import Facts

Json = Mapping[str, Any]
Spelling = Callable[[str], str]
DEPTHS = (25, 10, 20, 40, 50, 100)
"""How many levels, or orders, a side a checksum may cover; the expected number first."""


@attrs.frozen
class Step:
    """
    A frame after a frame.

    Args:
        by: How much greater its number is.
        entries: How many changes it has.
    """

    by: int
    entries: int


@attrs.frozen
class Reading:
    """
    A whole reading of a feed.

    Args:
        first: The type of its first frame.
        steps: Of the frames after it.
        fitting: What a checksum may cover so that those of all frames fit: a depth, and one of
            ``CHECKSUM_QUANTITIES``.
    """

    first: str
    steps: Sequence[Step]
    fitting: Sequence[tuple[int, str]]

    def facts(self, quantities: "_Spelled") -> Mapping[str, object]:
        depth, spelling = self.fitting[0] if self.fitting else (None, None)
        return {
            "first frame": self.first,
            "rules/checksum_depth": depth,
            "rules/checksum_quantities": spelling,
            "rules/quantity_decimals": quantities.decimals,
        }


def level_facts(frames: Sequence[Json]) -> Facts:
    """The rules of OB_L1_DIFF, as far as these frames tell them; a snapshot begins anew."""
    book = _Levels()
    reading = _read(frames, book, "OB_L1_SNAPSHOT")
    facts = dict(reading.facts(book.quantities))
    steps = {step.by for step in reading.steps}
    if steps:
        facts["rules/level_sequence_step"] = steps.pop() if len(steps) == 1 else None
    return {**facts, "decimals of prices": book.prices.decimals}


def order_facts(frames: Sequence[Json]) -> Facts:
    """The rules of FULL_ORDERBOOK_UPDATE, as far as these frames tell them."""
    book = _Orders()
    reading = _read(frames, book, "FULL_ORDERBOOK_SNAPSHOT")
    facts = dict(reading.facts(book.quantities))
    telling = [step for step in reading.steps if step.entries != 1 or step.by != 1]
    if reading.steps:
        by_orders = all(step.by == step.entries for step in telling)
        by_frames = all(step.by == 1 for step in telling)
        facts["rules/count_orders"] = True if by_orders else False if by_frames else None
    return facts


class _Spelled:
    """Numbers as they were written."""

    def __init__(self) -> None:
        self._least: int | None = None
        self._padded = False

    def note(self, text: str) -> None:
        fraction = text.partition(".")[2]
        least = len(fraction) if self._least is None else min(self._least, len(fraction))
        self._least, self._padded = least, self._padded or fraction.endswith("0")

    @property
    def decimals(self) -> int:
        """How many they have at least, with zeros at the end; none where there are no such."""
        return (self._least or 0) if self._padded else 0


class _Levels:
    """A book of levels, as its texts."""

    def __init__(self) -> None:
        self._sides: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self.quantities, self.prices = _Spelled(), _Spelled()

    def begin(self) -> None:
        self._sides = ({}, {})

    def take(self, frame: Json) -> tuple[int, int, int]:
        data = frame["d"]
        for side, rows in zip(self._sides, (data["b"], data["a"]), strict=True):
            for price, quantity in rows:
                self.prices.note(str(price))
                if _is_nothing(str(quantity)):
                    side.pop(str(price), None)
                else:
                    self.quantities.note(str(quantity))
                    side[str(price)] = str(quantity)
        return int(data["sq"]), int(data["cs"]), len(data["a"]) + len(data["b"])

    def best(self, depth: int, spelled: Spelling) -> Iterator[str]:
        bids, asks = self._sides
        yield from _woven(
            [f"{p}:{spelled(bids[p])}" for p in sorted(bids, key=float, reverse=True)[:depth]],
            [f"{p}:{spelled(asks[p])}" for p in sorted(asks, key=float)[:depth]],
        )


class _Orders:
    """A book of single orders: by side the price and quantity of each, in the order of arrival."""

    def __init__(self) -> None:
        self._sides: tuple[dict[str, tuple[float, str]], dict[str, tuple[float, str]]] = ({}, {})
        self.quantities = _Spelled()

    def begin(self) -> None:
        self._sides = ({}, {})

    def take(self, frame: Json) -> tuple[int, int, int]:
        data, count = frame["data"], 0
        for side, levels in zip(self._sides, (data["Bids"], data["Asks"]), strict=True):
            for level in levels:
                for order in level["Orders"]:
                    count += 1
                    self._put(side, order, float(level["Price"]))
        return int(data["SequenceNumber"]), int(data["Checksum"]), count

    def _put(self, side: dict[str, tuple[float, str]], order: Json, price: float) -> None:
        name, quantity = order["orderId"], str(order["quantity"])
        if _is_nothing(quantity):
            side.pop(name, None)
            return
        self.quantities.note(quantity)
        if name in side and side[name][0] != price:
            del side[name]
        side[name] = (price, quantity)

    def best(self, depth: int, spelled: Spelling) -> Iterator[str]:
        bids, asks = self._sides
        # Stable: orders of one price stay in the order of their arrival.
        best_bids = sorted(bids.items(), key=lambda o: -o[1][0])[:depth]
        best_asks = sorted(asks.items(), key=lambda o: o[1][0])[:depth]
        yield from _woven(
            [f"{name}:{spelled(quantity)}" for name, (_, quantity) in best_bids],
            [f"{name}:{spelled(quantity)}" for name, (_, quantity) in best_asks],
        )


def _is_nothing(quantity: str) -> bool:
    return not quantity.strip("0.")


def _shortest(quantity: str) -> str:
    return quantity.rstrip("0").rstrip(".") if "." in quantity else quantity


_SPELLINGS: Mapping[str, Spelling] = dict(zip(CHECKSUM_QUANTITIES, (str, _shortest), strict=True))


def _woven(bids: list[str], asks: list[str]) -> Iterator[str]:
    both = chain.from_iterable(zip_longest(bids, asks))
    return (text for text in both if text is not None)


def _read(frames: Sequence[Json], book: _Levels | _Orders, snapshot: str) -> Reading:
    steps: list[Step] = []
    fitting = [(depth, spelling) for depth in DEPTHS for spelling in _SPELLINGS]
    last: int | None = None
    for frame in frames:
        if frame["type"] == snapshot:
            book.begin()
            last = None
        sequence, checksum, entries = book.take(frame)
        if last is not None:
            steps.append(Step(sequence - last, entries))
        last = sequence
        fitting = [
            (depth, spelling)
            for depth, spelling in fitting
            if _crc(book.best(depth, _SPELLINGS[spelling])) == checksum
        ]
    return Reading(str(frames[0]["type"]), steps, fitting)


def _crc(texts: Iterator[str]) -> int:
    return zlib.crc32(":".join(texts).encode("ascii", "replace"))
