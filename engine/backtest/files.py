"""Folders of results: looked at before anything is run, and those of backtests replaced whole."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from engine.backtest.refusal import NoBacktest
from engine.backtest.task import Path as PathOfBacktest
from engine.process.exit_codes import ExitCode
from engine.storage.places import (
    FolderKind,
    check_folder,
    is_draft,
    is_regular,
    missing_folders,
    remove_empty,
    replace_together,
)
from trading.research.result import FILE_NAME, RunKind, WrongResult, decode_result

PAGE = "report.html"
LEDGER = "ledger.sqlite"
_ALWAYS = frozenset({FILE_NAME, PAGE})
_OF_THE_WIRE = frozenset({LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm", f"{LEDGER}-journal"})


@contextmanager
def results_folder(out: Path | None, kind: FolderKind) -> Iterator[None]:
    """
    See whether results can be put into a folder, before what may take hours.

    What was made for it and is empty at the end, as after a command that was broken off, goes.

    Args:
        out: The folder; ``None`` where none was asked for.
        kind: Of the results, which alone are replaced.

    Raises:
        NoBacktest: It cannot be made, takes nothing, or has something else in it.
    """
    if out is None:
        yield
        return
    missing = missing_folders(out)
    try:
        try:
            check_folder(out, kind)
            out.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=out).close()
        except FileExistsError as error:
            text = f"{out} is a file, and a folder is needed"
            raise NoBacktest(text, ExitCode.CANNOT_CREATE) from error
        except OSError as error:
            raise NoBacktest(f"{out}: {error.strerror}", ExitCode.CANNOT_CREATE) from error
        yield
    finally:
        remove_empty(missing)


def write_backtest(out: Path, files: Mapping[str, bytes]) -> None:
    """
    Write what a backtest left, in place of all that an earlier one did.

    Args:
        files: By name.

    Raises:
        PlaceTaken: Something else has come into the folder in the meantime.
        OSError: The disk does not take them.
    """
    check_folder(out, OF_BACKTESTS)
    out.mkdir(parents=True, exist_ok=True)
    # The result goes first: by it the others are known for a backtest's.
    ordered = {name: files[name] for name in sorted(files, key=lambda name: name != FILE_NAME)}
    replace_together(out, ordered, sorted((_ALWAYS | _OF_THE_WIRE) - set(files)))


def _foreign(folder: Path, names: Sequence[str]) -> Sequence[str]:
    own = _own(folder / FILE_NAME)

    def is_own(name: str) -> bool:
        known = name in own or is_draft(name, (_ALWAYS | {LEDGER}).__contains__)
        return known and is_regular(folder / name)

    return [name for name in names if not is_own(name)]


def _own(result: Path) -> frozenset[str]:
    """The names of what a backtest has left beside its result; none where it is no such result."""
    try:
        head = decode_result(result.read_bytes()).head
    except (OSError, WrongResult):
        return frozenset()
    if head.kind is not RunKind.BACKTEST:
        return frozenset()
    on_the_wire = head.models.get("path") == PathOfBacktest.WIRE.value
    return _ALWAYS | _OF_THE_WIRE if on_the_wire else _ALWAYS


OF_BACKTESTS = FolderKind(title="a backtest", foreign=_foreign)
