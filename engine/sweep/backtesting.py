"""Runs a cell's backtest in this process."""

from decimal import Decimal

import msgspec

from config.source.problems import ConfigurationProblems
from engine.backtest.refusal import NoBacktest, NoDataset
from engine.backtest.running import prepare, run_backtest
from engine.sweep.cells import CellFailure, CellRequest, CellResult, encode_cell
from trading.core.decimals import decimal_text
from trading.research.figures import figures, mid_path
from trading.research.metrics import metrics
from trading.research.stated import NotStated

_CURE = ": engine sweep with --ship sends a worker the datasets that it lacks"

_request = msgspec.json.Decoder(CellRequest)


def backtested(request: bytes) -> bytes:
    """The result of a cell, or why there is none."""
    asked = _request.decode(request)
    try:
        return encode_cell(_result(asked))
    except NoDataset as error:
        return encode_cell(CellFailure(key=asked.key, failed=f"{error}{_CURE}"))
    except (ConfigurationProblems, NoBacktest) as error:
        return encode_cell(CellFailure(key=asked.key, failed=str(error)))
    except Exception as error:  # noqa: BLE001  # a defect, also of another package's strategy
        return encode_cell(CellFailure(key=asked.key, failed=f"a defect: {error!r}"))


def _result(asked: CellRequest) -> CellResult | CellFailure:
    prepared = prepare(asked.task)
    result, came = run_backtest(prepared, lambda _: None)
    if came.violation:
        return CellFailure(key=asked.key, failed=came.violation)
    found = metrics([figures(run, mid_path(run)) for run in result.runs])
    markets = prepared.markets.values()
    return CellResult(
        key=asked.key,
        settings=asked.task.overrides,
        data=tuple(span.digest for span in asked.task.data),
        span=(min(one.began_ns for one in markets), max(one.ended_ns for one in markets)),
        seed=asked.task.seed,
        models=result.head.models,
        metrics={
            name: decimal_text(value) if isinstance(value, Decimal) else value
            for name, value in found.items()
            if not isinstance(value, NotStated)
        },
        unstated={
            name: value.not_stated for name, value in found.items() if isinstance(value, NotStated)
        },
        halted=came.halted,
    )
