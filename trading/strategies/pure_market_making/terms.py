"""The parameters for the life of a set of orders, which all strategies built on ``upkeep`` have."""

from decimal import Decimal
from typing import Protocol

from trading.strategies.pure_market_making.features import HangingOrders, Reaction


class Terms(Protocol):
    """Fields of any strategy's parameters; ``Parameters`` says what each means."""

    @property
    def minimum_spread(self) -> Decimal | None: ...
    @property
    def order_refresh_time(self) -> float: ...
    @property
    def order_refresh_tolerance(self) -> Decimal | None: ...
    @property
    def order_refresh_amount_tolerance(self) -> Decimal | None: ...
    @property
    def filled_order_delay(self) -> float: ...
    @property
    def max_order_age(self) -> float: ...
    @property
    def reaction(self) -> Reaction | None: ...
    @property
    def hanging_orders(self) -> HangingOrders | None: ...
