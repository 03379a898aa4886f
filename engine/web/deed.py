"""A deed of the page: what a person had the engine do, and how far that is."""

from typing import Any

import attrs

Json = dict[str, Any]


@attrs.define
class Deed:
    """
    One deed, as every open page shows it.

    Args:
        steps: What has happened so far, each with its moment.
        begins_anew: Whether it ends the session, and is done once the next one has begun.
        left: Orders that may be left at the venue.
        read: Whether somebody has read how it ended.
    """

    number: int
    kind: str
    steps: list[Json] = attrs.field(factory=list)
    ended: bool = False
    well: bool = False
    begins_anew: bool = False
    left: list[str] = attrs.field(factory=list)
    read: bool = False

    def told(self, step: str) -> bool:
        """Whether a step has happened."""
        return any(one["step"] == step for one in self.steps)

    def shown(self) -> Json:
        return attrs.asdict(self)
