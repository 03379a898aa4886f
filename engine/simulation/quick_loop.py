"""Takes out of trio's loop what a run in memory has no use for, at each of its turns."""

from collections.abc import Sequence
from random import Random
from typing import Any

import trio
from trio._core._instrumentation import INSTRUMENT_LOGGER  # neither has a public name
from trio._core._run import GLOBAL_RUN_CONTEXT
from typing_extensions import override

_POLLED_EVERY = 64
"""Turns: signals, such as a Ctrl-C, wake the loop through a socket; nothing else can."""


def quicken() -> None:
    """Replace two parts of the runner of this thread; called as its clock starts."""
    runner: Any = GLOBAL_RUN_CONTEXT.runner
    runner.instruments = _Hooks(runner.instruments)
    runner.io_manager = _NothingFromOutside(runner.io_manager)


class _Hooks(dict[str, Any]):
    """
    The instruments of a run by their hooks, asked several times at every step.

    trio's own collection is asked and called through functions of Python; this one looks its hooks
    up and calls them. Which of an instrument's methods are hooks is left to trio's.
    """

    def __init__(self, instruments: Any) -> None:
        super().__init__()
        self._instruments = instruments
        self._gather()

    def _gather(self) -> None:
        self.clear()
        for hook, instruments in self._instruments.items():
            if hook != "_all":
                self[hook] = [(one, getattr(one, hook)) for one in instruments]

    def add_instrument(self, instrument: trio.abc.Instrument) -> None:
        self._instruments.add_instrument(instrument)
        self._gather()

    def remove_instrument(self, instrument: trio.abc.Instrument) -> None:
        self._instruments.remove_instrument(instrument)
        self._gather()

    def call(self, hook: str, *args: object) -> None:
        for instrument, method in self[hook]:
            try:
                method(*args)
            except BaseException:  # noqa: BLE001, ASYNC103  # as trio does it
                self.remove_instrument(instrument)
                INSTRUMENT_LOGGER.exception(
                    "%r of %r failed; it is called no more", hook, instrument
                )


class _NothingFromOutside:
    """Sockets and files of a run that has none: the operating system is asked now and then only."""

    def __init__(self, io_manager: Any) -> None:
        self._io_manager = io_manager
        self._turns = 0

    def get_events(self, timeout: float) -> Sequence[Any]:
        self._turns += 1
        if timeout == 0.0 and self._turns % _POLLED_EVERY:
            return ()
        events: Sequence[Any] = self._io_manager.get_events(timeout)
        return events

    def process_events(self, events: Sequence[Any]) -> None:
        if events:
            self._io_manager.process_events(events)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._io_manager, name)


class Shuffler(Random):
    """A source of chance that does not look at batches of one task, of which most are."""

    @override
    def shuffle(self, x: Any) -> None:
        if len(x) > 1:
            super().shuffle(x)
