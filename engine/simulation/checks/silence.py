"""What must never be said: I13."""

import json

from engine.simulation.checks.base import Check
from engine.simulation.site import Site


class Silence(Check):
    """I13. The account's secret is in nothing that is logged."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        site.trace.readers.append(self._written)

    def _written(self, line: str) -> None:
        if self.site.account.api_secret in line:
            self.violated("I13", f"the secret is in the event {json.loads(line)['event']!r}")
