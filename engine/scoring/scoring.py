"""Scores fill models on a recorded session."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import attrs

from engine.backtest.refusal import NoBacktest
from engine.backtest.session_market import instruments_of, session_market, session_orders
from engine.process.exit_codes import ExitCode
from engine.storage.session_folder import SessionFolder
from trading.backtest.by_chance import ByChance, Shape, log_shape, power_shape
from trading.backtest.shadows import Shadow, ShadowMarket, ShadowOrder, Shadows
from trading.core.decimals import ZERO
from trading.core.instrument import Instrument
from trading.datasets.meta import QueueKind
from trading.research.power_fit import Outcome, PowerFit, TooFewToFit, fit_power
from trading.research.result import Run, RunOrder
from trading.research.score import NotEnough, Score, Trial, probability_of, scores
from trading.simulator.market.recording import MalformedRecording
from trading.simulator.matching.places import QueueModel, queue_model

ALL = "all"
_USUAL = ("risk_averse", "power:2", "log")
_EXACT = "l3"
_EXPONENTS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0)
_TRIES = 20
"""Of each shadow by chance: enough for a log loss, few enough for a day's orders."""
_SEED = 1


@attrs.frozen(kw_only=True)
class PairScores:
    """
    What models are worth on one pair.

    Args:
        orders: How many rested.
        beyond: Orders that are left out: the recorded market does not cover them.
    """

    strategy: str
    pair: str
    orders: int
    beyond: int
    scores: Sequence[Score | NotEnough]
    fit: PowerFit | TooFewToFit


def score_session(session: SessionFolder, queue: str, now_ns: int) -> Sequence[PairScores]:
    """
    Score models on the orders of a session.

    Args:
        queue: A model's name, or ``all``.
        now_ns: The end of a session that has none in the ledger.

    Raises:
        NoBacktest: The session is damaged or holds nothing to score, or there is no such model.
    """
    result = session_orders(session, now_ns)
    instruments = instruments_of(session)
    found = [
        _scored(session, run, instruments[run.pair], queue)
        for run in result.runs
        if run.pair in instruments
    ]
    if not found:
        raise NoBacktest(f"{session.path}: no strategy has placed an order", ExitCode.NO_INPUT)
    return found


def _scored(session: SessionFolder, run: Run, instrument: Instrument, queue: str) -> PairScores:
    rested = [order for order in run.orders if order.placed_ns is not None]
    with session_market(session, instrument) as dataset:
        meta = dataset.meta
        names = _names(queue, meta.queue)
        lot = float(instrument.lot_size)
        models = [_model(name, lot) for name in names]
        random = Random(_SEED)  # noqa: S311  # to be repeated
        by_chance = [name for name in names if name != _EXACT and name != _USUAL[0]]
        drawn: list[QueueModel] = [
            ByChance(name, _shape(name, lot), random)
            for name in (*by_chance, *(f"power:{n:g}" for n in _EXPONENTS))
            for _ in range(_TRIES)
        ]
        first, last = meta.first_ns or 0, meta.last_ns or 0
        covered = [order for order in rested if first <= (order.placed_ns or 0) <= last]
        market = ShadowMarket(dataset.records(), [*models, *drawn])
        try:
            shadows = market.run([_shadow(order, instrument, last) for order in covered])
        except MalformedRecording as error:
            raise NoBacktest(f"{session.path}: {error}", ExitCode.NO_INPUT) from error
    told = [order for order in covered if order.order_id in shadows]
    chance = _Chances(shadows, len(models), [*by_chance, *map(str, _EXPONENTS)])
    firsts = _first_fills(run)
    trials = [
        _trial(name, order, shadows[order.order_id][place], chance, firsts, instrument)
        for place, name in enumerate(names)
        for order in told
    ]
    outcomes = [
        Outcome(
            placed_ns=order.placed_ns or 0,
            filled=order.filled > ZERO,
            probabilities={n: chance.of(order, str(n)) or 0.0 for n in _EXPONENTS},
        )
        for order in told
    ]
    return PairScores(
        strategy=run.strategy,
        pair=run.pair,
        orders=len(told),
        beyond=len(rested) - len(told),
        scores=scores(trials, Random(_SEED)),  # noqa: S311  # to be repeated
        fit=fit_power(outcomes, _EXPONENTS),
    )


@attrs.frozen
class _Chances:
    """
    How likely models hold fills.

    Args:
        skip: Shadows of an order that were not drawn.
        names: Of those that were, each for ``_TRIES`` of them.
    """

    shadows: Shadows
    skip: int
    names: Sequence[str]

    def of(self, order: RunOrder, name: str) -> float | None:
        if name not in self.names:
            return None
        begin = self.skip + self.names.index(name) * _TRIES
        tries = self.shadows[order.order_id][begin : begin + _TRIES]
        return probability_of(sum(1 for one in tries if one.filled), len(tries))


def _trial(
    name: str,
    order: RunOrder,
    shadow: Shadow,
    chance: _Chances,
    firsts: dict[str, int],
    instrument: Instrument,
) -> Trial:
    return Trial(
        model=name,
        order_id=order.order_id,
        side=order.side,
        placed_ns=order.placed_ns or 0,
        quantity=order.quantity,
        filled=order.filled,
        filled_ns=firsts.get(order.order_id),
        shadow_filled=shadow.filled * instrument.lot_size,
        shadow_filled_ns=shadow.filled_ns,
        probability=chance.of(order, name),
    )


def _first_fills(run: Run) -> dict[str, int]:
    firsts: dict[str, int] = {}
    for fill in run.fills:
        firsts.setdefault(fill.order_id, fill.at_ns)
    return firsts


def _shadow(order: RunOrder, instrument: Instrument, last_ns: int) -> ShadowOrder:
    assert order.placed_ns is not None
    return ShadowOrder(
        order_id=order.order_id,
        side=order.side,
        price=_whole(order.price / instrument.tick_size),
        lots=_whole(order.quantity / instrument.lot_size),
        from_ns=order.placed_ns,
        to_ns=last_ns if order.ended_ns is None else order.ended_ns,
    )


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value())


def _names(queue: str, kind: QueueKind) -> Sequence[str]:
    exact = kind is QueueKind.ORDERS
    if queue == ALL:
        return (*_USUAL, _EXACT) if exact else _USUAL
    if queue == _EXACT and not exact:
        raise NoBacktest(
            "the session's books are told by level, and l3 needs orders: record with"
            ' venue.book_feed = "full"',
            ExitCode.USAGE,
        )
    return (queue,)


def _model(name: str, lot_size: float) -> QueueModel:
    try:
        return queue_model(name, lot_size)
    except ValueError as error:
        raise NoBacktest(f"--queue {error}", ExitCode.USAGE) from error


def _shape(name: str, lot_size: float) -> Shape:
    kind, _, argument = name.partition(":")
    return power_shape(float(argument)) if kind == "power" else log_shape(lot_size)
