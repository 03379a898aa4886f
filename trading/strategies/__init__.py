"""
Strategies: pure functions from views to decisions, and everything that one is written with.

The names below are what a strategy of another package imports; they stay as they are within a minor
version. Where they lie is our own affair.
"""

from trading.core.decimals import decimal_text
from trading.core.fees import Fees
from trading.core.identifiers import ClientOrderId, Currency, Pair
from trading.core.instrument import Instrument
from trading.core.market import Balance, PriceLevel, Side, TopOfBook, Trade
from trading.decisions.decision import Amend, Decision, Gate, Quote
from trading.orders.completed import CompletedOrder, CompletedOrders
from trading.orders.order import Order, OrderStatus
from trading.strategies.interface import (
    LimitedDepth,
    Prices,
    Reconfigurable,
    ReferencePrice,
    SeenTrades,
    Strategy,
    View,
)

__all__ = [
    "Amend",
    "Balance",
    "ClientOrderId",
    "CompletedOrder",
    "CompletedOrders",
    "Currency",
    "Decision",
    "Fees",
    "Gate",
    "Instrument",
    "LimitedDepth",
    "Order",
    "OrderStatus",
    "Pair",
    "PriceLevel",
    "Prices",
    "Quote",
    "Reconfigurable",
    "ReferencePrice",
    "SeenTrades",
    "Side",
    "Strategy",
    "TopOfBook",
    "Trade",
    "View",
    "decimal_text",
]
