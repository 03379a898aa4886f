"""Reads what a backtest takes over from a recorded session at one of its moments."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

import attrs
import msgspec

from config.settings import Settings
from engine.backtest.refusal import NoBacktest
from engine.process.exit_codes import ExitCode
from engine.recording.replaying import begin_fold, placed_line
from engine.reports.words import moment
from engine.storage.session_folder import SessionFolder
from engine.storage.whole_ledger import read_whole
from trading.backtest.fork import Fork, Seed
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, StrategyName
from trading.journal.entries import FillBooked
from trading.journal.moment import Moment
from trading.journal.remembered import Remembered
from trading.journal.stored import StoredFill, StoredOrder
from trading.journal.streams import events_in, fills_in
from trading.journal.whole import Whole
from trading.orders.order import AT_VENUE, OrderStatus
from trading.recorded.noted import Part, TimeTied
from trading.recorded.replay import DamagedSession
from trading.recorded.session_lines import LookLine, read_decisions_line
from trading.strategies.interface import View
from trading.strategies.looking import StrategyLife

_LEDGER = "ledger.sqlite"
_NS = 1_000_000_000


@attrs.frozen(kw_only=True)
class Taken:
    """
    What is taken over, and when.

    Args:
        epoch_ns: The wall clock when the session's monotonic clock was at 0.
        balances: What there was of each currency, orders included.
    """

    fork: Fork
    epoch_ns: int
    balances: Mapping[Currency, Decimal]


def take_over(session: SessionFolder, at_ns: int, settings: Settings) -> Taken:
    """
    Read a session up to a moment.

    Args:
        settings: Whose strategies go on.

    Raises:
        NoBacktest: The session is damaged, or nothing was decided before the moment.
        ConfigurationProblems: Its strategies cannot be made any more.
    """
    try:
        folded = _folded(session, at_ns)
    except DamagedSession as damaged:
        raise NoBacktest(f"{session.path}: {damaged}", ExitCode.NO_INPUT) from damaged
    at_s = (at_ns - folded.epoch_ns) / _NS
    for name, life in folded.lives.items():
        wanted = settings.strategies.get(name)
        if wanted is not None and (strategy := wanted.strategy()) != life.strategy:
            life.hand_over(strategy, at_s)
    whole = session.path.resolve().parent.parent / _LEDGER
    try:
        rows = read_whole(whole, partial(_rows, session=session.head.session, at_ns=at_ns))
    except FileNotFoundError as error:
        raise NoBacktest(f"there is no ledger at {whole}", ExitCode.NO_INPUT) from error
    return Taken(
        fork=_fork(rows, at_s, Moment(at_s, at_ns), folded.lives),
        epoch_ns=folded.epoch_ns,
        balances=folded.balances,
    )


@attrs.frozen(kw_only=True)
class _Folded:
    epoch_ns: int
    balances: Mapping[Currency, Decimal]
    lives: Mapping[StrategyName, StrategyLife]


def _folded(session: SessionFolder, at_ns: int) -> _Folded:
    """Every strategy as it was after its last look before a moment."""
    fold, file = begin_fold(session, None, (), None), None
    epoch_ns = session.head.wall_ns - round(session.head.mono * _NS)
    balances: dict[Currency, Decimal] = {}
    for line in session.lines(Part.DECISIONS, lambda _: None):
        said = read_decisions_line(line.text)
        if isinstance(said, TimeTied):
            epoch_ns = said.wall_ns - round(said.mono * _NS)
        elif isinstance(said, LookLine) and epoch_ns + round(said.mono * _NS) > at_ns:
            break
        if line.file != file:
            file = line.file
            fold.begin_file()
        with placed_line(line):
            fold.take(line.text)
        if (view := fold.seen) is not None:
            balances |= _totals(view)
    if fold.differences:
        first = fold.differences[0]
        raise NoBacktest(
            f"{session.path}: look {first.look} of {first.strategy} comes out otherwise than it was"
            " recorded, so what is remembered is not known: engine replay shows it",
            ExitCode.FAILURE,
        )
    if not fold.lives or not balances:
        raise NoBacktest(
            f"{session.path}: no strategy had looked by then; the session began at"
            f" {moment(session.head.wall_ns)}",
            ExitCode.USAGE,
        )
    return _Folded(epoch_ns=epoch_ns, balances=balances, lives=fold.lives)


def _totals(view: View) -> Mapping[Currency, Decimal]:
    return {currency: balance.total for currency, balance in view.balances.items()}


@attrs.frozen(kw_only=True)
class _Rows:
    """Orders as they were at a moment, with when each came to the venue; fills until then."""

    orders: Mapping[str, StoredOrder]
    placed_ns: Mapping[str, int]
    fills: list[StoredFill]


def _rows(whole: Whole, session: int, at_ns: int) -> _Rows:
    orders: dict[str, StoredOrder] = {}
    placed: dict[str, int] = {}
    fills: list[StoredFill] = []
    for file in whole.files:
        for event in events_in(file, session):
            if event.changed_at_ns <= at_ns:
                orders[event.client_order_id] = event
                if event.status in AT_VENUE:
                    placed.setdefault(event.client_order_id, event.changed_at_ns)
        fills += [fill for fill in fills_in(file, session) if fill.booked_at_ns <= at_ns]
    return _Rows(orders=orders, placed_ns=placed, fills=fills)


def _fork(
    rows: _Rows, at_s: float, now: Moment, lives: Mapping[StrategyName, StrategyLife]
) -> Fork:
    seeds = []
    for name, stored in rows.orders.items():
        if stored.status.terminal or name not in rows.placed_ns:
            continue
        # At the exchange it is new: what was filled of it already is over.
        order = msgspec.structs.replace(
            stored.order(now),
            quantity=stored.quantity - stored.filled_quantity,
            filled_quantity=ZERO,
            status=OrderStatus.OPEN,
            venue_order_id=None,
        )
        seeds.append(Seed(order=order, at_s=now.monotonic_of(rows.placed_ns[name])))
    seeds.sort(key=lambda seed: seed.at_s)
    return Fork(
        at_s=at_s,
        seeds=tuple(seeds),
        remembered=Remembered(
            orders=tuple(seed.order for seed in seeds),
            fills=tuple(
                FillBooked(stored.fill, now.monotonic_of(stored.booked_at_ns))
                for stored in rows.fills
            ),
        ),
        lives=lives,
    )
