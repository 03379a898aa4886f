"""
The lines of a session's recording.

Market lines are those of any recording (``line.py``). An account line is a time in nanoseconds,
``<`` for what came, ``>`` for what was sent, and the frame; or ``R``, the verb, path and status of
a REST call and its answer. A decisions line is a JSON object that says in ``line`` what it is.
"""

from decimal import Decimal

import msgspec

from trading.core.identifiers import StrategyName
from trading.recorded.digest import digest
from trading.recorded.line import gap_line, line_of, on_one_line
from trading.recorded.noted import (
    TAG,
    AccountFrame,
    ClockCompared,
    Ended,
    Entry,
    Gap,
    HandedOver,
    LifeBegun,
    Looked,
    MarketFrame,
    Part,
    Reloaded,
    RestAnswer,
    TimeTied,
    part_of,
)
from trading.recorded.view_fields import Fields, WrittenViews, decision_json

WHOLE_EVERY = 1_000
"""Looks after which a view is written whole again."""


class LookLine(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field=TAG, tag="look"
):
    """
    A look as it is written.

    Args:
        look: Its number within the strategy's life, from 1.
        mono: Monotonic seconds, the ``now`` of its view.
        whole: Whether all of the view's fields are there, not only those that changed.
        decision: As ``decision_json`` writes it.
        state: The digest of what is remembered after it; empty where there can be none.
    """

    look: int
    mono: float
    strategy: StrategyName
    whole: bool = False
    view: Fields
    decision: msgspec.Raw
    state: str


DecisionsLine = (
    LookLine | LifeBegun | Reloaded | HandedOver | ClockCompared | TimeTied | Ended | Gap
)

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(DecisionsLine, float_hook=Decimal)


class SessionLines:
    """Makes lines of what was noted; looks are written by their differences."""

    def __init__(self) -> None:
        self._views: dict[StrategyName, WrittenViews] = {}

    def line(self, entry: Entry | Gap) -> tuple[Part, bytes]:
        """The line of an entry, with its end, and the file it belongs in."""
        match entry:
            case MarketFrame(at_ns, text):
                return Part.MARKET, line_of(text, at_ns).encode()
            case AccountFrame(at_ns, text, sent):
                way = ">" if sent else "<"
                return Part.ACCOUNT, f"{at_ns} {way} {on_one_line(text)}\n".encode()
            case RestAnswer():
                return Part.ACCOUNT, _rest_line(entry).encode()
            case Looked():
                return Part.DECISIONS, _json_line(self._look(entry))
            case Gap(part, at_ns, lost) if part is not Part.DECISIONS:
                return part, gap_line(at_ns, lost).encode()
            case Gap():
                self.begin_anew()
                return Part.DECISIONS, _json_line(entry)
            case _:
                return part_of(entry), _json_line(entry)

    def begin_anew(self) -> None:
        """Have the next view of each strategy written whole."""
        self._views.clear()

    def _look(self, looked: Looked) -> LookLine:
        views = self._views.get(looked.strategy)
        whole = views is None or looked.look % WHOLE_EVERY == 0
        if views is None:
            views = self._views[looked.strategy] = WrittenViews()
        elif whole:
            views.forget()
        return LookLine(
            look=looked.look,
            mono=looked.view.now,
            strategy=looked.strategy,
            whole=whole,
            view=views.changes(looked.view, looked.held),
            decision=msgspec.Raw(decision_json(looked.decision)),
            state=digest(looked.state, looked.mark),
        )


def read_decisions_line(line: bytes) -> DecisionsLine:
    """
    What a line of the decisions says.

    Raises:
        ValueError: It is none.
    """
    try:
        said: DecisionsLine = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    return said


def _rest_line(answer: RestAnswer) -> str:
    body = on_one_line(answer.body.decode("utf-8", "replace"))
    return f"{answer.at_ns} R {answer.verb} {answer.path} {answer.status} {body}\n"


def _json_line(value: object) -> bytes:
    return _ENCODER.encode(value) + b"\n"
