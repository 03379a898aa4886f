"""Ages as moments that do not flicker: an age grows with every look, a moment stays."""

from collections.abc import Iterator

_SAME_MS = 1_500


class Moments:
    """Remembers the moment of each thing for as long as an age agrees with it."""

    def __init__(self) -> None:
        self._known: dict[object, int] = {}
        self._next: dict[object, int] = {}

    def since(self, key: object, now_ms: int, age_s: float | None) -> int | None:
        """When something was, by its age; ``None`` where that is not known."""
        if age_s is None:
            return None
        moment = now_ms - round(age_s * 1000)
        known = self._known.get(key)
        if known is not None and abs(known - moment) < _SAME_MS:
            moment = known
        self._next[key] = moment
        return moment

    def forget_the_rest(self) -> None:
        """A look is over: what it did not ask for is gone."""
        self._known, self._next = self._next, {}

    def __iter__(self) -> Iterator[object]:
        return iter(self._known)
