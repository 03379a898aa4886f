"""Files of results: written aside and renamed, so that each is whole or not there."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from engine.backtest.refusal import NoBacktest
from engine.process.exit_codes import ExitCode


@contextmanager
def results_folder(out: Path | None) -> Iterator[None]:
    """
    See whether results can be put into a folder, before what may take hours.

    What was made for it and is empty at the end, as after a command that was broken off, goes.

    Args:
        out: The folder; ``None`` where none was asked for.

    Raises:
        NoBacktest: It cannot be made, or takes nothing.
    """
    if out is None:
        yield
        return
    missing = _missing(out)
    try:
        try:
            out.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=out).close()
        except FileExistsError as error:
            text = f"{out} is a file, and a folder is needed"
            raise NoBacktest(text, ExitCode.CANNOT_CREATE) from error
        except OSError as error:
            raise NoBacktest(f"{out}: {error.strerror}", ExitCode.CANNOT_CREATE) from error
        yield
    finally:
        _remove_empty(missing)


def write_whole(path: Path, data: bytes) -> None:
    """
    Write a file, its folder too where it is missing; flushed to the disk before it has its name.

    Raises:
        OSError: It cannot be written; what was there before is still there.
    """
    missing = _missing(path.parent)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        _remove_empty(missing)
        raise


def _missing(folder: Path) -> Sequence[Path]:
    """A folder and those around it, as far as they are not there, the innermost first."""
    return [each for each in (folder, *folder.parents) if not os.path.lexists(each)]


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in folders:
        with contextlib.suppress(OSError):  # it is not empty, or was never made
            folder.rmdir()
