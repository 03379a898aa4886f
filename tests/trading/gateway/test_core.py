"""The core alone: what has to hold within one turn."""

from tests.trading.builders import PAIR
from tests.trading.gateway.core_rig import CoreRig, a_quote
from trading.core.errors import Rejected
from trading.core.market import Side
from trading.gateway.effects import DoubtRules, ShowFlat
from trading.gateway.events import AboutToLeave, Failed
from trading.gateway.routing import RoutingPolicy


def test_after_a_refusal_that_speaks_of_rules_the_next_order_of_the_same_set_stays() -> None:
    rig = CoreRig(routing=RoutingPolicy(orders_by_rest=True))
    rig.go_on()
    rig.instruct(a_quote(Side.BUY, 10, 20), a_quote(Side.BUY, 11, 20))
    [ticket] = rig.calls
    rig.feed(AboutToLeave(ticket))
    del rig.calls[ticket]
    rig.feed(Failed(ticket, Rejected("against the rules")))
    assert any(isinstance(e, DoubtRules) and e.pair == PAIR for e in rig.done)
    assert not rig.calls, "the second order was sent though the rules are in doubt"
    assert not rig.orders


def test_that_nothing_is_left_is_proven_once() -> None:
    rig = CoreRig()
    rig.go_on()
    rig.halt = "a person"
    rig.look()
    rig.go_on()
    for _ in range(10):
        rig.pass_time(1.0)
        rig.go_on()
    assert rig.done.count(ShowFlat(proven=True)) == 1
