"""All that the page's process knows: parts, figures, states, fills and log lines, each bounded."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from engine.web.bars import Bar, Run
from engine.web.clients import Clients
from engine.web.history import COLUMNS, NAN, Ring

Json = dict[str, Any]

FILLS_MAX = 5_000
LOG_MAX = 2_000

_encode = msgspec.json.Encoder().encode


class Strategy:
    """The history of one strategy."""

    def __init__(self) -> None:
        self.ring = Ring()
        self.bars: dict[str, Bar] = {}

    def bar(self, name: str) -> Bar:
        return self.bars.setdefault(name, Bar())


class Board:
    """
    Takes what is learnt of the engine, keeps it, and hands it to every open page.

    Args:
        now_ms: Milliseconds since the epoch.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.clients = Clients()
        self.parts: dict[str, bytes] = {}
        self.strategies: dict[str, Strategy] = {}
        self.fills: deque[Json] = deque(maxlen=FILLS_MAX)
        self.log: deque[Json] = deque(maxlen=LOG_MAX)

    def strategy(self, name: str) -> Strategy:
        return self.strategies.setdefault(name, Strategy())

    def part(self, name: str, content: object) -> None:
        """The newest of a part; pages are sent it where it differs."""
        encoded = _encode(content)
        if self.parts.get(name) != encoded:
            self.parts[name] = encoded
            self.clients.part(name, encoded)

    def point(self, name: str, row: Iterable[float]) -> None:
        """A row of figures, as ``history.COLUMNS``."""
        figures = list(row)
        self.strategy(name).ring.add(figures)
        self.clients.item("point", [name, *figures])

    def state(self, name: str, bar: str, run: Run, *, gap_ms: int) -> None:
        """What a bar shows from now on."""
        if self.strategy(name).bar(bar).saw(run, gap_ms=gap_ms):
            self.clients.item("gate", [name, bar, *run.short()])

    def state_told(self, name: str, bar: str, run: Run) -> None:
        """A change of a bar between two looks, as the log has it."""
        for changed in self.strategy(name).bar(bar).told(run):
            self.clients.item("gate", [name, bar, *changed.short()])

    def filled(self, fill: Json) -> None:
        self.fills.append(fill)
        self.clients.item("fill", fill)

    def told(self, line: Json) -> None:
        """A line of the log, in words."""
        self.log.append(line)
        self.clients.item("log", line)

    def since(self, moment_ms: int) -> Iterator[tuple[str, Any]]:
        """What pages were told since a moment, kind by kind, for one that was not there."""
        for name, strategy in self.strategies.items():
            yield from (
                ("point", [name, *row]) for row in strategy.ring.rows_since(moment_ms / 1000)
            )
            for bar, states in strategy.bars.items():
                runs = states.between(moment_ms, self.now_ms())
                yield from (("gate", [name, bar, *run.short()]) for run in runs)
        yield from (("fill", fill) for fill in self.fills if fill["at"] >= moment_ms)
        yield from (("log", line) for line in self.log if line["at"] >= moment_ms)

    def whole(self) -> bytes:
        """Everything that a page shows at first, but for its charts."""
        parts: Mapping[str, object] = {
            name: msgspec.Raw(encoded) for name, encoded in self.parts.items()
        }
        log = list(self.log)[-200:]
        return _encode({"now": self.now_ms(), "parts": parts, "log": log})


def figures(strategy: Json, at_s: float) -> list[float]:
    """A row of a strategy's status, as ``history.COLUMNS``; at_s seconds since the epoch."""
    top, inventory, profit = strategy["top"], strategy["inventory"], strategy["profit"]
    totals = [balance["total"] for balance in (inventory or {"balances": {}})["balances"].values()]
    base, quote = (float(total) for total in totals) if len(totals) == 2 else (NAN, NAN)  # noqa: PLR2004
    row = {
        "time": at_s,
        "mid": NAN if top is None else float(top["mid"]),
        "bid": _best(strategy, "buy", max),
        "ask": _best(strategy, "sell", min),
        "base": base,
        "quote": quote,
        "realised": float(profit["realised"]),
        "unrealised": float(profit["unrealised"]),
        "fees": float(sum(float(paid) for paid in profit["fees"].values())),
    }
    return [row[name] for name in COLUMNS]


_STANDING = frozenset({"open", "partially filled"})


def _best(strategy: Json, side: str, better: Callable[[list[float]], float]) -> float:
    prices = [
        float(order["price"])
        for order in strategy["orders"]
        if order["side"] == side and order["status"] in _STANDING
    ]
    return better(prices) if prices else NAN
