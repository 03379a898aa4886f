"""
How fast `engine backtest` is by both paths, in simulated seconds per second of a processor.

    python benchmarks/backtest_paths.py RECORDING ...

Imports files of BTCUSDT (raw lines of Binance's spot stream) into a dataset, and runs the strategy
of config/paper.toml on it by the wire and by the direct path, in turns; then by the direct path on
a made market with one change a second. What counts is all of a backtest, reading included.
"""

import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from direct_path import a_made_market

from engine.backtest.running import prepare, run_backtest
from engine.backtest.task import BacktestTask, DataSpan
from engine.backtest.task import Path as Way
from engine.datasets.importing import Import, import_files
from engine.datasets.writing import write_dataset
from trading.core.identifiers import Pair
from trading.datasets.meta import DatasetMeta

PAPER = Path(__file__).parents[1] / "config" / "paper.toml"
BTC = (
    "strategies.doge.pair=BTC-USDT",
    "strategies.doge.order_amount=0.01",
    "strategies.doge.order_level_amount=0.002",
    "strategies.doge.limits.min_base_holding=0.1",
    "strategies.doge.limits.max_base_holding=10",
    "simulator.balances={BTC=2, USDT=200000}",
)
ROUNDS = 3
_MADE_S = 7200


def main(files: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        btc, made = Path(folder) / "btc", Path(folder) / "made"
        import_files(
            Import(
                files=[Path(file) for file in files],
                format_name=None,
                pair=Pair("BTCUSDT"),
                tick=Decimal("0.01"),
                lot=Decimal("0.00001"),
                out=btc,
            )
        )
        write_dataset(
            made,
            lambda: DatasetMeta(pair=Pair("DOGEUSDT"), tick="0.00001", lot="1", importer="made up"),
            a_made_market(_MADE_S),
        )
        for _ in range(ROUNDS):
            report("BTCUSDT, wire", btc, Way.WIRE, BTC)
            report("BTCUSDT, direct", btc, Way.DIRECT, BTC)
            report("one change a second, direct", made, Way.DIRECT, ())


def report(name: str, data: Path, way: Way, overrides: tuple[str, ...]) -> None:
    task = BacktestTask(
        name=str(PAPER),
        text=PAPER.read_text(),
        overrides=overrides,
        data=(DataSpan(path=str(data), digest=""),),
        path=way,
    )
    began = time.process_time()
    prepared = prepare(task)
    result, _ = run_backtest(prepared, lambda _: None)
    took_s = time.process_time() - began
    orders = sum(len(run.orders) for run in result.runs)
    fills = sum(len(run.fills) for run in result.runs)
    print(
        f"{name}: {prepared.length_s:.0f} s in {took_s:.2f} s, {prepared.length_s / took_s:.0f}"
        f" times life; {orders} orders, {fills} fills"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
