"""
How fast a backtest by the direct path is, in simulated seconds per second of a processor.

    python benchmarks/direct_path.py [RECORDING ...]

Runs the strategy of config/paper.toml on a made market with one change a second, and on recordings
of Binance's raw stream where some are named (files of one market, in order). What counts includes
reading them.
"""

import gzip
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from random import Random

import attrs

from config.load.loading import load
from engine.control.reloading import strategy_config_of
from trading.backtest.direct import DirectBacktest, Subject, Terrain
from trading.backtest.outcome import Outcome
from trading.core.identifiers import Pair
from trading.core.market import Side
from trading.datasets.record import Flags, Kind, RecordSide
from trading.simulator.core.flows import RecordedFlow
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.simulator.market.raw_rows import raw_rows
from trading.simulator.market.two_clocks import Row
from trading.venues.valr.rules import RateLimits
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.venue import Valr

PAPER = Path(__file__).parents[1] / "config" / "paper.toml"
PAIR = Pair("DOGEUSDT")
ROUNDS = 3
_S = 1_000_000_000
_MADE_S = 7200
_LEVELS = 20
_MID = 10_000


def main(files: list[str]) -> None:
    report("one change a second", lambda: a_made_market(_MADE_S))
    if files:
        report("recording", lambda: raw_rows(chain.from_iterable(lines(files)), RecordedFlow()))


def lines(files: list[str]) -> Iterator[list[bytes]]:
    for name in files:
        with gzip.open(name) as file:
            yield file.readlines()


def report(name: str, rows: Callable[[], Iterable[Row]]) -> None:
    for _ in range(ROUNDS):
        began = time.process_time()
        outcome = backtest(rows())
        took_s = time.process_time() - began
        lasted_s = (outcome.ended_ns - outcome.began_ns) / _S
        print(
            f"{name}: {lasted_s:.0f} s in {took_s:.2f} s, {lasted_s / took_s:.0f} times life;"
            f" {sum(outcome.decisions.values())} looks, {len(outcome.orders)} orders,"
            f" {len(outcome.fills)} fills"
        )


def backtest(rows: Iterable[Row]) -> Outcome:
    settings = load(str(PAPER), [], {})
    account = attrs.evolve(DEMO_ACCOUNT, balances=settings.simulator.balances)
    exchange = SimulatedExchange(
        ExchangeSettings(
            pairs=tuple(attrs.evolve(p, active=p.symbol == PAIR) for p in DEFAULT_PAIRS),
            accounts=(account,),
            limits=RateLimits(enabled=False),
            idle_limit_s=float("inf"),
        ),
        Random(1),
        None,
        {PAIR: rows},
    )
    signer = Signer(account.api_key, account.api_secret, lambda: exchange.epoch_ns)
    terrain = Terrain(exchange=exchange, venue=Valr(signer), api_key=account.api_key)
    subjects = {
        name: Subject(pair=strategy.pair, config=strategy_config_of(strategy))
        for name, strategy in settings.strategies.items()
    }
    return DirectBacktest(terrain, subjects).run()


def a_made_market(length_s: int) -> Iterator[Row]:
    """A book of twenty levels a side, of which one changes each second, or is traded in."""
    random, last = Random(3), int(Flags.LAST)
    numbers = {Side.BUY: int(RecordSide.BUY), Side.SELL: int(RecordSide.SELL)}
    signs = {Side.BUY: -1, Side.SELL: 1}
    yield (_S, _S, 0, 0, 0, int(Kind.CLEAR), 0, 0)
    for away in range(1, _LEVELS + 1):
        for side in Side:
            ends = last if away == _LEVELS and side is Side.SELL else 0
            price, number = _MID + signs[side] * away, numbers[side]
            yield (_S, _S, price, 1000 * away, 0, int(Kind.SNAPSHOT_LEVEL), number, ends)
    for second in range(2, length_s + 2):
        happens = second * _S + random.randrange(_S // 10)
        seen = happens + 30_000_000
        side = random.choice(list(Side))
        if second % 10:
            price = _MID + signs[side] * random.randrange(1, _LEVELS + 1)
            lots = random.randrange(1, 20_000)
            yield (happens, seen, price, lots, 0, int(Kind.LEVEL), numbers[side], last)
        else:
            price, lots = _MID - signs[side], random.randrange(1, 200)
            yield (happens, seen, price, lots, 0, int(Kind.TRADE), numbers[side], last)


if __name__ == "__main__":
    main(sys.argv[1:])
