"""The state of one import: the keys given, the lines written, and the remarks."""

import difflib
import enum
from collections.abc import Iterable, Mapping

import attrs

from config.hummingbot.given import Given
from config.hummingbot.values import NotUnderstood, absent, flag


class Matter(enum.Enum):
    """The kinds of remark."""

    CHANGED = "changed"
    """The key means something else here, or is written differently."""
    REFUSED = "refused"
    """The value cannot be taken over: the person has to decide."""
    DOUBTED = "doubted"
    """The value is converted as it stands, but something else may have been meant."""
    UNKNOWN = "unknown"
    """A key that the original does not have either, as far as is known here."""
    DIFFERENT = "different"
    """What this engine does differently with these settings."""
    TO_DO = "to do"
    """Something that is still to be filled in."""


@attrs.frozen(kw_only=True)
class Remark:
    """
    One remark on an import.

    Args:
        line: In the original, from 1; ``None`` where it is about none.
        key: In the original; empty where it is about none.
        quirk: Its number in the list of ``docs/pure-market-making.md``.
    """

    matter: Matter
    text: str
    line: int | None = None
    key: str = ""
    cure: str = ""
    quirk: int | None = None


@attrs.define
class Importing:
    """
    The keys given, the lines written so far, and the remarks so far.

    Args:
        given: The original's keys.
        compat: Whether the result is to do as the original did, quirks included.
        has_sessions: Whether its strategy has trading hours in compat mode.
        lines: What is written of the strategy, by our keys, as TOML.
        overrides: The same of each order that is shown instead of levels.
        implied: Keys that the original leaves out, where that means something else there than here.
        remarks: In the order in which they came up.
    """

    given: Mapping[str, Given]
    compat: bool
    has_sessions: bool = False
    lines: dict[str, str] = attrs.field(factory=dict, init=False)
    overrides: dict[str, dict[str, str]] = attrs.field(factory=dict, init=False)
    implied: set[str] = attrs.field(factory=set, init=False)
    remarks: list[Remark] = attrs.field(factory=list, init=False)

    def word(self, key: str) -> str:
        """A field's text, for others that depend on it; empty where there is none."""
        given = self.given.get(key)
        return given.value.strip() if given and isinstance(given.value, str) else ""

    def on(self, key: str) -> bool:
        """Whether something is switched on in what is written."""
        return self.lines.get(key) == "true"

    def switched_on(self, key: str) -> bool:
        """Whether something is switched on in the original."""
        given = self.given.get(key)
        try:
            return given is not None and flag(given)
        except NotUnderstood:
            return False

    def gave(self, key: str) -> bool:
        return not absent(self.given.get(key))

    def write(self, key: str, text: str) -> None:
        self.lines[key] = text

    def changed(
        self, key: str, given: Given, text: str, *, cure: str = "", quirk: int | None = None
    ) -> None:
        self._say(Matter.CHANGED, key, given, text, cure, quirk)

    def refused(
        self, key: str, given: Given, text: str, *, cure: str, quirk: int | None = None
    ) -> None:
        self._say(Matter.REFUSED, key, given, text, cure, quirk)

    def doubted(self, key: str, given: Given, text: str, *, cure: str) -> None:
        self._say(Matter.DOUBTED, key, given, text, cure, None)

    def unknown(self, key: str, given: Given, known: Iterable[str]) -> None:
        near = difflib.get_close_matches(key, known, n=1)
        cure = f"did you mean {near[0]}?" if near else "it is left out: nothing here is like it"
        self._say(Matter.UNKNOWN, key, given, f"is not known; it says {given.shown}", cure, None)

    def _say(
        self, matter: Matter, key: str, given: Given, text: str, cure: str, quirk: int | None
    ) -> None:
        self.remarks.append(
            Remark(
                matter=matter,
                text=text,
                line=given.line or None,
                key=key,
                cure=cure,
                quirk=quirk,
            )
        )
