"""Any value of a type of ours, for properties that hold for all of them."""

import enum
import types
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
from hypothesis import strategies as st

_FEW = 2
_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)
_PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    Decimal: _NUMBERS,
    type(None): st.none(),
}


def any_value(kind: Any, *, infinite: bool = False) -> st.SearchStrategy[Any]:
    """
    Values of a type, with parts of any value.

    Args:
        kind: Made of attrs classes, structs, tuples, mappings, enumerations and plain types.
        infinite: Whether a float may be.
    """
    return _Maker(infinite=infinite).of(kind)


@attrs.frozen(kw_only=True)
class _Maker:
    infinite: bool

    def of(self, kind: Any) -> st.SearchStrategy[Any]:
        if isinstance(kind, NewType):
            return self.of(kind.__supertype__)
        if kind is float:
            return st.floats(allow_nan=False, allow_infinity=self.infinite)
        if kind in _PLAIN:
            return _PLAIN[kind]
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return st.sampled_from(kind)
        if isinstance(kind, type) and attrs.has(kind):
            names = [field.alias for field in attrs.fields(kind) if field.init]
            return st.builds(kind, **self._fields(kind, names))
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return st.builds(kind, **self._fields(kind, kind.__struct_fields__))
        return self._made_of(get_origin(kind), get_args(kind))

    def _made_of(self, origin: Any, parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
        if origin in {Union, types.UnionType}:
            return st.one_of(*map(self.of, parts))
        if origin is Mapping:
            return st.dictionaries(self.of(parts[0]), self.of(parts[1]), max_size=_FEW)
        if origin is frozenset:
            return st.frozensets(self.of(parts[0]), max_size=_FEW)
        assert origin is tuple, f"{origin}[{parts}] is not known here"
        if parts[-1] is Ellipsis:
            return st.lists(self.of(parts[0]), max_size=_FEW).map(tuple)
        return st.tuples(*map(self.of, parts))

    def _fields(self, kind: Any, names: Any) -> dict[str, st.SearchStrategy[Any]]:
        hints = get_type_hints(kind)
        return {name: self.of(hints[name]) for name in names}
