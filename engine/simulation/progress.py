"""The progress of a batch of seeds: a bar on a terminal, a line now and then elsewhere."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.simulation.outcome import Outcome

_LINES = 20
"""At most, where there is no terminal, besides one for each seed that failed."""


@contextlib.contextmanager
def progress(seeds: int) -> Iterator[Callable[[Outcome], None]]:
    """Show on stderr what comes of so many seeds; each outcome is handed to what this yields."""
    console = Console(stderr=True)
    with _bar(console, seeds) if console.is_terminal else _lines(console, seeds) as advance:
        yield advance


@contextlib.contextmanager
def _bar(console: Console, seeds: int) -> Iterator[Callable[[Outcome], None]]:
    columns = (
        TextColumn("simulating"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
    )
    failed = 0
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=seeds, failed=0)

        def advance(outcome: Outcome) -> None:
            nonlocal failed
            failed += outcome.violation is not None
            bar.update(task, advance=1, failed=failed)

        yield advance


@contextlib.contextmanager
def _lines(console: Console, seeds: int) -> Iterator[Callable[[Outcome], None]]:
    done = failed = 0

    def say(line: str) -> None:
        console.print(f"engine simulate: {line}", highlight=False, markup=False, soft_wrap=True)

    def advance(outcome: Outcome) -> None:
        nonlocal done, failed
        done += 1
        if (violation := outcome.violation) is not None:
            failed += 1
            say(f"seed {outcome.seed} failed: {violation.invariant}, {violation.what}")
        if done * _LINES // seeds > (done - 1) * _LINES // seeds:
            say(f"{done} of {seeds} seeds are done, {failed} failed")

    yield advance
