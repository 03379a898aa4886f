"""What keeps a side from quoting is told when it changes, and a flood of changes is counted."""

from collections.abc import Sequence

import attrs

from trading.core.market import Side
from trading.decisions.decision import Decision, Gate
from trading.readiness.gate_cause import ON_THE_WAY
from trading.readiness.gate_changes import TOLD_MAX, GateChange, GateChanges

CEILING = Gate(code="price_ceiling", side=Side.BUY, sentence="0.2 is too high")
FLOOR = Gate(code="price_floor", side=Side.BUY, sentence="0.1 is too low")
CANCEL = Gate(code="cancel_pending", side=None, sentence="one of our orders waits")


def seen(changes: GateChanges, now: float, cause: str, *gates: Gate) -> Sequence[GateChange]:
    """What is told of the buys."""
    return list(changes.seen(now, [(Side.BUY, cause)], Decision(gates=gates), None))


def test_the_first_look_is_told_and_the_same_again_is_not() -> None:
    changes = GateChanges()
    [told] = seen(changes, 0.0, "price_ceiling", CEILING)
    assert (told.codes, told.sentences) == (("price_ceiling",), ("0.2 is too high",))
    assert not told.quoting
    another_figure = attrs.evolve(CEILING, sentence="0.3 is too high")
    assert not seen(changes, 1.0, "price_ceiling", another_figure)


def test_a_side_that_quotes_is_told_with_the_gates_of_its_next_orders() -> None:
    changes = GateChanges()
    seen(changes, 0.0, "price_ceiling", CEILING)
    [told] = seen(changes, 1.0, "", CEILING)
    assert told.quoting
    assert told.codes == ("price_ceiling",)


def test_the_cause_comes_first() -> None:
    [told] = seen(GateChanges(), 0.0, "price_floor", CEILING, FLOOR)
    assert told.codes == ("price_floor", "price_ceiling")
    assert told.sentences == ("0.1 is too low", "0.2 is too high")


def test_what_only_replaces_a_set_of_orders_is_one_change() -> None:
    changes = GateChanges()
    assert seen(changes, 0.0, "")
    assert seen(changes, 1.0, "cancel_pending", CANCEL)
    assert not seen(changes, 1.01, "orders_not_known")
    assert not seen(changes, 1.02, ON_THE_WAY)
    assert seen(changes, 1.03, "")


def test_a_flood_is_counted_and_its_end_is_told() -> None:
    changes = GateChanges()
    told = [seen(changes, n / 100, "" if n % 2 else "price_floor", FLOOR) for n in range(50)]
    assert len([1 for each in told if each]) == TOLD_MAX
    [last] = seen(changes, 1.2, "price_floor", FLOOR)
    # Of the 45 looks that could not be told, every other one was like the last that was.
    assert last.untold == 23
    assert not seen(changes, 1.3, "price_floor", FLOOR)


def test_each_side_is_told_by_itself() -> None:
    changes = GateChanges()
    both = [(Side.BUY, "price_ceiling"), (Side.SELL, "")]
    told = list(changes.seen(0.0, both, Decision(gates=(CEILING,)), None))
    assert [(one.side, one.quoting) for one in told] == [(Side.BUY, False), (Side.SELL, True)]
    assert told[1].codes == ()
