"""A result with everything in it that a report shows, made by chance and a seed."""

from decimal import Decimal
from random import Random

import attrs

from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.market import SIDES, Side
from trading.research.result import (
    GateSpan,
    Head,
    Holdings,
    MidSeries,
    Result,
    Run,
    RunFill,
    RunKind,
    RunOrder,
)
from trading.research.worth import sign

HOSTILE = StrategyName("<img src=x onerror=alert(1)></script>&amp;")
BEGIN_NS = 1_790_121_600_000_000_000
S = 1_000_000_000
_REFRESH_S = 15
_LEVELS = 2


def a_busy_result(seed: int = 1, *, hours: int = 6, hostile: bool = True) -> Result:
    """A backtest of two strategies; the name of the second is markup."""
    random = Random(seed)
    runs = [_run(random, StrategyName("doge"), hours)]
    if hostile:
        runs.append(_run(random, HOSTILE, hours, gates=False))
    return Result(
        head=Head(
            kind=RunKind.BACKTEST,
            engine="paper",
            venue="recorded market",
            code="3f9c1a5e",
            seed=seed,
            models={
                "queue": "power:3",
                "latency": "constant:50ms,50ms",
                "fees": "0 %, 0.1 %",
                "path": "direct",
            },
            data="data/doge-2026-09-23",
            data_digest="9d" * 32,
            notes=("A note with <b>markup</b> in it.",),
        ),
        runs=tuple(runs),
    )


@attrs.define
class _Market:
    """A mid price that goes about by half ticks."""

    random: Random
    half_ticks: int = 20_000

    def step(self) -> Decimal:
        self.half_ticks += self.random.choice([-3, -1, 0, 0, 0, 1, 3])
        return self.half_ticks * Decimal("0.000005")


def _run(random: Random, name: StrategyName, hours: int, *, gates: bool = True) -> Run:
    market = _Market(random)
    seconds = hours * 3600
    gap = range(seconds // 2, seconds // 2 + seconds // 24)
    times, prices, fills, orders = [], [], [], []
    working: list[RunOrder] = []
    for second in range(seconds):
        mid = market.step()
        times.append(BEGIN_NS + second * S)
        prices.append(None if second in gap else mid)
        now = BEGIN_NS + second * S + S // 2
        if second % _REFRESH_S == 0 or not working:
            orders += [_ended(order, now, "cancelled") for order in working]
            working = [] if second in gap else _placed(len(orders), mid, now, random)
        for order in list(working):
            if random.random() < 0.012 / (1 + (order.level or 0)):
                working.remove(order)
                orders.append(_ended(order, now, "filled"))
                fills.append(_fill(order, now, random))
    orders += [_ended(order, times[-1], "cancelled") for order in working]
    return Run(
        strategy=name,
        pair=Pair("DOGEUSDT"),
        base=Currency("DOGE"),
        quote=Currency("USDT"),
        from_ns=BEGIN_NS,
        to_ns=BEGIN_NS + seconds * S,
        orders=tuple(orders),
        fills=tuple(fills),
        tick=Decimal("0.00001"),
        gates=_gates(random, seconds) if gates else None,
        mids=MidSeries(at_ns=tuple(times), prices=tuple(prices), until_ns=times[-1]),
        start=Holdings(Decimal(20_000), Decimal(2_000)),
        queue="power:3",
    )


def _placed(number: int, mid: Decimal, now: int, random: Random) -> list[RunOrder]:
    found = []
    for side in SIDES:
        for level in range(_LEVELS):
            number += 1
            away = Decimal("0.0001") * (1 + level)
            ahead = Decimal(random.randrange(0, 5000))
            found.append(
                RunOrder(
                    order_id=f"o-{number}-{now}",
                    side=side,
                    price=(mid - sign(side) * away).quantize(Decimal("0.00001")),
                    quantity=Decimal(40 + 10 * level),
                    filled=Decimal(0),
                    decided_ns=now,
                    placed_ns=now + S // 20,
                    ended_ns=None,
                    status="open",
                    level=level,
                    mid_price=mid,
                    queue_ahead=ahead,
                    queue_best=ahead // 3,
                )
            )
    return found


def _ended(order: RunOrder, now: int, status: str) -> RunOrder:
    is_filled = status == "filled"
    return RunOrder(
        **{
            **{name: getattr(order, name) for name in order.__struct_fields__},
            "ended_ns": max(now, order.placed_ns or now),
            "status": status,
            "filled": order.quantity if is_filled else Decimal(0),
            "cancel_sent_ns": None if is_filled else now - S // 20,
            "filled_at_cancel": None if is_filled else Decimal(0),
        }
    )


def _fill(order: RunOrder, now: int, random: Random) -> RunFill:
    return RunFill(
        at_ns=now,
        side=order.side,
        price=order.price,
        quantity=order.quantity,
        fee=Decimal("0.0001") * random.randrange(-2, 5),
        fee_currency="USDT" if order.side is Side.SELL else "DOGE",
        order_id=order.order_id,
        maker=random.random() < 0.95,
    )


def _gates(random: Random, seconds: int) -> tuple[GateSpan, ...]:
    found = [
        GateSpan(code="not_ready", side=None, from_ns=BEGIN_NS, to_ns=BEGIN_NS + seconds // 40 * S)
    ]
    for code, often, long in (
        ("fill_delay", 200, 6),
        ("refresh_running", 900, 2),
        ("ceiling", 6, 900),
    ):
        for _ in range(often):
            begin = random.randrange(seconds - long)
            found.append(
                GateSpan(
                    code=code,
                    side=random.choice(SIDES),
                    from_ns=BEGIN_NS + begin * S,
                    to_ns=BEGIN_NS + (begin + random.randrange(1, long + 1)) * S,
                )
            )
    return tuple(sorted(found, key=lambda gate: gate.from_ns))
