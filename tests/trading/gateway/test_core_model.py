"""The core's law, whatever comes in whatever order: thousands of events a second, and no task."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typing_extensions import override

from tests.trading.gateway.core_rig import CoreRig, a_quote
from trading.core.market import Side
from trading.decisions.decision import Amend
from trading.gateway.audit import decided_again
from trading.gateway.routing import RoutingPolicy
from trading.orders.leftovers import LeftoverPolicy

T = TypeVar("T")

WHICH = st.integers(0, 30)
SIDES = st.sampled_from(Side)


def one_of(things: Sequence[T], which: int) -> T:
    return things[which % len(things)]


class CoreModel(RuleBasedStateMachine):
    """Instructions, answers, news, trouble and time; ``CoreRig`` checks whatever leaves."""

    rig: CoreRig

    @initialize(by_rest=st.booleans(), leftovers=st.sampled_from(LeftoverPolicy))
    def begin(self, *, by_rest: bool, leftovers: LeftoverPolicy) -> None:
        self.rig = CoreRig(routing=RoutingPolicy(leftovers=leftovers, orders_by_rest=by_rest))
        self.rig.go_on()

    # The strategy.

    @rule(side=SIDES, ticks=st.integers(1, 60), count=st.integers(1, 3), replaces=st.booleans())
    def place(self, side: Side, ticks: int, count: int, *, replaces: bool) -> None:
        old = [order.client_order_id for order in self.rig.orders.values() if order.side is side]
        quotes = [a_quote(side, ticks + level, 20) for level in range(count)]
        self.rig.instruct(*quotes, cancels=old if replaces else ())

    @precondition(lambda self: self.rig.orders)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        self.rig.instruct(cancels=[one_of(list(self.rig.orders), which)])

    @precondition(lambda self: any(order.amendable for order in self.rig.orders.values()))
    @rule(which=WHICH)
    def amend(self, which: int) -> None:
        order = one_of([one for one in self.rig.orders.values() if one.amendable], which)
        wanted = order.quantity - 3
        if wanted > order.filled_quantity:
            self.rig.instruct(amends=[Amend(order.client_order_id, wanted)])

    # What takes its time.

    @rule(full=st.booleans(), jammed=st.booleans(), slow_disk=st.booleans())
    def all_takes_longer_or_does_not(self, *, full: bool, jammed: bool, slow_disk: bool) -> None:
        self.rig.full, self.rig.jammed, self.rig.slow_disk = full, jammed, slow_disk

    @precondition(lambda self: self.rig.rooms)
    @rule(which=WHICH)
    def there_is_room(self, which: int) -> None:
        self.rig.grant(one_of(list(self.rig.rooms), which))

    @precondition(lambda self: self.rig.frames)
    @rule(which=WHICH)
    def a_frame_is_taken(self, which: int) -> None:
        self.rig.take_frame(one_of(list(self.rig.frames), which))

    @precondition(lambda self: self.rig.calls)
    @rule(which=WHICH)
    def a_call_arrives(self, which: int) -> None:
        self.rig.arrive(one_of(list(self.rig.calls), which))

    @precondition(lambda self: self.rig.calls)
    @rule(which=WHICH)
    def a_call_is_answered(self, which: int) -> None:
        self.rig.answer(one_of(list(self.rig.calls), which))

    @precondition(lambda self: self.rig.calls)
    @rule(which=WHICH)
    def a_call_fails(self, which: int) -> None:
        self.rig.fail(one_of(list(self.rig.calls), which))

    @rule()
    def the_disk_is_done(self) -> None:
        self.rig.commit()

    @rule(count=st.integers(1, 5))
    def news_comes(self, count: int) -> None:
        self.rig.tell(count)

    @rule()
    def all_goes_on(self) -> None:
        self.rig.go_on()

    @precondition(lambda self: self.rig.venue.queued)
    @rule()
    def the_venue_goes_on(self) -> None:
        self.rig.venue.go_on()

    @rule(seconds=st.sampled_from([0.01, 0.3, 1.0, 3.0, 70.0]))
    def time_passes(self, seconds: float) -> None:
        self.rig.pass_time(seconds)

    # The venue, and trouble.

    @precondition(lambda self: self.rig.venue.open)
    @rule(which=WHICH, quantity=st.sampled_from([3, 10, 100]))
    def somebody_trades(self, which: int, quantity: int) -> None:
        self.rig.venue.fill(one_of(self.rig.venue.open, which), Decimal(quantity))

    @rule(which=WHICH)
    def the_stream_is_lost_with_what_it_had_to_tell(self, which: int) -> None:
        if self.rig.venue.open:
            self.rig.venue.fill(one_of(self.rig.venue.open, which), Decimal(3))
        self.rig.disconnect()

    @precondition(lambda self: not self.rig.connected)
    @rule()
    def the_stream_opens(self) -> None:
        self.rig.connect()

    @rule(leased=st.booleans())
    def the_lease_changes(self, *, leased: bool) -> None:
        self.rig.leased = leased
        self.rig.look()

    @rule(halted=st.booleans())
    def a_person_halts_or_resumes(self, *, halted: bool) -> None:
        self.rig.halt = "a person" if halted else ""
        self.rig.look()

    @rule(lost=st.integers(0, 3))
    def the_engine_dies_and_comes_again(self, lost: int) -> None:
        self.rig.crash(lost)

    # The law.

    @invariant()
    def what_is_or_may_be_at_the_venue_counts(self) -> None:
        if not hasattr(self, "rig"):
            return
        rig = self.rig
        for one in rig.venue.open:
            order_id = one.order.client_order_id
            assert order_id in rig.orders, f"{order_id} stands, and does not count"
        assert all(count == 1 for count in rig.venue.placed.values()), "placed twice"

    @invariant()
    def each_fill_is_booked_once_and_none_is_invented(self) -> None:
        if not hasattr(self, "rig"):
            return
        booked = [entry.fill.trade_id for entry in self.rig.booked]
        assert len(set(booked)) == len(booked)
        assert set(booked) <= {fill.trade_id for fill in self.rig.venue.traded}

    @override
    def teardown(self) -> None:
        if not hasattr(self, "rig"):
            return
        rig = self.rig
        assert decided_again(rig.tape) is None
        rig.halt, rig.leased = "", False
        rig.settle()
        assert not rig.venue.open, "orders stand without a lease"
        assert not rig.orders
        booked = {entry.fill.trade_id for entry in rig.booked}
        assert booked == {fill.trade_id for fill in rig.venue.traded}
        assert decided_again(rig.tape) is None


TestCoreModel = CoreModel.TestCase
TestCoreModel.settings = settings(max_examples=50, stateful_step_count=60, deadline=None)
