"""Recorded scenarios of Hummingbot's pure market making, and venues that replay them."""

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from trading.core.market import PriceLevel, Side
from trading.strategies.pure_market_making.compat.market import Book, Cancel, Create, Market
from trading.strategies.pure_market_making.compat.state import CompatState
from trading.strategies.pure_market_making.compat.tick import tick
from trading.strategies.pure_market_making.features import (
    HangingOrders,
    InventorySkew,
    MovingPriceBand,
    OrderOptimization,
    OwnLevel,
    PriceType,
)
from trading.strategies.pure_market_making.parameters import Compat, Parameters

D = Decimal
Json = dict[str, Any]

RECORDED = Path(__file__).parents[4] / "shared" / "pmm" / "golden"
DEFAULT_FILES = (RECORDED / "sync.json.gz", RECORDED / "async.json.gz")

_NO_MINIMUM = D(-1)
_ABSENT = D(-1)


@attrs.frozen
class Scenario:
    """One configuration and what was recorded with it, tick by tick."""

    name: str
    recorded: Json

    @property
    def answers_at_once(self) -> bool:
        return "wait" not in self.recorded


def scenarios(path: Path) -> Iterator[Scenario]:
    with gzip.open(path, "rt") as file:
        for recorded in json.load(file)["scenarios"]:
            yield Scenario(f"{path.name.split('.')[0]}-{recorded['seed']}", recorded)


def replay(scenario: Scenario) -> Iterator[tuple[int, object, object]]:
    """What was recorded at each second, and what happens here."""
    venue = AnsweringVenue if scenario.answers_at_once else ScriptedVenue
    yield from venue(scenario.recorded).replay()


def parameters_of(cfg: Json, *, wait: bool) -> Parameters:
    """The recorded configuration, in our terms."""
    own = tuple(
        OwnLevel(side=Side(side), spread=D(str(spread)) / 100, amount=D(str(amount)))
        for side, spread, amount in cfg["override"].values()
    )
    tolerance = D(cfg["order_refresh_tolerance_pct"])
    minimum = D(cfg["minimum_spread"])
    ceiling, floor = D(cfg["price_ceiling"]), D(cfg["price_floor"])
    return Parameters(
        bid_spread=D(cfg["bid_spread"]),
        ask_spread=D(cfg["ask_spread"]),
        minimum_spread=None if minimum == _NO_MINIMUM else minimum,
        order_amount=D(cfg["order_amount"]),
        order_levels=cfg["order_levels"],
        order_level_spread=D(cfg["order_level_spread"]),
        order_level_amount=D(cfg["order_level_amount"]),
        order_override=() if cfg["split"] else own,
        split_levels=own if cfg["split"] else (),
        order_refresh_time=cfg["order_refresh_time"],
        order_refresh_tolerance=tolerance if tolerance >= 0 else None,
        filled_order_delay=cfg["filled_order_delay"],
        max_order_age=cfg["max_order_age"],
        price_ceiling=None if ceiling == _ABSENT else ceiling,
        price_floor=None if floor == _ABSENT else floor,
        moving_price_band=MovingPriceBand(
            ceiling=D(cfg["ceiling_pct"]) / 100,
            floor=D(cfg["floor_pct"]) / 100,
            refresh_time=float(cfg["band_refresh"]),
        )
        if cfg["moving_band"]
        else None,
        ping_pong_enabled=cfg["ping_pong"],
        inventory_skew=InventorySkew(
            target_base=D(cfg["target"]), range_multiplier=D(cfg["range_mult"])
        )
        if cfg["skew"]
        else None,
        hanging_orders=HangingOrders(cancel_distance=D(cfg["hang_pct"]))
        if cfg["hanging"]
        else None,
        order_optimization=OrderOptimization(
            bid_depth=D(cfg["bid_depth"]), ask_depth=D(cfg["ask_depth"])
        )
        if cfg["optimize"]
        else None,
        add_transaction_costs=cfg["add_costs"],
        price_type=PriceType(cfg["price_type"]),
        take_if_crossed=cfg["take_if_crossed"],
        should_wait_order_cancel_confirmation=wait,
        compat=Compat.HUMMINGBOT,
    )


def _levels(recorded: list[list[str]]) -> tuple[PriceLevel, ...]:
    return tuple(PriceLevel(D(price), D(quantity)) for price, quantity in recorded)


@attrs.frozen(kw_only=True)
class Resting:
    """An order at the venue, as the venue rounded it."""

    side: Side
    price: Decimal
    quantity: Decimal


