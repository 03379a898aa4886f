"""Backtests by the direct path, of strategies and recordings made by hand."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

import attrs

from tests.support.builders import DOGE, MAKER
from trading.backtest.direct import DirectBacktest, Subject, Terrain
from trading.backtest.latency import DEFAULT_LATENCY, Latency
from trading.backtest.outcome import Outcome
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.market import Side
from trading.decisions.decision import Decision, Quote
from trading.risk import RiskLimits
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.simulator.market.two_clocks import Row
from trading.strategies.config import StrategyConfig
from trading.strategies.interface import Strategy, View
from trading.venues.valr.rules import RateLimits
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.venue import Valr

BALANCES = {Currency("USDT"): Decimal(1000), Currency("DOGE"): Decimal(10_000)}
LOOSE = RiskLimits(max_order_notional=Decimal(100_000))


@attrs.frozen
class Once:
    """Places its quotes as soon as it sees a book, and then only looks."""

    quotes: tuple[Quote, ...]

    def begin(self, now: float) -> bool:
        return False

    def decide(self, view: View, state: bool) -> tuple[Decision, bool]:  # noqa: FBT001
        if state:
            return Decision(), True
        return Decision(places=self.quotes), True


@attrs.frozen
class Whenever:
    """Decides by a function of the view."""

    what: Callable[[View], Decision]

    def begin(self, now: float) -> None:
        """There is nothing to remember."""

    def decide(self, view: View, state: None) -> tuple[Decision, None]:
        return self.what(view), None


def a_bid(ticks: int, lots: int, *, post_only: bool = True) -> Quote:
    """A bid for DOGE, whose tick is 0.00001 and whose lot is 1."""
    return Quote(
        side=Side.BUY,
        price=ticks * Decimal("0.00001"),
        quantity=Decimal(lots),
        level=0,
        post_only=post_only,
    )


def an_ask(ticks: int, lots: int) -> Quote:
    return Quote(side=Side.SELL, price=ticks * Decimal("0.00001"), quantity=Decimal(lots), level=0)


def exchange_of(
    recordings: Mapping[Pair, Iterable[Row]], flow: RecordedFlow
) -> tuple[SimulatedExchange, Valr]:
    """An exchange with recordings, and its protocol with the key of its first account."""
    account = attrs.evolve(DEMO_ACCOUNT, balances=BALANCES)
    settings = ExchangeSettings(
        pairs=tuple(attrs.evolve(p, active=p.symbol in recordings) for p in DEFAULT_PAIRS),
        accounts=(account,),
        recorded=flow,
        limits=RateLimits(enabled=False),
        idle_limit_s=float("inf"),
    )
    exchange = SimulatedExchange(settings, Random(1), None, recordings)
    signer = Signer(account.api_key, account.api_secret, lambda: exchange.epoch_ns)
    return exchange, Valr(signer)


def run_all(
    recordings: Mapping[Pair, Iterable[Row]],
    strategies: Mapping[StrategyName, Subject],
    *,
    flow: RecordedFlow | None = None,
    latency: Latency = DEFAULT_LATENCY,
    until_s: float = float("inf"),
    start_s: float = 0.0,
) -> Outcome:
    flow = flow or RecordedFlow()
    exchange, venue = exchange_of(recordings, flow)
    terrain = Terrain(
        exchange=exchange,
        venue=venue,
        api_key=DEMO_ACCOUNT.api_key,
        flow=flow,
        latency=latency,
        start_s=start_s,
    )
    return DirectBacktest(terrain, strategies).run(until_s)


def run(
    rows: Iterable[Row],
    strategy: Strategy[Any],
    *,
    limits: RiskLimits = LOOSE,
    flow: RecordedFlow | None = None,
    latency: Latency = DEFAULT_LATENCY,
    until_s: float = float("inf"),
    start_s: float = 0.0,
) -> Outcome:
    """Run one strategy on one recording of DOGE."""
    tested = Subject(pair=DOGE, config=StrategyConfig(strategy=strategy, limits=limits))
    return run_all(
        {DOGE: rows},
        {MAKER: tested},
        flow=flow,
        latency=latency,
        until_s=until_s,
        start_s=start_s,
    )
