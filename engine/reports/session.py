"""The result of a live session, from its ledger and its archives."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import msgspec

from trading.journal import reading
from trading.journal.stored import Session
from trading.journal.streams import events_in, fills_in
from trading.journal.whole import Whole, balances
from trading.research.from_ledger import SessionRows, runs_of
from trading.research.result import Head, Result, RunKind

_MS = 1_000_000
_CLOCKS = (
    "Orders are timed by this machine's clock, when news of them came; fills by the venue's, to the"
    " millisecond."
)
_ONGOING = "The session has no end in the ledger: it is reported up to now."
_HEAD_BYTES_MAX = 16 * 1024 * 1024


class NoSession(Exception):
    """The session that was asked for is not in the ledger; the message names those that are."""


def session_result(whole: Whole, number: int | None, now_ns: int) -> Result:
    """
    What a session came to.

    Args:
        number: Of the session; ``None`` for the newest.
        now_ns: The wall clock: the end of a session that has none.

    Raises:
        NoSession: There is no such session.
        DamagedRow: A row is not what was written.
    """
    session = _wanted(reading.sessions(whole.ledger), number)
    fills = [fill for file in whole.files for fill in fills_in(file, session.session)]
    first_ms = min((stored.fill.traded_at_ms for stored in fills), default=now_ns // _MS)
    held = balances(whole, session.venue, before_ms=first_ms)
    rows = SessionRows(
        session=session,
        events=itertools.chain.from_iterable(
            events_in(file, session.session) for file in whole.files
        ),
        fills=fills,
        currencies=reading.currencies(whole.ledger),
        held={currency: balance.total for currency, balance in held.items()},
        now_ns=now_ns,
    )
    notes = [_CLOCKS] if session.ended_at_ns is not None else [_CLOCKS, _ONGOING]
    return Result(
        head=Head(
            kind=RunKind.PAPER if session.simulated else RunKind.LIVE,
            engine=session.engine,
            venue=session.venue,
            session=session.session,
            notes=tuple(notes),
        ),
        runs=tuple(runs_of(rows)),
    )


def _wanted(sessions: Sequence[Session], number: int | None) -> Session:
    if not sessions:
        raise NoSession("no session has begun in this ledger")
    if number is None:
        return sessions[-1]
    for session in sessions:
        if session.session == number:
            return session
    last = ", ".join(str(session.session) for session in sessions[-3:])
    raise NoSession(f"the ledger has no session {number}; its newest are {last}")


class _RecordedHead(msgspec.Struct):
    """What a recording of a session says of the code that ran; more is in it."""

    code: str = ""
    seed: int | None = None


def with_recorded_head(result: Result, recording: Path) -> Result:
    """A session's result with the code and the seed of its recording, where there is one."""
    try:
        with (recording / "head.json").open("rb") as file:
            told = msgspec.json.decode(file.read(_HEAD_BYTES_MAX), type=_RecordedHead)
    except (OSError, msgspec.DecodeError):
        return result
    head = msgspec.structs.replace(result.head, code=told.code, seed=told.seed)
    return msgspec.structs.replace(result, head=head)
