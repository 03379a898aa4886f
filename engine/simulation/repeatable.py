"""
A trio run that repeats itself exactly: the one place with trio's private names and others' entropy.

trio makes its scheduler's order random on purpose and offers no public way to seed it (its issues
2675 and 3089 ask for one). The names below have been the same since trio 0.11. What libraries draw
from the operating system is drawn from the seed instead, for as long as a run lasts.
"""

import contextlib
import gc
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any, TypeVar

import trio
import wsproto.frame_protocol
import wsproto.utilities

from actors.net import masked_texts
from engine.simulation.quick_loop import Shuffler
from engine.simulation.virtual_clock import VirtualClock

T = TypeVar("T")

EPOCH_NS = 1_700_000_000 * 10**9
"""The wall clock when a simulation begins: nanoseconds since 1970."""


def run_repeatably(
    seed: int,
    main: Callable[[], Awaitable[T]],
    instruments: Sequence[trio.abc.Instrument] = (),
) -> T:
    """
    Run something to its end in virtual time, in an order that the seed alone decides.

    Time moves only when every task waits, and then at once to the next deadline.
    """
    clock = VirtualClock()
    with _one_source_of_chance(seed), _collected_at_leisure(), _sleeping_by(clock):
        return trio.run(main, clock=clock, instruments=instruments)


@contextlib.contextmanager
def _one_source_of_chance(seed: int) -> Iterator[None]:
    """Every source of chance in the process is a stream of the seed's."""
    source = Random(seed)  # to be repeated, not to be secret
    state, entropy = random.getstate(), SimpleNamespace(urandom=source.randbytes)
    run: Any = trio._core._run  # noqa: SLF001
    with contextlib.ExitStack() as put_back:
        put_back.callback(random.setstate, state)
        random.seed(source.getrandbits(64))  # trio-websocket's ping payloads
        for owner, name, value in (
            (run, "_ALLOW_DETERMINISTIC_SCHEDULING", True),
            (run, "_r", Shuffler(source.getrandbits(64))),
            # Masks and nonces of WebSockets.
            (wsproto.frame_protocol, "os", entropy),
            (wsproto.utilities, "os", entropy),
            (masked_texts, "os", entropy),
        ):
            put_back.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)
        yield


@contextlib.contextmanager
def _sleeping_by(clock: VirtualClock) -> Iterator[None]:
    """Whoever sleeps is woken by the clock; deadlines of all other kinds are left to trio."""
    timeouts: Any = trio._timeouts  # noqa: SLF001
    owners: tuple[Any, ...] = trio, timeouts
    former = trio.sleep_until
    for owner in owners:
        owner.sleep_until = clock.sleep_until
    try:
        yield
    finally:
        for owner in owners:
            owner.sleep_until = former


@contextlib.contextmanager
def _collected_at_leisure() -> Iterator[None]:
    """
    No garbage is collected in the middle of a run.

    When the collector would run depends on the process's past; what it finds may have finalisers
    that wake tasks. What was there before the run, garbage included, is left out of the collections
    that the run makes itself: it is most of what there is to look at.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
