"""When which gates of a strategy were shut, look by look."""

from collections.abc import Iterable

from trading.backtest.outcome import GateShut
from trading.core.market import Side
from trading.decisions.decision import Gate


class GateSpans:
    """
    Folds the gates of each look into spans of time.

    A gate counts as shut from the look that says so to the first that does not.
    """

    def __init__(self) -> None:
        self._spans: list[GateShut] = []
        self._shut: dict[tuple[str, Side | None], int] = {}

    def look(self, gates: Iterable[Gate], now_ns: int) -> None:
        """Take the gates of a look, at ``now_ns`` nanoseconds since the epoch."""
        shut = self._shut
        now_shut = {(gate.code, gate.side): now_ns for gate in gates}
        if now_shut.keys() == shut.keys():  # nearly always
            return
        for key in [key for key in shut if key not in now_shut]:
            self._end(key, now_ns)
        for key, since_ns in now_shut.items():
            shut.setdefault(key, since_ns)

    def ended(self, now_ns: int) -> tuple[GateShut, ...]:
        """All spans, those that last ended now; in the order of their beginnings."""
        for key in list(self._shut):
            self._end(key, now_ns)
        return tuple(sorted(self._spans, key=lambda span: span.from_ns))

    def _end(self, key: tuple[str, Side | None], now_ns: int) -> None:
        code, side = key
        since_ns = self._shut.pop(key)
        if now_ns > since_ns:
            self._spans.append(GateShut(code=code, side=side, from_ns=since_ns, to_ns=now_ns))
