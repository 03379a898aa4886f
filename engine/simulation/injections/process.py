"""Fault injections of the process, its disk, machine and operator: P01 to P21, and kills."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random

import trio

from engine.simulation.disk import DiskError
from engine.simulation.injections.base import FaultInjection, Harness
from engine.simulation.virtual_clock import virtual_clock

_DISK_SLOW_S = 5.0
_STANDSTILL_S = (1.5, 10.0)
_HOUR_S = 3600.0
_SURFACES = frozenset({"operator socket", "meter", "simulated exchange"})
"""Actors that no trading depends on."""


async def _kill(scene: Harness, _random: Random, _for_s: float) -> None:
    await trio.lowlevel.checkpoint()
    if (process := scene.site.process) is not None:
        process.kill()
        scene.site.struck_by("P01")


async def _kill_twice(scene: Harness, random: Random, _for_s: float) -> None:
    """Kill the engine, and again while it starts."""
    for _ in range(3):
        if (process := scene.site.process) is not None:
            process.kill()
            scene.site.struck_by("P03")
        scene.operator.hurry()
        await trio.sleep(random.uniform(0.01, 3.0))


async def _power_cut(scene: Harness, _random: Random, _for_s: float) -> None:
    await trio.lowlevel.checkpoint()
    if (process := scene.site.process) is not None:
        process.kill(with_power=True)
        scene.site.struck_by("P04")


async def _torn_write(scene: Harness, random: Random, for_s: float) -> None:
    """The disk is slow, and the process is killed while a commit is under way."""
    with _slow(scene, random.uniform(0.2, 1.0)), trio.move_on_after(for_s):
        while True:
            process = scene.site.process
            if process is not None and process.disk.under_way:
                process.kill()
                scene.site.struck_by("P05")
                return
            # Checked at intervals: a commit begins and ends without a signal.
            await trio.sleep(0.05)


@contextmanager
def _slow(scene: Harness, commit_s: float) -> Iterator[None]:
    delays_s = scene.site.ledgers.delays_s
    delays_s.append(commit_s)
    try:
        yield
    finally:
        delays_s.remove(commit_s)


async def _disk_fails(scene: Harness, random: Random, for_s: float) -> None:
    ledgers = scene.site.ledgers
    error, before = random.choice(list(DiskError)), ledgers.refused
    ledgers.errors.append(error)
    try:
        await trio.sleep(for_s)
    finally:
        ledgers.errors.remove(error)
        if ledgers.refused > before:
            scene.site.struck_by("P08")


async def _disk_slow(scene: Harness, _random: Random, for_s: float) -> None:
    with _slow(scene, _DISK_SLOW_S):
        scene.site.struck_by("P09")
        await trio.sleep(for_s)


async def _clock_jumps(scene: Harness, random: Random, for_s: float) -> None:
    """The machine's time of day is wrong for a while."""
    jump_s = random.choice((_HOUR_S, -_HOUR_S, 20.0, -20.0, 1.5, -1.5))
    scene.site.clock_error_s += jump_s
    scene.site.struck_by("P11")
    try:
        await trio.sleep(for_s)
    finally:
        scene.site.clock_error_s -= jump_s


async def _crash(scene: Harness, random: Random, _for_s: float) -> None:
    await trio.lowlevel.checkpoint()
    process = scene.site.process
    if process is not None and process.actors:
        name = random.choice(sorted(process.actors))
        # An actor that waits for its restart cannot crash.
        if process.actors[name].crash():
            scene.site.crashed("P14", name)


async def _crash_again_and_again(scene: Harness, random: Random, for_s: float) -> None:
    process = scene.site.process
    if process is None or not process.actors:
        return
    name = random.choice(sorted(process.actors.keys() - _SURFACES))
    with trio.move_on_after(for_s):
        while process.alive:
            if process.actors[name].crash():
                scene.site.crashed("P15", name)
            await trio.sleep(random.uniform(0.05, 5.0))


async def _standstill(scene: Harness, random: Random, _for_s: float) -> None:
    """The loop stands still: no task runs, and time passes all the same."""
    await trio.lowlevel.checkpoint()
    process = scene.site.process
    watch = None if process is None else process.actors.get("loop watch")
    watched = watch is not None and watch.lives
    virtual_clock().jump(random.uniform(*_STANDSTILL_S))
    # A process that still opens its ledger trusts nothing yet, and has no actor to notice.
    if watched:
        scene.site.struck_by("P18")


async def _terminated(scene: Harness, random: Random, for_s: float) -> None:
    """SIGTERM at some moment: the engine has to end in good order."""
    await trio.sleep(random.uniform(0.0, for_s))
    if (process := scene.site.process) is not None:
        process.stop.ask("SIGTERM")
        scene.site.struck_by("P21")


async def _killed_by_operator(scene: Harness, random: Random, for_s: float) -> None:
    """``engine kill``, and some time later ``engine resume --confirm``."""
    if await scene.operator.kill("the operator did not like it"):
        scene.site.struck_by("kill")
    await trio.sleep(random.uniform(0.0, for_s))
    await scene.operator.resume()


PROCESS: Mapping[str, FaultInjection] = {
    trouble.fault: trouble
    for trouble in (
        FaultInjection(fault="P01", what="kill -9", strike=_kill),
        FaultInjection(
            fault="P03", what="kill -9 again and again while it recovers", strike=_kill_twice
        ),
        FaultInjection(fault="P04", what="power cut", strike=_power_cut),
        FaultInjection(
            fault="P05",
            what="killed while the ledger is being written",
            strike=_torn_write,
            for_s=(30.0, 60.0),
        ),
        FaultInjection(
            fault="P08",
            what="the disk is full, fails, or is read-only",
            strike=_disk_fails,
            for_s=(20.0, 90.0),
        ),
        FaultInjection(
            fault="P09", what="each commit takes 5 s", strike=_disk_slow, for_s=(20.0, 60.0)
        ),
        FaultInjection(
            fault="P11",
            what="the machine's time of day jumps, and back",
            strike=_clock_jumps,
            for_s=(5.0, 120.0),
            noticed_by=frozenset({"wall_clock_jumped"}),
        ),
        FaultInjection(
            fault="P14",
            what="an actor crashes",
            strike=_crash,
            noticed_by=frozenset({"actor_ended", "process_ended"}),
        ),
        FaultInjection(
            fault="P15",
            what="an actor crashes again and again",
            strike=_crash_again_and_again,
            for_s=(10.0, 60.0),
            noticed_by=frozenset({"actor_ended", "process_ended"}),
        ),
        FaultInjection(
            fault="P18",
            what="the event loop stands still",
            strike=_standstill,
            noticed_by=frozenset({"loop_stalled", "process_ended"}),
        ),
        FaultInjection(fault="P21", what="SIGTERM", strike=_terminated, for_s=(0.0, 30.0)),
        FaultInjection(
            fault="kill",
            what="engine kill and resume",
            strike=_killed_by_operator,
            for_s=(5.0, 90.0),
        ),
    )
}
