"""An order that the venue has lost: which it is, what is waited for, and what a person can do."""

from typing import Any

import attrs
import msgspec
import trio
from msgspec.structs import replace
from trio.testing import MockClock

from engine.control.protocol import Ask
from engine.views.order_doubts import doubt_lines, doubts_json, way_out
from tests.engine.test_status import asked
from tests.support.builders import MAKER
from tests.support.whole_engine import DOGE, Rig, quote_first
from tests.trading.builders import D
from trading.core.identifiers import ClientOrderId
from trading.core.market import Side
from trading.orders.doubts import Doubt
from trading.orders.evidence import Disbelief
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.rest.faults import Part

DOUBT = Doubt(
    order_id=ClientOrderId("qw-test-maker-1-7"),
    strategy=MAKER,
    side=Side.BUY,
    price=D("0.05"),
    quantity=D(40),
    since=100.0,
    reason="no outcome within 2 s",
    disbelief=Disbelief(seen_alive=False, denials=1, needed=3, counts_from=103.0),
)


def lose_orders(rig: Rig) -> None:
    """From now on the venue acknowledges nothing, tells nothing, and finds no new order."""
    faults = rig.exchange.venue.faults
    lost = (Fault.DROP, Fault.LOST_ACKNOWLEDGEMENT, Fault.LATE_LOOKUP)
    faults.plan = attrs.evolve(
        faults.plan, probabilities=dict.fromkeys(lost, 1.0), late_lookup_s=1e6
    )
    rig.exchange.withheld[Part.OPEN_ORDERS] = 200


def doubts(rig: Rig) -> bool:
    working = rig.system.wires.strategies[DOGE].working.read()
    return working is not None and bool(working.doubts)


async def in_doubt(rig: Rig, side: str) -> list[dict[str, Any]]:
    found = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"][side]["gates"]
    return [gate for gate in found if gate["code"] == "order_unknown"]


async def test_explain_names_each_lost_order_on_both_sides_with_the_way_out(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await quote_first(nursery)
    lose_orders(rig)
    await rig.until(lambda: doubts(rig), within_s=30)
    await trio.sleep(1)
    for side in ("buy", "sell"):
        gates = await in_doubt(rig, side)
        assert gates
        for gate in gates:
            assert gate["from"] == "gateway"
            assert gate["sentence"].startswith("qw-paper-doge-")
            assert "in doubt for" in gate["sentence"]
            assert "3 times" in gate["opening"]["words"]
    nursery.cancel_scope.cancel()


def test_an_order_that_never_showed_life_is_given_up_at_a_named_moment() -> None:
    [told] = doubts_json([DOUBT], now=101.0)
    assert (told["for_s"], told["given_up_in_s"]) == (1.0, 3.0)
    assert "in 3.0 s" in way_out(told)
    assert "1 times so far" in way_out(told)


def test_an_order_that_was_alive_has_no_such_moment_and_the_way_out_is_a_new_run() -> None:
    alive = msgspec.structs.replace(DOUBT, disbelief=replace(DOUBT.disbelief, seen_alive=True))
    [told] = doubts_json([alive], now=101.0)
    assert told["given_up_in_s"] is None
    assert "start it again" in way_out(told)


def test_a_summary_names_what_was_in_doubt_for_how_long_and_what_it_was_found_to_be() -> None:
    over = msgspec.structs.replace(
        DOUBT, until=170.0, outcome="rejected: the venue does not know it"
    )
    assert doubts_json([over], now=200.0) == []
    [ended, standing] = doubt_lines([over, DOUBT], now=180.0)
    assert ended == (
        "qw-test-maker-1-7 (buy 40 at 0.05) for 70.0 s, then rejected: the venue does not know it"
    )
    assert standing.startswith("qw-test-maker-1-7 (buy 40 at 0.05) to the end, for 80.0 s")
