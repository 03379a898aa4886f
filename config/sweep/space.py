"""The space of a sweep: the keys that are tried, and their values."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated

import attrs

from config.source.problems import Refused
from config.sweep.rules import Amount, Values
from trading.core.decimals import ZERO, decimal_text

_STEPS_MAX = 1000

Bound = Annotated[tuple[Decimal, bool], Amount()]


@attrs.frozen(kw_only=True)
class Dimension:
    """
    The values of one key: listed, or from one to another in steps.

    Args:
        values: Each of them.
        from_: The first of a range.
        to: The last one at most.
        step: Between two of them.
    """

    values: Annotated[tuple[object, ...], Values()] | None = None
    from_: Bound | None = attrs.field(default=None, metadata={"key": "from"})
    to: Bound | None = None
    step: Bound | None = None

    @property
    def ordered(self) -> bool:
        """Whether its values have an order that a search can go by."""
        return self.values is None

    def texts(self) -> Sequence[str]:
        """Its values as a configuration would have them, in their order."""
        if self.values is not None:
            return [toml_value(value) for value in self.values]
        assert self.from_ is not None
        assert self.to is not None
        assert self.step is not None
        (first, percent), (last, _), (step, _) = self.from_, self.to, self.step
        numbers = [first + step * index for index in range(int((last - first) / step) + 1)]
        texts = [decimal_text(number) for number in numbers]
        return [f'"{text} %"' if percent else text for text in texts]

    def contradictions(self) -> Iterator[Refused]:
        bounds = (self.from_, self.to, self.step)
        if (self.values is None) == (bounds == (None, None, None)):
            yield Refused("is neither listed nor a range", "give values, or from, to and step")
            return
        if self.values is not None:
            return
        if self.from_ is None or self.to is None or self.step is None:
            yield Refused("is no whole range", "give from, to and step")
            return
        (first, percent), (last, percent_too), (step, step_percent) = self.from_, self.to, self.step
        if not percent == percent_too == step_percent:
            yield Refused("mixes numbers and percentages", 'write all with "%", or none')
        elif step <= ZERO or last <= first:
            yield Refused("is an empty range", "let from be less than to, and step above zero")
        elif (last - first) / step >= _STEPS_MAX:
            yield Refused(f"has more than {_STEPS_MAX} steps", "take larger steps")


def toml_value(value: object) -> str:
    """A value as a document has it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return decimal_text(value)
        case int():
            return str(value)
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case _:
            return json.dumps(str(value), ensure_ascii=False)
