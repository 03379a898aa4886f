"""What a run leaves written down when it says that it has ended well: I3."""

from typing_extensions import override

from engine.process.exit_codes import ExitCode
from engine.simulation.checks.base import Check
from engine.simulation.process import Process
from engine.simulation.site import IDENTITY
from trading.journal import reading
from trading.journal.reading import StoredFill
from trading.venues.valr.simulator.core.fault_plan import Fault

_NAMED_MAX = 3


class WholeBooks(Check):
    """
    I3. A run that ends flat, with 0, has every fill of ours in its ledger.

    Not where the venue itself has hidden one meanwhile, or has two names for it: then nobody could
    have read it, or it is there by the other.
    """

    @override
    def ended(self, process: Process) -> None:
        summary = None if process.ended is None else process.ended.summary
        if summary is None or summary.exit_code is not ExitCode.OK:
            return
        if self.site.exchange.faults.counts.get(Fault.OTHER_FILL_ID.value):
            return
        booked: list[StoredFill] = self.site.ledger(
            lambda query: reading.fills(query, venue=IDENTITY)
        )
        known = {str(one.fill.trade_id) for one in booked}
        fills = self.site.exchange.venue.orders.fills_of(self.site.account.api_key)
        missing = [
            f"{fill.trade_id} of {fill.order.customer_order_id}"
            for fill in fills
            if self.site.owns(fill.order) and fill.trade_id not in known
        ]
        if missing:
            named = ", ".join(missing[:_NAMED_MAX])
            self.violated("I3", f"it ended with 0, and its ledger lacks {len(missing)}: {named}")
