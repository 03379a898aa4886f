"""Checks of the end of a run: its exit code, and a whole ledger after a good end: I17 and I3."""

from typing_extensions import override

from engine.process.exit_codes import ExitCode
from engine.simulation.checks.base import Check
from engine.simulation.process import Process
from engine.simulation.site import IDENTITY, Site
from trading.journal import reading
from trading.journal.stored import StoredFill
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault

_NAMED_MAX = 3


class TrueEndings(Check):
    """I17. Exit code 0 means that nothing is left, and what is left is named."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._flat_since: Process | None = None

    @override
    def ended(self, process: Process) -> None:
        self._flat_since = None
        ended = process.ended
        assert ended is not None
        if ended.defect is not None:
            self.violated("I17", f"the engine broke: {ended.defect!r}")
        if ended.summary is None:
            return
        left = {str(order.customer_order_id) for order in self.site.open_orders()}
        summary = ended.summary
        named = {str(report.client_order_id) for report in summary.proof.left}
        if summary.exit_code is ExitCode.OK:
            self._flat_since = process
            if left:
                self.violated("I17", f"exit code 0, but open: {', '.join(sorted(left))}")
        elif summary.proof.proven and left:
            self.violated("I17", f"proven flat, but open: {', '.join(sorted(left))}")
        elif not summary.proof.proven and not summary.proof.trouble and named != left:
            self.violated("I17", f"it names {sorted(named)}; open are {sorted(left)}")

    @override
    def ordered(self, order: VenueOrder) -> None:
        if self._flat_since is None or not self.site.owns(order):
            return
        if self.site.process is None and self.site.exchange.venue.orders.is_open(order):
            self.violated("I17", f"{order.customer_order_id} arrived after an end with exit code 0")


class WholeBooks(Check):
    """
    I3. A run that ends flat, with 0, has every fill of ours in its ledger.

    Not where the venue itself has hidden one meanwhile, or has two names for it: then it could not
    be read, or is there by the other name.
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
