"""A core that dies after any event, with its newest entries lost, begins again and is right."""

import contextlib

import pytest
from typing_extensions import override

from tests.trading.builders import D
from tests.trading.gateway.core_rig import CoreRig, a_quote
from trading.core.market import Side
from trading.gateway.audit import decided_again
from trading.gateway.events import Event


class Died(Exception):
    """The engine ends here."""


class Mortal(CoreRig):
    """A rig that dies before a certain event."""

    dies_before: int = 1_000_000

    @override
    def _handle(self, event: Event) -> None:
        if self.events >= self.dies_before:
            raise Died
        super()._handle(event)


def a_day(rig: CoreRig) -> None:
    """Orders, a refresh of them, fills, a lost stream, an order by REST, a halt."""
    rig.go_on()
    rig.instruct(a_quote(Side.BUY, 10, 20), a_quote(Side.SELL, 10, 20))
    rig.go_on()
    rig.venue.fill(rig.venue.open[0], D(5))
    rig.tell()
    rig.instruct(a_quote(Side.BUY, 11, 20), cancels=list(rig.orders)[:1])
    rig.go_on()
    rig.jammed = True
    rig.instruct(a_quote(Side.SELL, 12, 20))
    rig.pass_time(0.6)  # the socket does not take it: it goes by REST
    rig.jammed = False
    rig.go_on()
    rig.venue.fill(rig.venue.open[-1], D(20))
    rig.disconnect()  # with what it had to tell
    rig.pass_time(1.2)
    rig.connect()
    rig.go_on()
    rig.halt = "a person"
    rig.look()
    rig.go_on()


def events_of_a_day() -> int:
    rig = CoreRig()
    a_day(rig)
    assert not rig.venue.open
    return rig.events


@pytest.mark.parametrize("lost", [0, 1, 100])
def test_whatever_it_dies_after_the_next_life_knows_all_that_was_sent(lost: int) -> None:
    events = events_of_a_day()
    assert events > 30
    for event in range(events):
        rig = Mortal()
        rig.dies_before = event + rig.events
        with contextlib.suppress(Died):
            a_day(rig)
        rig.dies_before = 1_000_000
        rig.halt = ""
        rig.full = rig.jammed = rig.slow_disk = False
        rig.crash(lost)
        rig.settle()
        standing = {one.order.client_order_id for one in rig.venue.open}
        assert standing == set(rig.orders), f"after event {event}"
        assert all(count == 1 for count in rig.venue.placed.values())
        booked = [entry.fill.trade_id for entry in rig.booked]
        assert sorted(booked) == sorted(fill.trade_id for fill in rig.venue.traded)
        assert decided_again(rig.tape) is None
