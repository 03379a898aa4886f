"""Limits before the wire: what no order may break, whatever a strategy decides."""

from trading.risk.breaches import breaches
from trading.risk.check import CheckedAmendment, CheckedOrder, check, check_amendment
from trading.risk.exposure import Exposure, Interval, exposure
from trading.risk.limits import RiskLimits
from trading.risk.open_orders import OpenOrders
from trading.risk.profit_watch import Profit, ProfitWatch
from trading.risk.refusal import Refusal, RefusalCode
from trading.risk.view import Results, RiskView

__all__ = [
    "CheckedAmendment",
    "CheckedOrder",
    "Exposure",
    "Interval",
    "OpenOrders",
    "Profit",
    "ProfitWatch",
    "Refusal",
    "RefusalCode",
    "Results",
    "RiskLimits",
    "RiskView",
    "breaches",
    "check",
    "check_amendment",
    "exposure",
]
