"""Orders of a Hummingbot file that are shown instead of levels."""

import re

from config.hummingbot import values
from config.hummingbot.doubts import SPREAD_DOUBTED, doubt
from config.hummingbot.given import Given
from config.hummingbot.importing import Importing
from config.hummingbot.values import NotUnderstood, percent, quoted
from trading.core.decimals import decimal_text

_NAME_LENGTH_MAX = 12
_OVERRIDE_PARTS = 3


def override(importing: Importing, key: str, given: Given) -> None:
    for name, order in values.table(given).items():
        try:
            importing.overrides[_override_name(importing, name)] = _override(
                importing, f"{key}.{name}", order
            )
        except NotUnderstood as error:
            importing.refused(
                f"{key}.{name}",
                order,
                str(error),
                cure="write [buy or sell, spread in percent, amount]",
            )


def _override_name(importing: Importing, name: str) -> str:
    """The name as a key of our file: in the original it was only a label."""
    base = re.sub(r"[^a-z0-9]", "", name.lower())[:_NAME_LENGTH_MAX] or "order"
    found, number = base, 2
    while found in importing.overrides:
        found = f"{base[: _NAME_LENGTH_MAX - 2]}{number}"
        number += 1
    return found


def _override(importing: Importing, key: str, order: Given) -> dict[str, str]:
    parts = order.value
    if not isinstance(parts, list) or len(parts) != _OVERRIDE_PARTS:
        raise NotUnderstood(f"{order.shown} is not [side, spread, amount]")
    side = values.text(parts[0]).lower()
    if side not in {"buy", "sell"}:
        raise NotUnderstood(f"{parts[0].shown} is neither buy nor sell")
    spread = values.number(parts[1])
    doubt(importing, key, order, spread, SPREAD_DOUBTED)
    return {
        "side": quoted(side),
        "spread": percent(spread),
        "amount": decimal_text(values.number(parts[2])),
    }
