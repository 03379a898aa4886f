"""A recorded session: its market as a dataset without our own orders, its orders by the ledger."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.backtest.refusal import NoBacktest
from engine.datasets.formats import UnknownFormat
from engine.datasets.importing import Import, import_files
from engine.datasets.reading import Dataset, open_dataset
from engine.datasets.sources import NoSource
from engine.datasets.unfit import UnfitAsked, UnfitSource
from engine.process.exit_codes import EXIT_CODES, ExitCode
from engine.reports.session import NoSession, session_result
from engine.storage.session_end import SessionEnd, session_end
from engine.storage.session_folder import SessionFolder, open_session
from engine.storage.whole_ledger import read_whole
from trading.core.errors import Fatal
from trading.core.identifiers import Pair
from trading.core.instrument import Instrument
from trading.datasets.importers.notes import WrongPair
from trading.recorded.noted import Part
from trading.recorded.replay import DamagedSession
from trading.recorded.session_lines import LookLine, read_decisions_line
from trading.recorded.view_fields import ReadViews
from trading.research.result import Result

_LEDGER = "ledger.sqlite"


def recorded_session(path: Path) -> SessionFolder:
    """
    A session's recording.

    Raises:
        NoBacktest: There is none, or its head is damaged.
    """
    try:
        return open_session(path)
    except DamagedSession as damaged:
        raise NoBacktest(f"{path}: {damaged}", ExitCode.NO_INPUT) from damaged
    except OSError as error:
        raise NoBacktest(f"{path}: {error.strerror}", ExitCode.NO_INPUT) from error


def end_of_session(session: SessionFolder) -> SessionEnd:
    """
    How its recording ends.

    Raises:
        NoBacktest: It has no decisions, or one of its last files is damaged, or was cut off once it
            was whole.
    """
    try:
        session.require(Part.DECISIONS)
        return session_end(session)
    except DamagedSession as damaged:
        raise NoBacktest(f"{session.path}: {damaged}", ExitCode.NO_INPUT) from damaged
    except OSError as error:
        where = error.filename or session.path
        raise NoBacktest(f"{where}: {error.strerror}", ExitCode.NO_INPUT) from error


def session_orders(session: SessionFolder, now_ns: int) -> Result:
    """
    What the ledger has of a session.

    Raises:
        NoBacktest: There is no ledger beside the recordings, or not this session in it.
    """
    path = session.path.resolve().parent.parent / _LEDGER
    read = partial(session_result, number=session.head.session, now_ns=now_ns)
    try:
        return read_whole(path, read)
    except FileNotFoundError as error:
        raise NoBacktest(f"there is no ledger at {path}", ExitCode.NO_INPUT) from error
    except NoSession as error:
        raise NoBacktest(str(error), ExitCode.NO_INPUT) from error
    except Fatal as fatal:
        raise NoBacktest(str(fatal), EXIT_CODES[fatal.reason]) from fatal


def instruments_of(session: SessionFolder) -> Mapping[Pair, Instrument]:
    """
    The rules of the pairs that a session has decided on, as they were at its first look.

    Raises:
        NoBacktest: The decisions are damaged, or there is no look in them.
    """
    found: dict[Pair, Instrument] = {}
    wanted = len(_strategies(session))
    names: set[str] = set()
    try:
        for line in session.lines(Part.DECISIONS, lambda _: None):
            said = read_decisions_line(line.text)
            if isinstance(said, LookLine) and said.whole and said.strategy not in names:
                view, _ = ReadViews().after(said.view, said.mono)
                names.add(said.strategy)
                found[view.instrument.pair] = view.instrument
            if wanted and len(names) == wanted:
                break
    except (DamagedSession, ValueError) as error:
        raise NoBacktest(f"{session.path}: {error}", ExitCode.NO_INPUT) from error
    if not found:
        text = f"{session.path}: no strategy has looked in it{_cut_of(session, Part.DECISIONS)}"
        raise NoBacktest(text, ExitCode.NO_INPUT)
    return found


def _cut_of(session: SessionFolder, part: Part) -> str:
    cut = [path.name for path in session.cut if path in session.files[part]]
    return f", and {', '.join(cut)} was cut off" if cut else ""


def _strategies(session: SessionFolder) -> Mapping[str, object]:
    tables = session.head.configuration.get("strategies")
    return tables if isinstance(tables, dict) else {}


@contextmanager
def session_market(session: SessionFolder, instrument: Instrument) -> Iterator[Dataset]:
    """
    The market of one pair, for as long as this lasts.

    Raises:
        NoBacktest: It cannot be imported.
    """
    with TemporaryDirectory(prefix="quotewright-") as folder:
        out = Path(folder) / "dataset"
        try:
            session.require(Part.MARKET)
            import_files(
                Import(
                    files=(session.path,),
                    format_name=None,
                    pair=instrument.pair,
                    tick=instrument.tick_size,
                    lot=instrument.lot_size,
                    out=out,
                )
            )
        except DamagedSession as damaged:
            raise NoBacktest(f"{session.path}: {damaged}", ExitCode.NO_INPUT) from damaged
        except (NoSource, UnknownFormat, UnfitSource, UnfitAsked) as error:
            if isinstance(error.__cause__, WrongPair):  # nobody has named the pair
                missing = session.files[Part.MARKET][-1].name
                text = f"nothing of {instrument.pair} is in its market, up to {missing}"
                raise NoBacktest(f"{session.path}: {text}", ExitCode.NO_INPUT) from error
            raise NoBacktest(f"{session.path}: {error}", ExitCode.NO_INPUT) from error
        except OSError as error:
            raise NoBacktest(f"{out}: {error.strerror}", ExitCode.IO_ERROR) from error
        yield open_dataset(out)
