"""How a report writes numbers, times, and what is not stated."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from engine.reports.markup import Html, element
from trading.core.decimals import decimal_text
from trading.research.stated import NotStated

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 6
"""Of a rounded figure; tables have the whole ones."""
_NS = 1_000_000_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MINUS = "\N{MINUS SIGN}"

DASH = "\N{EN DASH}"
"""In the place of a number whose reason for lacking stands beside it."""


def money(value: Decimal) -> str:
    """An amount to its last decimal."""
    return decimal_text(value).replace("-", _MINUS)


def short_money(value: Decimal) -> str:
    """An amount of which six digits are shown."""
    with localcontext(Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)):
        return money(+value)


def figure(value: float, digits: int = 2) -> str:
    """A figure with so many places."""
    text = f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return (
        text.replace("-", _MINUS) if any(map(str.isdigit, text.strip("-0. "))) else text.lstrip("-")
    )


def significant(value: float) -> str:
    """A figure of which four digits are shown."""
    return decimal_text(Decimal(f"{value:.4g}")).replace("-", _MINUS)


def percent(share: float) -> str:
    """A share between 0 and 1; what is nearly all is not told as all."""
    text = f"{share * 100:.2f}"
    if text == "100.00" and share < 1:
        return "> 99.99 %"
    return f"{text} %"


def seconds(value: float) -> str:
    """A time in seconds, with the unit that suits it."""
    if value < _MINUTE:
        return f"{value:.3g} s" if value < _MINUTE / 6 else f"{value:.1f} s"
    if value < _HOUR:
        return f"{value / _MINUTE:.1f} min"
    if value < 2 * _DAY:
        return f"{value / _HOUR:.1f} h"
    return f"{value / _DAY:.1f} days"


def span(from_ns: int, to_ns: int) -> str:
    """How long it is from one moment to another."""
    return seconds((to_ns - from_ns) / _NS)


def moment(ns: int) -> str:
    """A moment in UTC, to the second."""
    when = _EPOCH + timedelta(seconds=ns // _NS)
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def not_stated(reason: NotStated) -> Html:
    """In place of a number."""
    return element("span", f"not stated: {reason.not_stated}", class_="unstated")


def share_or_reason(value: float | NotStated) -> str:
    return not_stated(value) if isinstance(value, NotStated) else percent(value)


def figure_or_reason(value: float | NotStated, unit: str = "") -> str:
    if isinstance(value, NotStated):
        return not_stated(value)
    return f"{significant(value)} {unit}".strip()


def three_times(value: tuple[float, float, float] | NotStated) -> tuple[str, str, str]:
    """Three quantiles of a time; or the reason, and two dashes."""
    if isinstance(value, NotStated):
        return not_stated(value), DASH, DASH
    low, middle, high = value
    return seconds(low), seconds(middle), seconds(high)
