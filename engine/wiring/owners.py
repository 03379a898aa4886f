"""Who knows each component of readiness, and what that takes."""

from collections.abc import Iterator, Mapping

import attrs

from engine.supervision.events import ChildStatus, SupervisorStatus
from trading.core.identifiers import Pair, StrategyName
from trading.readiness.lease import Component


@attrs.frozen
class Owner:
    """
    Whoever knows a component.

    Args:
        child: Its name in the supervision tree.
        waits_for: What it has to hear, in words.
    """

    child: str
    waits_for: str


_C = Component
_OWNERS: Mapping[Component, Owner] = {
    _C.SYMBOLS_MAPPING: Owner("trading rules", "the venue's list of pairs"),
    _C.TRADING_RULES: Owner("trading rules", "rules of {pair} that allow post-only orders"),
    _C.ORDER_BOOK: Owner("order book {pair}", "a snapshot, then verified changes in sequence"),
    _C.ACCOUNT_BALANCE: Owner("account", "the account's fees and its list of balances"),
    _C.USER_STREAM: Owner("account socket", "a login, then the answers to pings"),
    _C.CLOCK: Owner("venue clock", "the venue's time, several times"),
    _C.LEDGER: Owner("ledger", "a commit on the disk"),
    _C.RECONCILED: Owner("order gateway", "the stream, then the venue's lists of orders and fills"),
    _C.VENUE_ONLINE: Owner("venue status", "the venue's word that it is online"),
    _C.STRATEGY_RUNNING: Owner("strategy {strategy}", "the strategy's start"),
}


def owner_of(component: Component, strategy: StrategyName, pair: Pair) -> Owner:
    """The child that says whether a component holds, for one strategy on its pair."""
    owner = _OWNERS[component]
    return Owner(
        owner.child.format(strategy=strategy, pair=pair), owner.waits_for.format(pair=pair)
    )


def children(supervisor: SupervisorStatus) -> Iterator[ChildStatus]:
    """Every child of a tree, supervisors too."""
    for child in supervisor.children:
        yield child
        if child.inside is not None:
            yield from children(child.inside)


def child_named(supervisor: SupervisorStatus | None, name: str) -> ChildStatus | None:
    """One child of a tree; ``None`` while there is no tree."""
    if supervisor is None:
        return None
    return next((child for child in children(supervisor) if child.name == name), None)
