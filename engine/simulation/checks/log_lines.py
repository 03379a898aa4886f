"""Checks of the log: no secret in it, and an event for each fault: I13 and I16."""

import json
from collections.abc import Mapping
from typing import Any

import trio
from typing_extensions import override

from engine.simulation.checks.base import Check
from engine.simulation.injections.base import FaultInjection
from engine.simulation.site import Site

_NOTICED_WITHIN_S = 60.0
_COMPARED_WITHIN_S = 120.0
_COMPARED = "reconciled"


class Silence(Check):
    """I13. The account's secret is in nothing that is logged."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        site.trace.readers.append(self._written)

    def _written(self, line: str) -> None:
        if self.site.account.api_secret in line:
            self.violated("I13", f"the secret is in the event {json.loads(line)['event']!r}")


class Visible(Check):
    """I16. A fault injection that struck is followed by an event that shows it."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._last_at: dict[str, float] = {}

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        self._last_at[str(entry["event"])] = self.now

    async def noticed(self, trouble: FaultInjection, since: float) -> None:
        """
        Wait for such an event, where an engine runs that can notice.

        An engine that began in the middle of it may have met with a moment of it only.
        """
        if not trouble.noticed_by or not trouble.matters(self.site):
            return
        process = self.site.process
        await trio.sleep(_COMPARED_WITHIN_S if trouble.by_comparison else _NOTICED_WITHIN_S)
        if process is None or process is not self.site.process or process.started_at > since:
            return
        if trouble.by_comparison and self._last_at.get(_COMPARED, -1.0) < since:
            return
        if not any(self._last_at.get(event, -1.0) >= since for event in trouble.noticed_by):
            self.violated("I16", f"{trouble.fault} ({trouble.what}) left no trace in the log")
