"""Configurations for tests, loaded from memory."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from config.load.loading import load
from config.settings import Settings
from config.source.files import FileContent
from config.source.problems import ConfigurationProblems
from config.strategies.pure_market_making import PureMarketMakingSettings
from tests.config.memory_files import MemoryFiles
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument

PAPER = """\
[engine]
name = "paper"

[venue]
kind = "valr"

[strategies.doge]
kind = "pure_market_making"
pair = "DOGE-USDT"
order_amount = 40
bid_spread = "0.1 %"
ask_spread = "0.2 %"
order_refresh_time = 15
"""

LIVE_WITHOUT_LIMITS = PAPER.replace(
    'kind = "valr"\n',
    """\
kind = "valr"
rest_url = "https://api.valr.com"
websocket_url = "wss://api.valr.com"
credentials.api_key = { env = "VALR_API_KEY" }
credentials.api_secret = { env = "VALR_API_SECRET" }
""",
)

LIMITS = """\
[strategies.doge.limits]
max_order_notional = 20
min_base_holding = 0
max_base_holding = 400
min_quote_holding = 10
max_daily_loss = 2
max_drawdown = 3
"""

LIVE = LIVE_WITHOUT_LIMITS + LIMITS

KEYS = {"VALR_API_KEY": "0123456789abcdef" * 4, "VALR_API_SECRET": "fedcba9876543210" * 4}


def instrument(
    base: str, quote: str, *, lot: str = "1", least: str = "4", active: bool = True
) -> Instrument:
    return Instrument(
        pair=Pair(base + quote),
        base=Currency(base),
        quote=Currency(quote),
        tick_size=Decimal("0.00001"),
        lot_size=Decimal(lot),
        quantity_min=Decimal(least),
        quantity_max=Decimal(500_000),
        notional_min=Decimal("0.5"),
        notional_max=Decimal(200_000),
        active=active,
    )


INSTRUMENTS: Mapping[str, Instrument] = {
    rules.pair: rules
    for rules in (
        instrument("DOGE", "USDT"),
        instrument("BTC", "USDT", lot="0.00001", least="0.00001"),
        instrument("XMR", "ETH", active=False),
    )
}


def loaded(
    text: str | bytes,
    *overrides: str,
    environment: Mapping[str, str] | None = None,
    instruments: Mapping[str, Instrument] | None = None,
    other_files: Mapping[str, bytes | FileContent] | None = None,
) -> Settings:
    data = text if isinstance(text, bytes) else text.encode()
    return load(
        "test.toml",
        overrides,
        environment or {},
        files=MemoryFiles({"test.toml": data, **(other_files or {})}),
        simulated_pairs=None if instruments is None else lambda: instruments,
    )


def making(settings: Settings, name: str = "doge") -> PureMarketMakingSettings:
    """A pure-market-making strategy's settings."""
    strategy = settings.strategies[StrategyName(name)]
    assert isinstance(strategy, PureMarketMakingSettings)
    return strategy


def refusal(
    text: str | bytes,
    *overrides: str,
    environment: Mapping[str, str] | None = None,
    instruments: Mapping[str, Instrument] | None = None,
    other_files: Mapping[str, bytes | FileContent] | None = None,
) -> ConfigurationProblems:
    """
    What is said about a configuration that is not taken.

    Raises:
        AssertionError: It is taken.
    """
    try:
        loaded(
            text,
            *overrides,
            environment=environment,
            instruments=instruments,
            other_files=other_files,
        )
    except ConfigurationProblems as problems:
        return problems
    raise AssertionError("nothing was found wrong")


def golden(problems: ConfigurationProblems) -> Sequence[str]:
    return str(problems).splitlines()
