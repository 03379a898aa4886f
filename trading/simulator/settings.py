"""What a simulated exchange is made of: pairs, accounts, fees, and where its market comes from."""

from collections.abc import Mapping
from decimal import Decimal

import attrs
from attrs import validators

from trading.decimals import ZERO
from trading.identifiers import Currency, Pair
from trading.simulator.faults import FaultPlan
from trading.simulator.rules import RateLimits, VenueRules
from trading.venues.valr.permissions import Permission

_FRACTION_DIGITS_MAX = 16
"""Price times quantity must stay exact within a Decimal's 28 digits."""


def _positive(_: object, field: "attrs.Attribute[Decimal]", value: Decimal) -> None:
    if not (value.is_finite() and value > ZERO):
        raise ValueError(f"{field.name} is above zero, not {value}")


@attrs.frozen(kw_only=True)
class SimulatedPair:
    """
    One pair's rules, and where its synthetic market begins.

    Args:
        tick_size: Price step, in quote currency.
        base_decimal_places: Quantities are truncated to it.
        min_base: Smallest order, in base currency.
        max_base: Largest order, in base currency.
        min_quote: Smallest price times quantity, in quote currency.
        max_quote: Largest price times quantity, in quote currency.
        start_price: In quote currency.
        typical_notional: Median size of a synthetic limit order, in quote currency.
    """

    symbol: Pair
    base: Currency
    quote: Currency
    tick_size: Decimal = attrs.field(validator=_positive)
    base_decimal_places: int = attrs.field(validator=[validators.ge(0), validators.le(8)])
    min_base: Decimal = attrs.field(validator=_positive)
    max_base: Decimal = attrs.field(validator=_positive)
    min_quote: Decimal = attrs.field(validator=_positive)
    max_quote: Decimal = attrs.field(validator=_positive)
    start_price: Decimal = attrs.field(validator=_positive)
    typical_notional: Decimal = attrs.field(default=Decimal(200), validator=_positive)
    active: bool = True

    def __attrs_post_init__(self) -> None:
        exponent = self.tick_size.as_tuple().exponent
        assert isinstance(exponent, int)
        if max(0, -exponent) + self.base_decimal_places > _FRACTION_DIGITS_MAX:
            raise ValueError(f"{self.symbol}: tick and lot have too many decimal places together")
        if self.start_price < 100 * self.tick_size:
            raise ValueError(f"{self.symbol}: start_price leaves no room for a book below it")


@attrs.frozen(kw_only=True)
class DemoAccount:
    """
    Somebody who trades here.

    Args:
        api_key: What requests name themselves with.
        api_secret: What requests are signed with; protects nothing but play money.
        balances: What the account begins with, by currency.
        permissions: What the key may do.
        addresses: What the key says that it is bound to; clients have no address here, so it binds
            nobody.
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


@attrs.frozen(kw_only=True)
class SyntheticFlow:
    """
    A crowd of traders around a slowly moving fair price. Rates are per second and pair.

    Args:
        limit_orders_per_s: New resting orders, both sides together.
        lifetime_s: How long one of them stays before it is cancelled, on average.
        market_orders_per_s: Orders that take what rests.
        half_spread: Nearest new order to the fair price, as a fraction of it.
        depth: Average distance of a new order beyond that, as a fraction.
        far_share: Share of orders placed five times deeper.
        order_sigma: Spread of the logarithm of resting order sizes.
        market_order_median: Median market order, in multiples of the pair's typical order.
        market_order_sigma: Spread of the logarithm of market order sizes.
        market_order_reach: No market order goes further from the fair price, as a fraction.
        impact: Share of a market order's reach that the fair price keeps.
        volatility: Standard deviation of the fair price over one second, as a fraction.
        reversion_s: Time over which the fair price is drawn back to the start price.
        levels_min: A side thinner than this is filled up from behind.
    """

    limit_orders_per_s: float = attrs.field(default=12.0, validator=validators.gt(0))
    lifetime_s: float = attrs.field(default=20.0, validator=validators.gt(0))
    market_orders_per_s: float = attrs.field(default=0.9, validator=validators.gt(0))
    half_spread: float = attrs.field(default=0.00015, validator=validators.gt(0))
    depth: float = attrs.field(default=0.0012, validator=validators.gt(0))
    far_share: float = 0.2
    order_sigma: float = 0.8
    market_order_median: float = 2.0
    market_order_sigma: float = 1.5
    market_order_reach: float = 0.006
    impact: float = 0.05
    volatility: float = 0.00006
    reversion_s: float = attrs.field(default=21_600.0, validator=validators.gt(0))
    levels_min: int = attrs.field(default=25, validator=validators.ge(20))


@attrs.frozen(kw_only=True)
class RecordedFlow:
    """
    How a recording is replayed.

    A recorded price of n ticks becomes a price of n of the pair's ticks, a recorded quantity of n
    lots becomes n of the pair's lots: nothing is lost, but what a few old orders have beyond a lot.

    Args:
        speed: Recorded seconds per second.
        tick_size: The recording's price step.
        lot_size: The recording's quantity step.
    """

    speed: float = attrs.field(default=1.0, validator=validators.gt(0))
    tick_size: Decimal = attrs.field(default=Decimal("0.01"), validator=_positive)
    lot_size: Decimal = attrs.field(default=Decimal("0.00001"), validator=_positive)


def _pair(
    symbol: str, base: str, quote: str, *, active: bool = True, **rules: str
) -> SimulatedPair:
    """A pair from the texts in which its rules are published."""
    decimals = {
        name: Decimal(text) for name, text in rules.items() if name != "base_decimal_places"
    }
    return SimulatedPair(
        symbol=Pair(symbol),
        base=Currency(base),
        quote=Currency(quote),
        base_decimal_places=int(rules["base_decimal_places"]),
        active=active,
        **decimals,
    )


DEFAULT_PAIRS: tuple[SimulatedPair, ...] = (
    _pair(
        *("DOGEUSDT", "DOGE", "USDT"),
        tick_size="0.00001",
        base_decimal_places="0",
        min_base="4",
        max_base="500000",
        min_quote="0.5",
        max_quote="200000",
        start_price="0.1",
    ),
    _pair(
        *("BTCUSDT", "BTC", "USDT"),
        tick_size="0.01",
        base_decimal_places="5",
        min_base="0.00001",
        max_base="10",
        min_quote="0.5",
        max_quote="500000",
        start_price="60000",
        typical_notional="1000",
    ),
    _pair(
        *("BTCZAR", "BTC", "ZAR"),
        tick_size="1",
        base_decimal_places="8",
        min_base="0.00001",
        max_base="8",
        min_quote="10",
        max_quote="5000000",
        start_price="1100000",
        typical_notional="15000",
    ),
    _pair(
        *("ETHZAR", "ETH", "ZAR"),
        tick_size="1",
        base_decimal_places="8",
        min_base="0.0002",
        max_base="240",
        min_quote="10",
        max_quote="5000000",
        start_price="48000",
        typical_notional="8000",
    ),
    _pair(
        *("XMRETH", "XMR", "ETH"),
        active=False,
        tick_size="0.00000001",
        base_decimal_places="8",
        min_base="0.0189",
        max_base="64",
        min_quote="0.0075",
        max_quote="25",
        start_price="0.06",
    ),
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
    A whole simulated exchange.

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
        limits: How often anybody may ask.
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
