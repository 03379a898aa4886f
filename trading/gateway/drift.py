"""Finds fills and balance changes that our orders do not explain, and stops the sides concerned."""

from collections.abc import Callable, Iterable

from trading.account.account import AccountView
from trading.account.balance_watch import BalanceWatch, Drift
from trading.core.identifiers import ClientOrderIds, Pair, strategy_of
from trading.core.market import Side
from trading.gateway.records import OrderRecords
from trading.gateway.side_halts import Place, SideHalts, StopKind
from trading.gateway.tracker import OrderTracker
from trading.gateway.turn import Turn
from trading.orders.order import Fill

_QUIET_S = 2.0
"""After a fill, until every balance shows it."""

_DRIFT_S = 0.5
"""The longest time between a balance and the fill that explains it, in either order."""

_AT_ONCE = float("-inf")


class DriftMonitor:
    """
    Watches for fills of orders unknown to us, and for balances that our fills do not explain.

    Args:
        stops: Stops the sides on which more must have happened than we know.
        compare: Has everything compared with the venue, at a moment in monotonic seconds.
    """

    def __init__(
        self,
        turn: Turn,
        *,
        tracker: OrderTracker,
        ids: ClientOrderIds,
        records: OrderRecords,
        stops: SideHalts,
        compare: Callable[[float], None],
    ) -> None:
        self._turn = turn
        self._tracker = tracker
        self._ids = ids
        self._records = records
        self._stops = stops
        self._compare = compare
        self._balances = BalanceWatch()
        self._to_compare = False
        self._filled_at = float("-inf")
        self._suspected_at = float("-inf")
        self._watched: AccountView | None = None
        self._seen_drifts: tuple[tuple[Drift, ...], float] = ((), 0.0)
        self._began_ms = turn.seen.wall_ns // 1_000_000

    # Fills.

    def filled(self, fill: Fill) -> None:
        """Expect the balances to show a fill of ours that was counted."""
        self._filled_at = self._turn.now
        pair = self._turn.seen.pairs.get(fill.pair)
        if pair is not None and pair.rules is not None:
            self._balances.filled(fill, pair.rules)

    def is_stray(self, fill: Fill) -> bool:
        """Whether a fill is of an order of ours that is not remembered."""
        order_id = fill.client_order_id
        if order_id is None or not self._ids.owns(order_id):
            return False
        return self._tracker.find(order_id) is None and not self._tracker.counted(fill.trade_id)

    def book_stray(self, fill: Fill) -> None:
        """Book the fill, and stop its side for a person, unless it is older than our memory."""
        self._tracker.remember([fill])
        if fill.traded_at_ms < self._began_ms and not self._ids.made(fill.client_order_id):
            return
        self._records.stray(fill)
        assert fill.client_order_id is not None
        strategy = strategy_of(fill.client_order_id)
        reason = f"a fill of {fill.client_order_id}, unknown to us"
        self._stops.stop(StopKind.FOR_A_PERSON, [(strategy, fill.side)], reason)

    def look_at(self, fill: Fill) -> None:
        """Check a fill on the stream, which may be of an order that we never sent."""
        if self._tracker.identifies(fill) or self._tracker.counted(fill.trade_id):
            return
        order = fill.client_order_id or fill.venue_order_id
        self._turn.error("fill_strange", order=order, trade=fill.trade_id, quantity=fill.quantity)
        self._suspect(((fill.pair, fill.side),), f"a fill of {order}, which we did not send")

    def _suspect(self, sides: Iterable[tuple[Pair, Side]], reason: str) -> None:
        """Stop a side after a foreign fill or balance change, until all was compared."""
        strategies = self._turn.seen.strategies.items()
        places = [
            (name, side) for pair, side in sides for name, seen in strategies if seen.pair == pair
        ]
        self._stops.stop(StopKind.SUSPECTED, places, reason)
        self._suspected_at = self._turn.now
        self._compare(self._suspected_at + _QUIET_S)  # by then balances show it

    # Balances.

    def agreed(self, began: float) -> None:
        """
        Act upon a comparison in which the venue's orders and fills agree with ours.

        Args:
            began: When the comparison did, in monotonic seconds.
        """
        self._to_compare = True
        self._compare_balances()
        if began >= self._suspected_at + _QUIET_S:
            self._stops.open(StopKind.SUSPECTED)

    def _compare_balances(self) -> None:
        """
        Compare the account's balances with our fills, at a quiet moment.

        A drift stops the side on which more must have happened than we know, until a later
        comparison, with all fills read anew, finds no more of it. Then it was a deposit, a
        withdrawal or a trade by hand.
        """
        account = self._settled_account()
        if account is None:
            return  # at the first quiet moment from now on (``watch_balances``)
        self._to_compare = False
        drifts = self._balances.compare(account.balances)
        self._stops.open(StopKind.DRIFT)
        for drift in drifts:
            self._turn.error("balance_drift", currency=drift.currency, amount=drift.amount)
            self._stops.stop(StopKind.DRIFT, self._places_of(drift), _unexplained(drift))

    def _settled_account(self) -> AccountView | None:
        """The account at a moment at which its balances show every fill that we know."""
        account = self._turn.seen.account
        quiet_since = self._filled_at + _QUIET_S
        if account is None or account.confirmed_at < quiet_since or self._tracker.unbooked():
            return None
        return account

    def watch_balances(self, *, reconciled: bool) -> None:
        """
        Check the balances between two comparisons.

        Balances that the last one could not compare with our fills, as there was no quiet moment,
        are compared now; and all is compared once a balance shows a drift.
        """
        now = self._turn.now
        if self._to_compare and reconciled:
            self._compare_balances()
        account = self._settled_account() if reconciled else None
        if not self._seen_drifts[0] and account is self._watched:
            return  # this view was explained by our fills already
        self._watched = account
        drifts = () if account is None else self._balances.drifts(account.balances)
        if drifts != self._seen_drifts[0]:
            self._seen_drifts = drifts, now
            return
        if drifts and now >= self._seen_drifts[1] + _DRIFT_S:
            self._seen_drifts = drifts, float("inf")  # once is enough
            for drift in drifts:
                places = self._places_of(drift)
                self._stops.stop(StopKind.SUSPECTED, places, _unexplained(drift))
            self._suspected_at = now - _QUIET_S  # the balances show it already
            self._compare(_AT_ONCE)

    def _places_of(self, drift: Drift) -> list[Place]:
        """The sides on which more must have happened than we know."""
        seen = self._turn.seen
        rules = ((name, seen.of(name).rules) for name in seen.strategies)
        found = ((name, None if known is None else drift.side(known)) for name, known in rules)
        return [(name, side) for name, side in found if side is not None]


def _unexplained(drift: Drift) -> str:
    return f"{drift.amount} {drift.currency} that our fills do not explain"
