"""One market by both paths of a backtest: the whole engine on the wire, and its core as values."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import attrs
import msgspec

from config.load.loading import load
from config.settings import Settings
from engine.control.reloading import strategy_config_of
from engine.simulation.simulation import simulated_site
from engine.simulation.site import Conditions
from engine.simulation.swarm import Plan
from engine.simulation.trace import Trace
from trading.backtest.direct import DirectBacktest, Subject, Terrain
from trading.backtest.latency import DEFAULT_LATENCY, Latency
from trading.core.identifiers import Pair
from trading.simulator.core.flows import RecordedFlow, Through
from trading.simulator.core.pair import DEFAULT_PAIRS
from trading.simulator.market.raw_rows import raw_rows
from trading.venues.valr.rules import RateLimits
from trading.venues.valr.signing import Signer
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT, ExchangeSettings
from trading.venues.valr.simulator.exchange import SimulatedExchange
from trading.venues.valr.venue import Valr

_S, _MS = 1_000_000_000, 1_000_000
T0_NS = _T0 = 1_790_000_000 * _S
"""When the recordings begin, nanoseconds since the epoch."""
_QUIET_S = 8
"""For so long there is only one side, so that both paths can begin to quote at the same moment."""
_DEPTH = 24
_DOGE = Pair("DOGEUSDT")
_PAPER = str(Path(__file__).parents[2] / "config" / "paper.toml")
_SETTINGS = (
    'strategies.doge.bid_spread="0.05 %"',
    'strategies.doge.ask_spread="0.05 %"',
    "strategies.doge.order_refresh_time=5",
    'strategies.doge.order_refresh_tolerance_pct="0 %"',
    "strategies.doge.filled_order_delay=2",
    "strategies.doge.limits.max_fills_in_row=10000",
)

Order = tuple[int, str, int, int]
"""When it came to the exchange, in milliseconds of the recording; side, ticks, lots."""


@attrs.frozen(kw_only=True)
class Said:
    """What one path says, in order of time."""

    orders: Sequence[Order]
    fills: Sequence[Order]


@attrs.frozen
class Case:
    """
    How a market is replayed.

    Args:
        seed: Of the engine on the wire.
        latency: Of orders.
    """

    queue: str = "risk_averse"
    through: str = "quantity"
    seed: int = 1
    latency: Latency = DEFAULT_LATENCY


def a_made_market(seed: int, length_s: int) -> list[bytes]:
    """Raw lines of a market around 100, with trades in its levels and jumps of its middle."""
    made = _Market(seed)
    made.run(length_s)
    return made.raw()


class _Market:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._told: list[tuple[int, dict[str, object]]] = []
        self._mid = 10_000
        self._now = _T0

    def run(self, length_s: int) -> None:
        random = self._random
        bids = [(self._mid - d, 500) for d in range(1, _DEPTH)]
        self._told.append((_T0, {"lastUpdateId": 100, "bids": _texts(bids), "asks": []}))
        self._now += _QUIET_S * _S
        self._change([], [(self._mid + d, 500) for d in range(1, _DEPTH)])
        while self._now < _T0 + length_s * _S:
            self._now += random.randrange(50, 1500) * _MS
            chance = random.random()
            if chance < 0.45:
                self._trade()
            elif chance < 0.8:
                self._one_level()
            else:
                self._move()

    def raw(self) -> list[bytes]:
        """Its lines, in the order in which they were received."""
        lines, number = [], 100
        for at, message in sorted(self._told, key=lambda each: each[0]):
            data = message.get("data")
            if isinstance(data, dict) and "U" in data:
                number += 1
                data["U"] = data["u"] = number
            lines.append(b"%d %s\n" % (at, msgspec.json.encode(message)))
        return lines

    def _trade(self) -> None:
        random = self._random
        sells = random.random() < 0.5
        beyond = random.randrange(1, 12) if random.random() < 0.3 else 0
        price = self._mid - 1 - beyond if sells else self._mid + 1 + beyond
        data = {
            "T": self._now // _MS,
            "p": _price(price),
            "q": _lots(random.randrange(1, 400)),
            "m": sells,
        }
        self._tell("trade", data)

    def _one_level(self) -> None:
        random = self._random
        away, lots = random.randrange(1, _DEPTH), random.randrange(1, 900)
        if random.random() < 0.5:
            self._change([(self._mid - away, lots)], [])
        else:
            self._change([], [(self._mid + away, lots)])

    def _move(self) -> None:
        random, old = self._random, self._mid
        self._mid = mid = old + random.randrange(-6, 7)
        around = range(old - _DEPTH, old + _DEPTH)
        bids = [(price, 0) for price in around if price >= mid]
        bids += [(mid - d, random.randrange(1, 900)) for d in range(1, _DEPTH)]
        asks = [(price, 0) for price in around if price <= mid]
        asks += [(mid + d, random.randrange(1, 900)) for d in range(1, _DEPTH)]
        self._change(bids, asks)

    def _change(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> None:
        data = {"E": self._now // _MS, "U": 0, "u": 0, "b": _texts(bids), "a": _texts(asks)}
        self._tell("depth@100ms", data)

    def _tell(self, stream: str, data: dict[str, object]) -> None:
        late = self._random.randrange(5, 40) * _MS
        self._told.append((self._now + late, {"stream": f"x@{stream}", "data": data}))


def _price(ticks: int) -> str:
    return f"{ticks / 100:.2f}"


def _lots(lots: int) -> str:
    return f"{lots / 100_000:.5f}"


def _texts(levels: list[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(_price(price), _lots(lots)) for price, lots in levels]


def on_the_wire(lines: Sequence[bytes], case: Case, folder: Path) -> Said:
    """Run the whole engine in virtual time."""
    file = folder / "market.raw"
    file.write_bytes(b"".join(lines))
    name = msgspec.json.encode(str(file)).decode()
    settings = _settings(case, 'simulator.flow="recording"', f"simulator.recording={name}")
    length_s = (int(lines[-1].split()[0]) - _T0) / _S
    conditions = Conditions(orders=case.latency, feed_s=0.0, commit_s=0.0, epoch_ns=_T0)
    plan = Plan(length_s=length_s, conditions=conditions)
    site, _ = simulated_site(settings, case.seed, plan, Trace())
    assert site.violation is None, site.violation
    began_ms = _T0 // _MS
    orders = sorted(site.every_order(), key=lambda order: order.number)
    return Said(
        orders=[(o.created_ms - began_ms, o.side.value, o.price, o.quantity) for o in orders],
        fills=[
            (fill.at_ms - began_ms, fill.order.side.value, fill.price, fill.quantity)
            for fill in site.exchange.venue.orders.fills
        ],
    )


def directly(lines: Sequence[bytes], case: Case) -> Said:
    """Run its core as values."""
    settings = _settings(case)
    flow = RecordedFlow(queue=case.queue, through=Through(case.through))
    account = attrs.evolve(DEMO_ACCOUNT, balances=settings.simulator.balances)
    exchange = SimulatedExchange(
        ExchangeSettings(
            pairs=tuple(attrs.evolve(p, active=p.symbol == _DOGE) for p in DEFAULT_PAIRS),
            accounts=(account,),
            recorded=flow,
            limits=RateLimits(enabled=False),
            idle_limit_s=float("inf"),
        ),
        Random(case.seed),
        None,
        {_DOGE: raw_rows(lines, flow)},
    )
    terrain = Terrain(
        exchange=exchange,
        venue=Valr(Signer(account.api_key, account.api_secret, lambda: exchange.epoch_ns)),
        api_key=account.api_key,
        flow=flow,
        latency=case.latency,
    )
    subjects = {
        name: Subject(pair=strategy.pair, config=strategy_config_of(strategy))
        for name, strategy in settings.strategies.items()
    }
    outcome = DirectBacktest(terrain, subjects).run()
    grid = exchange.venue.listings[_DOGE].grid
    return Said(
        orders=[
            (
                (order.arrived_ns - _T0) // _MS,
                order.side.value,
                grid.nearest_ticks(order.price),
                grid.lots(order.quantity),
            )
            for order in outcome.orders
            if order.arrived_ns is not None
        ],
        fills=[
            (
                (fill.at_ns - _T0) // _MS,
                fill.side.value,
                grid.nearest_ticks(fill.price),
                grid.lots(fill.quantity),
            )
            for fill in outcome.fills
        ],
    )


def _settings(case: Case, *overrides: str) -> Settings:
    replay = (f'simulator.queue="{case.queue}"', f'simulator.through="{case.through}"')
    return load(_PAPER, [*_SETTINGS, *replay, *overrides], {})
