"""Writes an imported configuration as a file of ours."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from config.hummingbot.importing import Importing, Matter, Remark
from config.hummingbot.play_market import PlayMarket
from config.sections.limits import MONEY_LIMITS
from config.source.problems import looks_like_a_key
from trading.core.decimals import decimal_text

_WIDTH = 92
_ABOUT_A_KEY = frozenset({Matter.CHANGED, Matter.REFUSED, Matter.DOUBTED, Matter.UNKNOWN})


def document(
    importing: Importing,
    kind: str,
    market: PlayMarket | None,
    remarks: Sequence[Remark],
    origin: str,
) -> str:
    """The whole file; every remark about a key stands above it."""
    lines = [
        *_lines(importing, kind, remarks, origin),
        *(_play_market(market) if market is not None else ()),
        *_for_real_money(strategy_name(importing)),
    ]
    return "\n".join(lines) + "\n"


def strategy_name(importing: Importing) -> str:
    """The name of the only strategy: that of its base currency."""
    market = importing.word("market")
    base = re.split(r"[-/_]", "" if looks_like_a_key(market) else market, maxsplit=1)[0]
    return re.sub(r"[^a-z0-9]", "", base.lower())[:12] or "pmm"


def _lines(
    importing: Importing, kind: str, remarks: Sequence[Remark], origin: str
) -> Iterator[str]:
    name = strategy_name(importing)
    yield from _comment(
        f"From Hummingbot's {origin}, by engine import-hummingbot. As it stands it trades play"
        " money on the simulated exchange; what is to be done for real money stands at the end."
    )
    yield ""
    yield "[engine]"
    yield f'name = "{name}"'
    yield ""
    yield "[venue]"
    yield 'kind = "valr"'
    yield ""
    yield f"[strategies.{name}]"
    yield f'kind = "{kind}"'
    yield _compat(importing)
    yield from _keys(importing, remarks)
    for label, order in importing.overrides.items():
        yield ""
        yield f"[strategies.{name}.order_override.{label}]"
        yield from (f"{key} = {text}" for key, text in order.items())
    yield ""


def _play_market(market: PlayMarket) -> Iterator[str]:
    yield from _comment(
        "The simulated exchange that it trades on as it stands; without effect on a real one. The"
        " play money is enough for some sets of orders on both sides."
    )
    yield "[simulator.balances]"
    yield from (f"{name} = {decimal_text(amount)}" for name, amount in market.balances.items())
    for pair in market.pairs:
        yield ""
        yield from _comment(
            "What Hummingbot's file does not say is made up: put what the pair really costs as"
            " start_price, and look at the venue for its rules."
        )
        yield f"[simulator.pairs.{pair.symbol}]"
        yield f'base = "{pair.base}"'
        yield f'quote = "{pair.quote}"'
        yield f"tick_size = {decimal_text(pair.tick_size)}"
        yield f"base_decimal_places = {pair.base_decimal_places}"
        for key in ("min_base", "max_base", "min_quote", "max_quote", "start_price"):
            yield f"{key} = {decimal_text(getattr(pair, key))}"
        yield f"typical_notional = {decimal_text(pair.typical_notional)}"
    yield ""


def _compat(importing: Importing) -> str:
    if importing.has_sessions:
        return (
            'compat = "hummingbot"   # the original\'s form of the formulas: risk_factor is of it'
        )
    compat = 'compat = "hummingbot"   # decide as the original does, once a second, quirks included'
    return compat if importing.compat else f"# {compat}"


def _keys(importing: Importing, remarks: Sequence[Remark]) -> Iterator[str]:
    about = [r for r in remarks if r.matter in _ABOUT_A_KEY]
    for remark in about:
        key = "pair" if remark.key == "market" else remark.key.partition(".")[0]
        if key not in importing.lines and remark.key:
            yield from _comment(_sentence(remark))
    for key, text in importing.lines.items():
        for remark in about:
            if remark.key == key:
                yield from _comment(_sentence(remark))
        implied = "   # its default there" if key in importing.implied else ""
        yield f"{key} = {text}{implied}"


def _for_real_money(name: str) -> Iterator[str]:
    yield from _comment(
        "Limits of money have no default on a real exchange: only you know how much is too much."
        " docs/risk.md says how to choose; remove the # and fill in each."
    )
    yield f"# [strategies.{name}.limits]"
    for key, meaning in MONEY_LIMITS.items():
        yield f"# {key} =   # {meaning}"
    yield ""
    yield from _comment(
        "For real money also read config/live.example.toml, and put these lines below [venue]:"
    )
    yield '# rest_url = "https://api.valr.com"'
    yield '# websocket_url = "wss://api.valr.com"'
    yield '# credentials.api_key = { env = "VALR_API_KEY" }'
    yield '# credentials.api_secret = { env = "VALR_API_SECRET" }'


def _sentence(remark: Remark) -> str:
    quirk = "" if remark.quirk is None else f" [{remark.quirk}]"
    stop = "" if remark.cure.endswith("?") else "."
    cure = f" Cure: {remark.cure}{stop}" if remark.cure else ""
    prefix = "TO CHANGE: " if remark.matter is Matter.REFUSED else ""
    return f"{prefix}{remark.key}: {remark.text}{quirk}.{cure}"


def _comment(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ")
