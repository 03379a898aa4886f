"""Knows balances and fees: told by the stream, confirmed by the venue's list now and then."""

from collections.abc import Mapping
from decimal import Decimal

import attrs
import trio

from actors.facts import FactBoard
from actors.ports import Latest, Posting, drain
from actors.venue_rest import VenueRest
from trading.account import AccountView, newer_balances
from trading.decimals import ZERO
from trading.identifiers import Currency, Pair
from trading.journal.entries import BalanceRecorded
from trading.market import Balance
from trading.readiness import Component
from trading.strategies.interface import Fees
from trading.venues.interface import Venue


@attrs.frozen(kw_only=True)
class AccountActor:
    """
    What the account holds.

    Ports:
        changes: Every absolute balance the stream pushes, in order (lossless).
        view: The newest balances and fees; withdrawn until the whole list is known.
        facts: Where it says whether balances are known.
        ledger: Every change of a balance; one that it is too busy for comes with the next.

    Args:
        refresh_s: Seconds between two looks at the venue's list of balances.
        fees_refresh_s: Fees that are older are asked for with the next list of balances.
        lease_s: Balances that the list did not confirm for so long are too old to trade by.

    Raises:
        Outage: The venue did not answer, or nothing that can be read.
    """

    venue: Venue
    rest: VenueRest
    changes: trio.MemoryReceiveChannel[Balance]
    view: Latest[AccountView]
    facts: FactBoard
    ledger: trio.MemorySendChannel[Posting]
    refresh_s: float
    fees_refresh_s: float
    lease_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.changes)
        self.view.withdraw()
        self.facts.revoke(Component.ACCOUNT_BALANCE, "waiting for the list of balances")
        task_status.started()
        balances: Mapping[Currency, Balance] = {}
        recorded: dict[Currency, Balance] = {}
        fees: Mapping[Pair, Fees] = {}
        fees_due = trio.current_time()
        while True:
            if trio.current_time() >= fees_due:
                fees = await self.rest.call(self.venue.fees())  # they change in mid-run as well
                fees_due = trio.current_time() + self.fees_refresh_s
            listed = await self.rest.call(self.venue.balances())
            # A list and the stream race: of two words on a currency the newer one stands.
            balances = newer_balances(balances, [*listed, *drain(self.changes)])
            confirmed_at = trio.current_time()
            self.facts.affirm(
                Component.ACCOUNT_BALANCE,
                f"{sum(balance.total != ZERO for balance in balances.values())} currencies held",
                valid_for_s=self.lease_s,
            )
            self._show(balances, fees, confirmed_at)
            self._record(balances, recorded)
            with trio.move_on_after(self.refresh_s):
                while True:
                    change = await self.changes.receive()
                    balances = newer_balances(balances, [change, *drain(self.changes)])
                    self._show(balances, fees, confirmed_at)
                    self._record(balances, recorded)

    def _show(
        self,
        balances: Mapping[Currency, Balance],
        fees: Mapping[Pair, Fees],
        confirmed_at: float,
    ) -> None:
        self.view.put(AccountView(balances=balances, fees=fees, confirmed_at=confirmed_at))

    def _record(
        self, balances: Mapping[Currency, Balance], recorded: dict[Currency, Balance]
    ) -> None:
        changed = {
            currency: balance
            for currency, balance in balances.items()
            if _amounts(balance) != _amounts(recorded.get(currency))
        }
        if not changed:
            return
        now = trio.current_time()
        try:
            self.ledger.send_nowait(
                Posting(tuple(BalanceRecorded(balance, now) for balance in changed.values()))
            )
        except trio.WouldBlock:
            return  # nothing that is known about balances may wait for a disk
        recorded.update(changed)


def _amounts(balance: Balance | None) -> tuple[Decimal, Decimal]:
    return (ZERO, ZERO) if balance is None else (balance.available, balance.reserved)
