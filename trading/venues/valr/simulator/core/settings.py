"""Settings of a simulated exchange: pairs, accounts, fees, and the source of its market."""

from collections.abc import Mapping
from decimal import Decimal

import attrs
from attrs import validators

from trading.core import fees
from trading.core.decimals import ZERO
from trading.core.identifiers import Currency
from trading.simulator.core.flows import RecordedFlow, SyntheticFlow
from trading.simulator.core.pair import DEFAULT_PAIRS, SimulatedPair
from trading.venues.valr.permissions import Permission
from trading.venues.valr.rules import RateLimits, VenueRules
from trading.venues.valr.simulator.core.fault_plan import FaultPlan

_PERCENT = Decimal("0.01")


@attrs.frozen(kw_only=True)
class DemoAccount:
    """
    A trading account.

    Args:
        api_key: What requests name themselves with.
        api_secret: What requests are signed with; protects nothing but play money.
        balances: What the account begins with, by currency.
        permissions: What the key may do.
        addresses: The addresses that the key is said to be bound to; clients have none here, so
            all may use it.
    """

    api_key: str
    api_secret: str = attrs.field(repr=False)
    balances: Mapping[Currency, Decimal]
    permissions: tuple[Permission, ...] = (Permission.VIEW, Permission.TRADE)
    addresses: str | None = None


@attrs.frozen(kw_only=True)
class Fees:
    """
    Fees in percent (0.1 is a thousandth), as VALR's wire states them.

    Args:
        maker_percentage: Negative is a rebate.
    """

    maker_percentage: Decimal = ZERO
    taker_percentage: Decimal = attrs.field(default=Decimal("0.1"), validator=validators.ge(ZERO))

    @property
    def fractions(self) -> fees.Fees:
        return fees.Fees(
            maker=self.maker_percentage * _PERCENT, taker=self.taker_percentage * _PERCENT
        )


DEMO_ACCOUNT = DemoAccount(
    api_key="de30" * 16,
    api_secret="5ec7e7" * 10 + "5ec7",
    balances={
        Currency("USDT"): Decimal(1000),
        Currency("DOGE"): Decimal(10_000),
        Currency("BTC"): Decimal("0.05"),
        Currency("ETH"): Decimal(1),
        Currency("ZAR"): Decimal(50_000),
    },
)


@attrs.frozen(kw_only=True)
class ExchangeSettings:
    """
    The settings of a whole simulated exchange.

    Args:
        accounts: Each with a key of its own.
        synthetic: The market of every pair that is not a recording.
        recorded: How recordings are replayed, where some are handed in.
        authentication_failure_status: HTTP status of a refused key or signature.
        timestamp_window_ms: Largest difference between a request's timestamp and the exchange's
            clock; ``None`` accepts any.
        idle_limit_s: A socket that says nothing for so long is cut without a Close frame.
        unauthenticated_limit_s: A socket without a key is cut after so long, whatever it says.
        outgoing_frames_max: A socket that leaves so many frames unread is cut.
        rules: How it behaves where the real one's ways are unknown.
        limits: The rate limits.
        faults: What goes wrong on purpose.
    """

    pairs: tuple[SimulatedPair, ...] = DEFAULT_PAIRS
    accounts: tuple[DemoAccount, ...] = (DEMO_ACCOUNT,)
    fees: Fees = Fees()
    synthetic: SyntheticFlow = SyntheticFlow()
    recorded: RecordedFlow = RecordedFlow()
    authentication_failure_status: int = 401
    timestamp_window_ms: int | None = None
    idle_limit_s: float = 60.0
    unauthenticated_limit_s: float = 900.0
    outgoing_frames_max: int = 4096
    rules: VenueRules = attrs.field(factory=VenueRules)
    limits: RateLimits = attrs.field(factory=RateLimits)
    faults: FaultPlan = attrs.field(factory=FaultPlan)
