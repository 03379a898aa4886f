"""Crashes on purpose: what was struck, and what there was nothing of to strike."""

import pytest
import trio
import trio.testing

from engine.simulation.crashable import Crash, Crashable


class _Waits:
    """An actor that does nothing for ever."""

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        task_status.started()
        await trio.sleep_forever()


async def _crashed_in_its_life() -> None:
    actor = Crashable(_Waits())
    async with trio.open_nursery() as nursery:
        await nursery.start(actor.run)
        assert actor.crash()


async def test_an_actor_that_lives_crashes_and_says_so() -> None:
    with pytest.RaisesGroup(Crash, allow_unwrapped=True, flatten_subgroups=True):
        await _crashed_in_its_life()


async def test_between_two_lives_there_is_nothing_to_crash() -> None:
    actor = Crashable(_Waits())
    assert not actor.lives
    assert not actor.crash()
    async with trio.open_nursery() as nursery:
        await nursery.start(actor.run)
        nursery.cancel_scope.cancel()
    assert not actor.crash()


async def test_the_next_life_is_not_crashed_by_what_came_between_two() -> None:
    actor = Crashable(_Waits())
    actor.crash()
    async with trio.open_nursery() as nursery:
        await nursery.start(actor.run)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()


async def test_who_has_been_told_to_stop_cannot_crash_any_more() -> None:
    class Reluctant:
        async def run(
            self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
        ) -> None:
            task_status.started()
            with trio.CancelScope(shield=True):
                await may_end.wait()

    actor, may_end = Crashable(Reluctant()), trio.Event()
    async with trio.open_nursery() as nursery:
        await nursery.start(actor.run)
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            await trio.testing.wait_all_tasks_blocked()
        assert not actor.crash()
        may_end.set()


async def test_a_crash_is_an_error_inside_the_actor_and_no_order_to_stop() -> None:
    ends: list[type[BaseException]] = []

    class Notes:
        async def run(
            self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
        ) -> None:
            task_status.started()
            try:
                await trio.sleep_forever()
            except BaseException as end:
                ends.append(type(end))
                raise

    for deed in ("crash", "stop"):
        actor = Crashable(Notes())
        try:
            async with trio.open_nursery() as nursery:
                await nursery.start(actor.run)
                if deed == "crash":
                    actor.crash()
                else:
                    nursery.cancel_scope.cancel()
        except* Crash:
            assert deed == "crash"
    assert ends == [Crash, trio.Cancelled]
