"""Gates with their figures: once in a sentence for people, once by name for machines."""

from decimal import Decimal

from trading.core.decimals import decimal_text
from trading.core.market import Side
from trading.decisions.decision import Gate, Quote

Figure = Decimal | str | int | float


def gate(
    code: str,
    side: Side | None,
    sentence: str,
    /,
    *,
    opens_at: float | None = None,
    **inputs: Figure,
) -> Gate:
    """
    A gate whose sentence has a place for each of its figures.

    Args:
        code: A stable word.
        side: The side that is shut, ``None`` for both.
        sentence: With ``{name}`` where a figure goes.
        opens_at: Monotonic seconds at which time alone opens it.
        inputs: The figures, by name.
    """
    texts = {name: _text(figure) for name, figure in inputs.items()}
    return Gate(
        code=code,
        side=side,
        sentence=sentence.format(**texts),
        opens_at=opens_at,
        inputs=texts,
    )


def named(quote: Quote) -> str:
    """How a sentence calls a quote."""
    return f"{quote.side.value} level {quote.level}"


def percent_text(fraction: Decimal) -> str:
    return f"{decimal_text(round(fraction * 100, 4))} %"


def _text(figure: Figure) -> str:
    match figure:
        case Decimal():
            return decimal_text(figure)
        case float():
            return f"{figure:.1f}"
        case _:
            return str(figure)
