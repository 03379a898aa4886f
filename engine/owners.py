"""Who knows each component of readiness, and what that takes."""

from collections.abc import Iterator

import attrs

from engine.lives import ChildStatus, SupervisorStatus
from trading.identifiers import Pair, StrategyName
from trading.readiness import Component


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


def owner_of(component: Component, strategy: StrategyName, pair: Pair) -> Owner:
    """The child that says whether a component holds, for one strategy on its pair."""
    match component:
        case Component.SYMBOLS_MAPPING:
            return Owner("trading rules", "the venue's list of pairs")
        case Component.TRADING_RULES:
            return Owner("trading rules", f"rules and order types of {pair}, and quotes allowed")
        case Component.ORDER_BOOK:
            return Owner(f"order book {pair}", "a snapshot, then changes in sequence and verified")
        case Component.ACCOUNT_BALANCE:
            return Owner("account", "the account's fees and its list of balances")
        case Component.USER_STREAM:
            return Owner("account socket", "a login, then the answers to pings")
        case Component.CLOCK:
            return Owner("venue clock", "the venue's time, several times")
        case Component.LEDGER:
            return Owner("ledger", "a commit on the disk")
        case Component.RECONCILED:
            return Owner(
                "order gateway", "the stream, then the venue's lists of our orders and fills"
            )
        case Component.VENUE_ONLINE:
            return Owner("venue status", "the venue's word that it is online")
        case Component.STRATEGY_RUNNING:
            return Owner(f"strategy {strategy}", "the strategy's start")


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
