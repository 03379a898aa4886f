"""What the frames of a book say of its rules: how they are numbered, what their checksum covers."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any

import attrs

from trading.venues.valr.conformance.check import Facts

Json = Mapping[str, Any]
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
        fitting: The depths whose checksum fits all frames; all of them where none was summed up.
    """

    first: str
    steps: Sequence[Step]
    fitting: Sequence[int]


def level_facts(frames: Sequence[Json]) -> Facts:
    """The rules of OB_L1_DIFF, as far as these frames tell them; a snapshot begins anew."""
    reading = _read(frames, _Levels(), "OB_L1_SNAPSHOT")
    steps = {step.by for step in reading.steps}
    return {
        "first frame": reading.first,
        **(
            {"rules/level_sequence_step": steps.pop() if len(steps) == 1 else None} if steps else {}
        ),
        "rules/checksum_depth": reading.fitting[0] if reading.fitting else None,
    }


def order_facts(frames: Sequence[Json]) -> Facts:
    """The rules of FULL_ORDERBOOK_UPDATE, as far as these frames tell them."""
    reading = _read(frames, _Orders(), "FULL_ORDERBOOK_SNAPSHOT")
    facts: dict[str, object] = {"first frame": reading.first}
    telling = [step for step in reading.steps if step.entries != 1 or step.by != 1]
    if reading.steps:
        by_orders = all(step.by == step.entries for step in telling)
        by_frames = all(step.by == 1 for step in telling)
        facts["rules/count_orders"] = True if by_orders else False if by_frames else None
    facts["rules/checksum_depth"] = reading.fitting[0] if reading.fitting else None
    return facts


class _Levels:
    """A book of levels, as its texts."""

    def __init__(self) -> None:
        self._sides: tuple[dict[str, str], dict[str, str]] = ({}, {})

    def begin(self) -> None:
        self._sides = ({}, {})

    def take(self, frame: Json) -> tuple[int, int, int]:
        data = frame["d"]
        for side, rows in zip(self._sides, (data["b"], data["a"]), strict=True):
            for price, quantity in rows:
                if str(quantity) == "0":
                    side.pop(str(price), None)
                else:
                    side[str(price)] = str(quantity)
        return int(data["sq"]), int(data["cs"]), len(data["a"]) + len(data["b"])

    def best(self, depth: int) -> Iterator[str]:
        bids, asks = self._sides
        yield from _woven(
            [f"{price}:{bids[price]}" for price in sorted(bids, key=float, reverse=True)[:depth]],
            [f"{price}:{asks[price]}" for price in sorted(asks, key=float)[:depth]],
        )


class _Orders:
    """A book of single orders: by side the price and quantity of each, in the order of arrival."""

    def __init__(self) -> None:
        self._sides: tuple[dict[str, tuple[float, str]], dict[str, tuple[float, str]]] = ({}, {})

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

    @staticmethod
    def _put(side: dict[str, tuple[float, str]], order: Json, price: float) -> None:
        name, quantity = order["orderId"], str(order["quantity"])
        if quantity == "0":
            side.pop(name, None)
            return
        if name in side and side[name][0] != price:
            del side[name]
        side[name] = (price, quantity)

    def best(self, depth: int) -> Iterator[str]:
        bids, asks = self._sides
        # Stable: orders of one price stay in the order of their arrival.
        yield from _woven(
            [f"{n}:{q}" for n, (_, q) in sorted(bids.items(), key=lambda o: -o[1][0])[:depth]],
            [f"{n}:{q}" for n, (_, q) in sorted(asks.items(), key=lambda o: o[1][0])[:depth]],
        )


def _woven(bids: list[str], asks: list[str]) -> Iterator[str]:
    both = chain.from_iterable(zip_longest(bids, asks))
    return (text for text in both if text is not None)


def _read(frames: Sequence[Json], book: _Levels | _Orders, snapshot: str) -> Reading:
    steps: list[Step] = []
    fitting = list(DEPTHS)
    last: int | None = None
    for frame in frames:
        if frame["type"] == snapshot:
            book.begin()
            last = None
        sequence, checksum, entries = book.take(frame)
        if last is not None:
            steps.append(Step(sequence - last, entries))
        last = sequence
        fitting = [depth for depth in fitting if _crc(book.best(depth)) == checksum]
    return Reading(str(frames[0]["type"]), steps, fitting)


def _crc(texts: Iterator[str]) -> int:
    return zlib.crc32(":".join(texts).encode("ascii", "replace"))
