"""What must never be said: I13."""

import json
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from engine.simulation.checks.base import Check


class Silence(Check):
    """I13. The account's secret is in nothing that is logged."""

    @override
    def logged(self, entry: Mapping[str, Any]) -> None:
        if self.site.account.api_secret in json.dumps(entry, default=str):
            self.violated("I13", f"the secret is in the event {entry['event']!r}")
