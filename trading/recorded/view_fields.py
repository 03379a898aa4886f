"""
A strategy's view as JSON, field by field, so that of most looks only what changed is written.

Decimals are text, exact to the last zero; floats are written so that they are read as they were.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_type_hints

import attrs
import msgspec

from trading.core.identifiers import Currency
from trading.decisions.decision import Decision
from trading.strategies.interface import View

HELD = "held"
"""Beside the view's own fields: what the orders of all strategies held."""


def _as_dict(value: object) -> object:
    """A mapping of another class as one that is known to JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} cannot be part of a view")


_NOW = "now"
_TYPES: Mapping[str, Any] = {
    **{name: kind for name, kind in get_type_hints(View).items() if name != _NOW},
    HELD: Mapping[Currency, Decimal],
}
_ENCODER = msgspec.json.Encoder(enc_hook=_as_dict)
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in _TYPES.items()}

Fields = dict[str, msgspec.Raw]
"""The fields of a view by name, each as JSON."""


class UnreadableField(ValueError):
    """A field of a view is not what such a field can be."""


def decision_json(decision: Decision) -> bytes:
    """A decision as it is compared: equal ones are written alike, and others are not."""
    return _ENCODER.encode(decision)


@attrs.define
class WrittenViews:
    """The newest view as it was written, for the differences of the next one."""

    _values: dict[str, object] = attrs.field(factory=dict)
    _written: dict[str, bytes] = attrs.field(factory=dict)

    def changes(self, view: View, held: Mapping[Currency, Decimal]) -> Fields:
        """The fields that are not as they were in the view before; all of them in the first."""
        changed: Fields = {}
        for name in _TYPES:
            value = held if name == HELD else getattr(view, name)
            # What is the same object is not looked into: a view is made of immutable values.
            if name in self._written and self._values[name] is value:
                continue
            self._values[name] = value
            data = _ENCODER.encode(value)
            # As text, for equal numbers may be written differently and come to other decisions.
            if self._written.get(name) != data:
                self._written[name] = data
                changed[name] = msgspec.Raw(data)
        return changed

    def forget(self) -> None:
        """Have the next view written whole."""
        self._values.clear()
        self._written.clear()


@attrs.define
class ReadViews:
    """The newest view as it was read, onto which the next one's differences are laid."""

    _values: dict[str, Any] = attrs.field(factory=dict)
    _texts: dict[str, str] = attrs.field(factory=dict)

    def changed(self, fields: Fields) -> dict[str, str]:
        """Those of some fields that are not as in the newest view, each as JSON."""
        texts = {name: bytes(data).decode() for name, data in fields.items()}
        return {name: text for name, text in texts.items() if self._texts.get(name) != text}

    @property
    def begun(self) -> bool:
        """Whether there was a whole one."""
        return len(self._values) == len(_TYPES)

    def after(self, changes: Fields, now: float) -> tuple[View, Mapping[Currency, Decimal]]:
        """
        The view of a look, and what was held.

        Args:
            changes: Laid over the view before.
            now: Monotonic seconds.

        Raises:
            UnreadableField: One is not known, or its value is none.
        """
        for name, data in changes.items():
            try:
                self._values[name] = _DECODERS[name].decode(data)
            except KeyError:
                raise UnreadableField(f"a view has no field {name!r}") from None
            except (msgspec.DecodeError, ValueError) as error:
                raise UnreadableField(f"{name}: {error}") from error
            self._texts[name] = bytes(data).decode()
        fields = dict(self._values)
        held = fields.pop(HELD)
        return View(now=now, **fields), held

    def forget(self) -> None:
        """Have the next view be whole."""
        self._values.clear()
        self._texts.clear()
