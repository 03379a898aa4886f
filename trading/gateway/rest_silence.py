"""Detects that the venue does not answer by REST, and slows cancels to probes meanwhile."""

from trading.core.identifiers import StrategyName

_PROBE_EVERY_S = 1.0
"""
Between two cancels of a strategy while nothing is answered. Requests held back by a clogged line
arrive all at once when it opens: forty orders, cancelled each second, would exceed a venue's limit
(450 cancels a second at VALR) after eleven seconds.
"""


class RestSilence:
    """
    Slows repeated cancels by REST down to probes while none is answered.

    All times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._heard_at = float("-inf")
        self._silent = False
        self._probe_at: dict[StrategyName, float] = {}

    def heard(self, now: float) -> bool:
        """Note any answer to a request; whether that ends a silence."""
        ends, self._silent, self._heard_at = self._silent, False, now
        self._probe_at.clear()
        return ends

    def unheard(self, sent_at: float) -> None:
        """Note that a request has timed out; a later one may have been answered meanwhile."""
        self._silent = self._silent or sent_at > self._heard_at

    def next_probe_at(self, strategy: StrategyName) -> float:
        """When the next cancel of a strategy's orders may be repeated; the past while heard."""
        return self._probe_at.get(strategy, float("-inf")) if self._silent else float("-inf")

    def probed(self, strategy: StrategyName, now: float) -> None:
        """Note that a cancel of one of a strategy's orders leaves."""
        self._probe_at[strategy] = now + _PROBE_EVERY_S
