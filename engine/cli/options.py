"""Numbers and places on the command line: a text that is not what is meant is refused."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, Token

_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)


def whole_number(_: Any, tokens: Sequence[Token]) -> int:
    """
    A count, a seed, a port: digits alone.

    Raises:
        ValueError: It is something else; cyclopts would make 2 of 1.6.
    """
    [token] = tokens
    if _WHOLE.fullmatch(token.value) is None:
        raise ValueError(f"{token.value[:40]!r} is not a whole number: write digits alone")
    return int(token.value)


def seconds_or_hours(_: Any, tokens: Sequence[Token]) -> float:
    """
    A span of time: digits, with a decimal point perhaps.

    Raises:
        ValueError: It is something else: not a number, without end, or in another notation.
    """
    [token] = tokens
    if _NUMBER.fullmatch(token.value) is None:
        raise ValueError(f"{token.value[:40]!r} is not a number: write digits, as 30 or 0.5")
    number = float(token.value)
    assert math.isfinite(number)
    return number


def place(_: Any, tokens: Sequence[Token]) -> Path:
    """
    Where something is to be written.

    Raises:
        ValueError: It is empty, as a variable that is not set; it would be the present folder.
    """
    [token] = tokens
    if not token.value:
        raise ValueError("an empty text is no place: name a file or folder; . is this one")
    return Path(token.value)


Place = Annotated[Path, Parameter(converter=place)]
"""A path that is written to."""
