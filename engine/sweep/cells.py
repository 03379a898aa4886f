"""A cell: one backtest of a sweep, with a key that says all that decides its result."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal

import attrs
import msgspec

from config.load.recorded import without_secrets
from config.settings import Settings
from engine.backtest.task import BacktestTask, models_of

FORM = 1
"""The form of a cell's result; another one has other keys."""

_DEADLINE_LEAST_S = 1.0


class CellRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is sent to whoever runs a cell.

    Args:
        key: Its name.
        deadline_s: How long it may take.
    """

    key: str
    deadline_s: float
    task: BacktestTask


class CellResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of a cell; money is text. Equal cells have equal results to the last byte.

    Args:
        settings: What was tried, as ``KEY=VALUE`` texts.
        data: The digest of each dataset.
        span: The first and the last moment of it, nanoseconds since the epoch.
        metrics: The numbers; those that are not stated are left out.
        unstated: Why those are not stated.
        halted: Why nothing was quoted any more before the end.
    """

    key: str
    settings: tuple[str, ...]
    data: tuple[str, ...]
    span: tuple[int, int]
    seed: int
    models: Mapping[str, str]
    metrics: Mapping[str, str | float | int]
    unstated: Mapping[str, str] = {}
    halted: str = ""
    form: int = FORM


class CellFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A cell that has no result, for a reason that another try would not change."""

    key: str
    failed: str


@attrs.frozen(kw_only=True)
class Cell:
    """
    One backtest of a sweep.

    Args:
        candidate: The number of the settings that are tried.
    """

    key: str
    candidate: int
    task: BacktestTask

    def request(self, deadline_s: float) -> bytes:
        return msgspec.json.encode(
            CellRequest(key=self.key, deadline_s=max(_DEADLINE_LEAST_S, deadline_s), task=self.task)
        )


def cell_of(candidate: int, task: BacktestTask, settings: Settings, code: str) -> Cell:
    """
    A cell with its key.

    Args:
        settings: As they are read from the task.
        code: The digest of the code that runs it.
    """
    told = {
        "form": FORM,
        "code": code,
        "configuration": without_secrets(settings.source.document),
        "data": [[span.digest, span.from_ns, span.to_ns] for span in task.data],
        "seed": task.seed,
        "models": dict(models_of(task, settings)),
    }
    text = msgspec.json.encode(told, order="deterministic", enc_hook=_plain)
    return Cell(key=hashlib.sha256(text).hexdigest(), candidate=candidate, task=task)


def encode_cell(result: CellResult | CellFailure) -> bytes:
    return msgspec.json.encode(result, order="deterministic") + b"\n"


_decoder = msgspec.json.Decoder(CellResult)
_failures = msgspec.json.Decoder(CellFailure)


def decode_cell(text: bytes) -> CellResult | CellFailure:
    """
    Read what ``encode_cell`` wrote.

    Raises:
        ValueError: It is something else, or of another form.
    """
    try:
        result = _decoder.decode(text)
    except msgspec.DecodeError:
        return _failures.decode(text)
    if result.form != FORM:
        raise ValueError(f"it has form {result.form}, and form {FORM} is read here")
    return result


def _plain(value: object) -> str:
    """Times and the like of a document, which JSON has no word for."""
    assert not isinstance(value, Decimal), "a decimal is text already"
    return str(value)
