"""An actor that keeps balances and fees: pushed by the stream, confirmed by the venue's lists."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

import attrs
import structlog
import trio

from actors.net.venue_rest import VenueRest
from actors.ports.facts import FactBoard
from actors.ports.lossless import SendPort, drain
from actors.ports.ports import JournalBatch, Latest, OptionalBell
from trading.account.account import AccountView, newer_balances
from trading.core.decimals import ZERO
from trading.core.errors import Outage, Rejected
from trading.core.fees import Fees
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument
from trading.core.listed import Listed, ListedBy, OddRow, first_of
from trading.core.market import Balance
from trading.core.patience import doubled_s
from trading.journal.entries import BalanceRecorded
from trading.readiness.lease import Component
from trading.venues.interface import Venue

log = structlog.get_logger()

_AGAIN_S = 1.0
"""After a list that could not be read, before it is asked for again; doubles with each."""


@attrs.frozen(kw_only=True)
class AccountActor:
    """
    Shows the account's balances and fees.

    Once a life has read the list, a later failure does not end it: the stream still counts, the
    list is asked for again, and the lease lapses by itself if none comes for long.

    Ports:
        changes: Every absolute balance the stream pushes, in order (lossless).
        view: The newest balances and fees; withdrawn until the whole list is known.
        freed: Rung when no total has changed, only what is free of it: nearly always that is our
            own order that has come or gone, and most readers do not care.
        facts: Whether balances are known.
        ledger: Every change of a balance; one that a full wire does not take comes with the next.
        instruments: The rules of every traded pair: they say which currencies are ours.

    Args:
        refresh_s: Seconds between two looks at the venue's list of balances.
        fees_refresh_s: Fees that are older are asked for with the next list of balances.
        lease_s: Balances that the list did not confirm for so long are too old to trade by.

    Raises:
        Outage: The venue did not answer, or nothing that can be read, before there was any list.
    """

    venue: Venue
    rest: VenueRest
    changes: trio.MemoryReceiveChannel[Balance]
    view: Latest[AccountView]
    facts: FactBoard
    ledger: SendPort[JournalBatch]
    freed: Sequence[OptionalBell] = ()
    instruments: Mapping[Pair, Latest[Instrument]] = attrs.field(factory=dict)
    refresh_s: float
    fees_refresh_s: float
    lease_s: float

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        drain(self.changes)
        self.view.withdraw()
        self.facts.revoke(Component.ACCOUNT_BALANCE, "waiting for the list of balances")
        task_status.started()
        life = _Life(self)
        await life.read()
        while True:
            await life.follow_the_stream(life.pause_s)
            try:
                await life.read()
            except (Outage, Rejected) as error:
                life.unread(error)


class _Life:
    """One life: the view of the account, and which lists are due."""

    def __init__(self, actor: AccountActor) -> None:
        self._actor = actor
        self._balances: Mapping[Currency, Balance] = {}
        self._recorded: dict[Currency, Balance] = {}
        self._fees = ListedBy[Pair, Fees]({})
        self._rows = _Rows(actor)
        self._fees_due = trio.current_time()
        self._confirmed_at = float("-inf")
        self._in_vain = 0

    @property
    def pause_s(self) -> float:
        """Until the list is asked for again."""
        if not self._in_vain:
            return self._actor.refresh_s
        return doubled_s(_AGAIN_S, self._in_vain, self._actor.refresh_s)

    async def read(self) -> None:
        """
        Read the whole list, and the fees when they are due.

        Raises:
            Outage: There was no answer, or none that can be read.
            Rejected: The venue refuses to tell.
        """
        actor = self._actor
        if trio.current_time() >= self._fees_due:
            # They change in mid-run as well.
            self._fees = await actor.rest.call(actor.venue.fees())
            self._fees_due = trio.current_time() + actor.fees_refresh_s
        listed = await actor.rest.call(actor.venue.balances())
        # A list and the stream race: of two words on a currency the newer one stands.
        self._balances = newer_balances(self._balances, [*listed, *drain(actor.changes)])
        self._confirmed_at = trio.current_time()
        actor.facts.affirm(
            Component.ACCOUNT_BALANCE,
            f"{sum(balance.total != ZERO for balance in self._balances.values())} currencies held",
            valid_for_s=actor.lease_s,
        )
        if self._rows.readable(listed, self._fees):
            self._in_vain = 0
        else:
            # An unreadable row may be readable a moment later: the list is asked for again as soon
            # as an unreadable list would be, and with it the fees, which may be at fault.
            self._in_vain += 1
            self._fees_due = self._confirmed_at
        self._show()

    async def follow_the_stream(self, for_s: float) -> None:
        """Take every change that the stream pushes."""
        with trio.move_on_after(for_s):
            while True:
                change = await self._actor.changes.receive()
                changes = [change, *drain(self._actor.changes)]
                before = self._balances
                self._balances = newer_balances(before, changes)
                self._show(only_freed=_same_totals(before, changes))

    def unread(self, error: Exception) -> None:
        """Note that the list could not be read; one outage is logged once."""
        self._in_vain += 1
        tell = log.warning if self._in_vain == 1 else log.debug
        tell("balances_unread", cause=str(error), in_a_row=self._in_vain)

    def _show(self, *, only_freed: bool = False) -> None:
        view = AccountView(
            balances=self._balances, fees=self._fees, confirmed_at=self._confirmed_at
        )
        if only_freed:
            self._actor.view.renew(view)
            for bell in self._actor.freed:
                bell.ring()
        else:
            self._actor.view.put(view)
        self._record()

    def _record(self) -> None:
        changed = {
            currency: balance
            for currency, balance in self._balances.items()
            if _amounts(balance) != _amounts(self._recorded.get(currency))
        }
        if not changed:
            return
        now = trio.current_time()
        try:
            self._actor.ledger.send_nowait(
                JournalBatch(tuple(BalanceRecorded(balance, now) for balance in changed.values()))
            )
        except trio.WouldBlock:
            return  # news of balances must not wait for a disk
        self._recorded.update(changed)


class _Rows:
    """Which pairs' balances or fees cannot be read; those of the others still count as known."""

    def __init__(self, actor: AccountActor) -> None:
        self._actor = actor

    def readable(self, listed: Listed[Balance], fees: ListedBy[Pair, Fees]) -> bool:
        """Whether all that our pairs need could be read; each pair's fact says it for that pair."""
        held = {balance.currency for balance in listed}
        all_of_them = True
        for pair, slot in self._actor.instruments.items():
            odd = first_of(fees.odd, pair, listed=pair in fees) or self._odd_balance(
                pair, slot.last, listed.odd, held
            )
            if odd is not None:
                all_of_them = False
                self._actor.facts.revoke(Component.ACCOUNT_BALANCE, str(odd), scope=pair)
            else:
                # A former life may have revoked it: a fact about one pair would outlive that life.
                self._actor.facts.withdraw(Component.ACCOUNT_BALANCE, pair)
        return all_of_them

    @staticmethod
    def _odd_balance(
        pair: Pair, rules: Instrument | None, odd: Sequence[OddRow], held: Collection[Currency]
    ) -> OddRow | None:
        if rules is None:
            # Which currencies it has is not known yet: either end of its name may be one.
            def may_be_ours(name: str) -> bool:
                return pair.startswith(name) or pair.endswith(name)

            found = (row if row.concerns(may_be_ours) else None for row in odd)
        else:
            both = (rules.base, rules.quote)
            found = (first_of(odd, currency, listed=currency in held) for currency in both)
        return next((row for row in found if row is not None), None)


def _same_totals(before: Mapping[Currency, Balance], heard: Iterable[Balance]) -> bool:
    return all(
        (known := before.get(balance.currency)) is not None and known.total == balance.total
        for balance in heard
    )


def _amounts(balance: Balance | None) -> tuple[Decimal, Decimal]:
    return (ZERO, ZERO) if balance is None else (balance.available, balance.reserved)
