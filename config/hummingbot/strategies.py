"""The Hummingbot strategies that can be imported."""

from collections.abc import Callable, Iterator, Mapping

import attrs

from config.hummingbot import avellaneda, fields
from config.hummingbot.converters import Convert
from config.hummingbot.differences import differences
from config.hummingbot.importing import Importing, Remark


@attrs.frozen(kw_only=True)
class ImportedStrategy:
    """
    One strategy of Hummingbot's, and how it is imported.

    Args:
        kind: Its strategy kind here.
        fields: What becomes of each key, in the order in which our file has them.
        defaults: Hummingbot's meaning of a key that is left out, where ours is another.
        waiting: Keys without effect until a feature is switched on, with its switch.
        differences: What is done differently here.
        only_compat: Whether it is imported in compat mode alone.
    """

    kind: str
    fields: Mapping[str, Convert]
    defaults: Mapping[str, str]
    waiting: Mapping[str, str]
    differences: Callable[[Importing], Iterator[Remark]]
    only_compat: bool


STRATEGIES: Mapping[str, ImportedStrategy] = {
    "pure_market_making": ImportedStrategy(
        kind="pure_market_making",
        fields=fields.FIELDS,
        defaults=fields.DEFAULTS,
        waiting=fields.WAITING,
        differences=differences,
        only_compat=False,
    ),
    # A risk factor means another thing in our own form: its number alone would mislead.
    "avellaneda_market_making": ImportedStrategy(
        kind="avellaneda_stoikov",
        fields=avellaneda.FIELDS,
        defaults=avellaneda.DEFAULTS,
        waiting=avellaneda.WAITING,
        differences=avellaneda.differences,
        only_compat=True,
    ),
}
"""By the value of a file's key ``strategy``."""
