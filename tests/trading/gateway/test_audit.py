"""What the core was told and what it made of it, and deciding that again."""

import msgspec

from tests.support.raising import raising
from tests.trading.gateway.core_rig import CoreRig, a_quote
from trading.core.market import Side
from trading.gateway.audit import Begun, Handled, decided_again


def a_day() -> CoreRig:
    rig = CoreRig()
    rig.go_on()
    rig.instruct(a_quote(Side.BUY, 10, 20), a_quote(Side.SELL, 10, 20))
    rig.go_on()
    rig.instruct(cancels=list(rig.orders))
    rig.go_on()
    return rig


def handled(rig: CoreRig) -> list[Handled]:
    return [step for step in rig.tape if isinstance(step, Handled)]


def test_a_life_that_is_decided_again_comes_to_the_same() -> None:
    rig = a_day()
    assert isinstance(rig.tape[0], Begun)
    assert len(rig.tape) > 10
    assert decided_again(rig.tape) is None


def test_several_lives_of_one_run_are_decided_again_one_after_the_other() -> None:
    rig = a_day()
    before = list(rig.tape)
    rig.crash(0)
    rig.instruct(a_quote(Side.BUY, 10, 20))
    assert decided_again([*before, *rig.tape]) is None


def test_the_first_difference_is_told_with_what_came_before_and_now() -> None:
    rig = a_day()
    which = next(at for at, step in enumerate(rig.tape[1:], 1) if step.effects)
    step = rig.tape[which]
    assert isinstance(step, Handled)
    other = [*rig.tape[:which], msgspec.structs.replace(step, effects=()), *rig.tape[which + 1 :]]
    difference = decided_again(other)
    assert difference is not None
    assert difference.sequence == step.sequence
    assert (difference.before, difference.now) == ((), step.effects)


def test_a_life_without_its_beginning_cannot_be_decided_again() -> None:
    with raising(ValueError, "has to begin with its beginning"):
        decided_again(handled(a_day()))


def test_the_same_inputs_have_the_same_digest_and_others_have_others() -> None:
    one, other = handled(a_day()), handled(a_day())
    assert [step.digest for step in one] == [step.digest for step in other]
    assert len({step.digest for step in one}) == len(one)
    assert msgspec.structs.replace(one[0], now=one[0].now + 1).digest != one[0].digest
