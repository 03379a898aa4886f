"""
The gateway and its ledger against the exchange's own books, whatever happens on the way.

More examples, and the numbers of the last long run, are in docs/orders.md.
"""

import os
from decimal import Decimal

import attrs
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.support.order_steps import (
    AmendOne,
    Arm,
    CancelledElsewhere,
    CancelOne,
    Cut,
    Kill,
    Place,
    RestartGateway,
    Step,
    Trade,
    Trouble,
    Wait,
    Weather,
)
from tests.support.order_trial import OrderTrial
from tests.support.simulated_venue import QUIET_EXCHANGE, serve_exchange
from tests.support.whole_engine import in_virtual_time
from trading.core.market import Side
from trading.orders.leftovers import LeftoverPolicy
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.core.settings import ExchangeSettings, Fees

EXAMPLES = int(os.environ.get("ORDER_MODEL_EXAMPLES", "40"))
"""Each is one exchange and some twenty steps of trouble there."""

OF_ORDERS = (
    Fault.DROP,
    Fault.DELAY,
    Fault.DUPLICATE,
    Fault.REORDER,
    Fault.CUT,
    Fault.HALF_OPEN,
    Fault.LOST_ACKNOWLEDGEMENT,
    Fault.FILL_BEFORE_ACKNOWLEDGEMENT,
    Fault.FILL_RACES_CANCEL,
    Fault.FILL_RACES_MODIFY,
    Fault.STALE_OPEN_ORDERS,
    Fault.RATE_LIMITED,
    Fault.SERVER_ERROR,
    Fault.SERVER_ERROR_AFTER_ACCEPTANCE,
    Fault.HTML_AFTER_ACCEPTANCE,
    Fault.CUT_AFTER_ACCEPTANCE,
    Fault.LATE_LOOKUP,
)
"""Every fault that concerns orders; the others are of books."""

which = st.integers(0, 9)
placing = st.builds(
    Place,
    side=st.sampled_from(Side),
    ticks=st.integers(1, 60),
    quantity=st.sampled_from([20, 40]),
    count=st.integers(1, 3),
    replaces=st.booleans(),
)
waiting = st.builds(Wait, st.sampled_from([0.005, 0.03, 0.3, 1.0, 3.0, 8.0, 70.0]))
arming = st.builds(Arm, st.sampled_from(OF_ORDERS), st.integers(1, 3))
weather = st.builds(
    Weather,
    st.lists(st.sampled_from(OF_ORDERS), max_size=6, unique=True).map(tuple),
    st.sampled_from([0.1, 0.4]),
)
trouble = st.builds(
    Trouble,
    st.sampled_from(["refuses", "silent", "mute", "deaf", "late_s"]),
    socket=st.booleans(),
    rest=st.booleans(),
    seconds=st.sampled_from([0.5, 4.0, 40.0]),
)
acting = st.one_of(
    placing,
    placing,
    st.builds(CancelOne, which),
    st.builds(AmendOne, which, st.sampled_from([3, 10])),
    st.builds(Trade, which, st.sampled_from([10, 25, 40])),
    st.builds(Trade, which, st.sampled_from([10, 25, 40])),
    st.just(CancelledElsewhere()),
)
ending = st.one_of(
    st.just(Cut()),
    st.builds(RestartGateway, st.booleans()),
    st.builds(Kill, st.sampled_from([0.0, 5.0, 90.0]), st.booleans()),
)
upsetting = st.one_of(arming, trouble, weather)
episodes = st.lists(
    st.one_of(
        st.tuples(acting),
        st.tuples(acting, waiting),
        st.tuples(upsetting, acting, waiting),
        st.tuples(upsetting, acting, acting, waiting),
        st.tuples(acting, ending, waiting),
        st.tuples(upsetting, ending, acting),
    ),
    min_size=1,
    max_size=10,
)
"""What belongs together, so that trouble more often meets something to spoil."""


@attrs.frozen(kw_only=True)
class Circumstances:
    """
    What is different from one exchange, and one engine, to the next.

    Args:
        maker_fee: In percent.
        cancelled_after_s: From the end of a connection to the end of its orders.
        commit_s: How long the disk takes.
    """

    maker_fee: str
    cancelled_after_s: float
    leftovers: LeftoverPolicy
    orders_by_rest: bool
    commit_s: float

    @property
    def exchange(self) -> ExchangeSettings:
        return attrs.evolve(
            QUIET_EXCHANGE,
            fees=Fees(maker_percentage=Decimal(self.maker_fee)),
            rules=VenueRules(cancel_on_disconnect_delay_s=self.cancelled_after_s),
        )


circumstances = st.builds(
    Circumstances,
    maker_fee=st.sampled_from(["0", "0.02", "-0.01"]),
    cancelled_after_s=st.sampled_from([0.0, 1.0, 1e9]),
    leftovers=st.sampled_from(LeftoverPolicy),
    orders_by_rest=st.booleans(),
    commit_s=st.sampled_from([0.001, 0.05, 0.5]),
)


async def live_through(at: Circumstances, taken: list[Step]) -> None:
    async with trio.open_nursery() as nursery:
        site = await serve_exchange(nursery, at.exchange)
        trial = OrderTrial(
            nursery=nursery,
            site=site,
            leftovers=at.leftovers,
            orders_by_rest=at.orders_by_rest,
            commit_s=at.commit_s,
        )
        await trial.start()
        await trio.sleep(1.0)
        for step in taken:
            await step.take(trial)
            trial.look()
        await trial.settle()
        trial.compare()
        await trial.stop()
        nursery.cancel_scope.cancel()


@settings(max_examples=EXAMPLES, deadline=None)
@given(circumstances, episodes)
def test_once_all_is_calm_the_ledger_is_the_exchanges_own(
    at: Circumstances, taken: list[tuple[Step, ...]]
) -> None:
    with capture_logs():
        in_virtual_time(1, lambda: live_through(at, [step for few in taken for step in few]))
