"""The differences from Hummingbot that an imported configuration meets, by number of the list."""

from collections.abc import Callable, Iterator

import attrs

from config.hummingbot.importing import Importing, Matter, Remark


@attrs.frozen
class Difference:
    """
    One deliberate difference.

    Args:
        quirk: Its number in ``docs/pure-market-making.md``.
        matters: Whether it does with these settings.
        text: What is different, for users of the original.
    """

    quirk: int
    matters: Callable[[Importing], bool]
    text: str


def _always(_: Importing) -> bool:
    return True


def _hangs(importing: Importing) -> bool:
    return importing.on("hanging_orders_enabled")


def _optimises(importing: Importing) -> bool:
    return importing.on("order_optimization_enabled")


def _skews(importing: Importing) -> bool:
    return importing.on("inventory_skew_enabled")


def _inventory_cost(importing: Importing) -> bool:
    return importing.word("price_type") == "inventory_cost"


def _bands_around_another_price(importing: Importing) -> bool:
    banded = {"price_ceiling", "price_floor"} & importing.lines.keys()
    elsewhere = importing.word("price_type") not in {"", "mid_price", "inventory_cost"}
    return elsewhere and bool(banded or importing.on("moving_price_band_enabled"))


def _optimises_own_levels(importing: Importing) -> bool:
    split = importing.on("split_order_levels_enabled")
    return _optimises(importing) and bool(importing.overrides or split)


DIFFERENCES = (
    Difference(1, _hangs, "a filled hanging order changes nothing else; there it did at random"),
    Difference(2, _always, "orders are cancelled in time also while no quote can be worked out"),
    Difference(
        4, _optimises, "all our own orders are taken out of the book before it is looked at"
    ),
    Difference(7, _skews, "orders that are filled in part hold only what remains of them"),
    Difference(9, _skews, "a skew that leaves nothing to quote says so"),
    Difference(10, _always, "asks are rounded up to a tick, not down towards the market"),
    Difference(11, _always, "prices are rounded once, and compared as they were sent"),
    Difference(12, _bands_around_another_price, "the bands compare with price_type, not with mid"),
    Difference(
        13, _hangs, "the two orders of a pair know each other by id, not by place in a list"
    ),
    Difference(14, _hangs, "of two hanging orders alike neither is forgotten"),
    Difference(18, _hangs, "hanging orders are renewed at max_order_age, as they were"),
    Difference(
        19,
        lambda importing: importing.on("ping_pong_enabled"),
        "a restart of the strategy does not forget what was filled",
    ),
    Difference(20, _always, "quotes are withdrawn while the book or anything else is stale"),
    Difference(23, _always, "it looks at every change of the market, not once a second"),
    Difference(24, _optimises_own_levels, "optimisation keeps the distances of own levels"),
    Difference(25, _always, "what would take is left out before the budget is spent"),
    Difference(26, _skews, "the skew's range is that of the orders that are shown"),
    Difference(
        27, _hangs, "the other half of a filled pair hangs at once, not at the next refresh"
    ),
    Difference(28, _inventory_cost, "an unknown inventory cost keeps only the asks back"),
    Difference(
        29,
        lambda importing: importing.on("add_transaction_costs"),
        "a maker rebate is not spent before it is paid",
    ),
    Difference(30, _always, "what the venue would refuse is not sent, and explained"),
    Difference(32, _hangs, "orders of an earlier run do not hang"),
)
"""The differences that a person would notice; compat mode has none of them but 20."""

_IN_COMPAT = frozenset({20})


def differences(importing: Importing) -> Iterator[Remark]:
    """What will be different with these settings."""
    for each in DIFFERENCES:
        if each.matters(importing) and (not importing.compat or each.quirk in _IN_COMPAT):
            yield Remark(matter=Matter.DIFFERENT, text=each.text, quirk=each.quirk)