class AnsweringVenue:
    """A paper venue that answers every request at once, as ``golden/README.md`` describes it."""

    def __init__(self, recorded: Json) -> None:
        self.ticks = recorded["ticks"]
        self.fee = D(recorded["fee"])
        self.base, self.quote = D(recorded["base"]), D(recorded["quote"])
        self.tick_size, self.lot_size = D(recorded["tick"]), D(recorded["step"])
        self.state = CompatState(
            parameters=parameters_of(recorded["cfg"], wait=True), cancels_confirm_at_once=True
        )
        self.resting: dict[int, Resting] = {}
        self.last_trade: Decimal | None = None

    def replay(self) -> Iterator[tuple[int, object, object]]:
        for recorded in self.ticks:
            market = self._market(recorded)
            self._fill_crossed(market)
            tick(self.state, self._market(recorded))
            self._carry_out(market)
            yield recorded["t"], _as_set(recorded["orders"]), _as_set(self._shown())
            if "trade" in recorded:
                self._trade(Side(recorded["trade"][0]), D(recorded["trade"][1]))

    def _market(self, recorded: Json) -> Market:
        held_base = sum((o.quantity for o in self.resting.values() if o.side is Side.SELL), D(0))
        held_quote = sum(
            (o.price * o.quantity for o in self.resting.values() if o.side is Side.BUY), D(0)
        )
        return Market(
            now=float(recorded["t"]),
            own=Book(
                bids=_levels(recorded["bids"]),
                asks=_levels(recorded["asks"]),
                last_trade=self.last_trade,
            ),
            base=self.base - held_base,
            quote=self.quote - held_quote,
            fee=self.fee,
            tick_size=self.tick_size,
            lot_size=self.lot_size,
        )

    def _carry_out(self, market: Market) -> None:
        for command in self.state.sent():
            match command:
                case Cancel(number):
                    self.resting.pop(number, None)
                case Create():
                    self.resting[command.number] = Resting(
                        side=command.side,
                        price=market.to_tick(command.price),
                        quantity=market.to_lot(command.quantity),
                    )

    def _fill_crossed(self, market: Market) -> None:
        best_ask = market.to_tick(market.own.asks[0].price)
        best_bid = market.to_tick(market.own.bids[0].price)
        self._fill(Side.BUY, lambda price: price >= best_ask)
        self._fill(Side.SELL, lambda price: price <= best_bid)

    def _trade(self, taker: Side, price: Decimal) -> None:
        self.last_trade = price
        if taker is Side.SELL:
            self._fill(Side.BUY, lambda own: own > price)
        else:
            self._fill(Side.SELL, lambda own: own < price)

    def _fill(self, side: Side, reached: Any) -> None:
        hit = sorted(
            (n for n, order in self.resting.items() if order.side is side and reached(order.price)),
            key=lambda number: self.resting[number].price,
            reverse=side is Side.BUY,
        )
        for number in hit:
            order = self.resting.pop(number)
            notional = order.price * order.quantity
            if order.side is Side.BUY and notional <= self.quote:
                self.base += order.quantity
                self.quote -= notional
            elif order.side is Side.SELL and order.quantity <= self.base:
                self.base -= order.quantity
                self.quote += notional * (1 - self.fee)
            else:
                self.state.cancelled(number)
                continue
            self.state.completed(number)

    def _shown(self) -> list[list[Any]]:
        """As the strategy submitted them: what is recorded are not the venue's own figures."""
        return [
            [o.side.value, o.price, o.quantity, self.state.hanging.holds(number)]
            for number, o in self.state.active.items()
        ]


def _as_set(orders: list[list[Any]]) -> list[tuple[str, Decimal, Decimal, bool]]:
    return sorted((side, D(price), D(quantity), hangs) for side, price, quantity, hangs in orders)


class ScriptedVenue:
    """A venue whose answers were recorded, late ones and missing ones as well."""

    def __init__(self, recorded: Json) -> None:
        self.ticks = recorded["ticks"]
        self.fee = D(recorded["fee"])
        self.state = CompatState(parameters=parameters_of(recorded["cfg"], wait=recorded["wait"]))

    def replay(self) -> Iterator[tuple[int, object, object]]:
        for recorded in self.ticks:
            for kind, number, *_ in recorded["events"]:
                self._deliver(kind, number)
            base, quote = recorded["avail"]
            market = Market(
                now=float(recorded["t"]),
                own=Book(bids=_levels(recorded["bids"]), asks=_levels(recorded["asks"])),
                base=D(base),
                quote=D(quote),
                fee=self.fee,
                tick_size=D("0.01"),
                lot_size=D("0.01"),
            )
            tick(self.state, market)
            yield recorded["t"], _wanted(recorded["want"]), self._happened()

    def _deliver(self, kind: str, number: int) -> None:
        match kind:
            case "cancelled":
                self.state.cancelled(number)
            case "rejected":
                self.state.failed(number)
            case "filled":
                self.state.completed(number)
            case _:
                assert kind == "partial", kind

    def _happened(self) -> Json:
        sent = self.state.sent()
        return {
            "cancels": sorted(c.number for c in sent if isinstance(c, Cancel)),
            "creates": [
                (c.number, c.side.value, c.price, c.quantity) for c in sent if isinstance(c, Create)
            ],
            "hanging": sorted(self.state.hanging.hanging),
            "active": sorted(self.state.active),
        }


def _wanted(recorded: Json) -> Json:
    return {
        **recorded,
        "creates": [(n, side, D(price), D(size)) for n, side, price, size in recorded["creates"]],
        "hanging": sorted(recorded["hanging"]),
        "active": sorted(recorded["active"]),
    }
