"""An imported configuration as a file of ours."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from config.hummingbot.importing import Importing, Matter, Remark
from config.limit_settings import MONEY_LIMITS

_WIDTH = 92


def document(importing: Importing, remarks: Sequence[Remark], origin: str) -> str:
    """The whole file; every remark about a key stands above it."""
    return "\n".join(_lines(importing, remarks, origin)) + "\n"


def strategy_name(importing: Importing) -> str:
    """A name for the only strategy: the base currency's."""
    base = re.split(r"[-/_]", importing.word("market") or "pmm", maxsplit=1)[0]
    return re.sub(r"[^a-z0-9]", "", base.lower())[:12] or "pmm"


def _lines(importing: Importing, remarks: Sequence[Remark], origin: str) -> Iterator[str]:
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
    yield 'kind = "pure_market_making"'
    compat = 'compat = "hummingbot"   # decide as the original does, once a second, quirks included'
    yield compat if importing.compat else f"# {compat}"
    yield from _keys(importing, remarks)
    for label, order in importing.overrides.items():
        yield ""
        yield f"[strategies.{name}.order_override.{label}]"
        yield from (f"{key} = {text}" for key, text in order.items())
    yield ""
    yield from _for_real_money(name)


def _keys(importing: Importing, remarks: Sequence[Remark]) -> Iterator[str]:
    written = {"pair" if key == "market" else key for key in importing.given}
    about = [r for r in remarks if r.matter in {Matter.CHANGED, Matter.REFUSED, Matter.UNKNOWN}]
    for remark in about:
        key = "pair" if remark.key == "market" else remark.key.partition(".")[0]
        if key not in importing.lines and remark.key:
            yield from _comment(_sentence(remark))
    for key, text in importing.lines.items():
        for remark in about:
            if remark.key == key:
                yield from _comment(_sentence(remark))
        implied = "" if key in written or key.startswith("trading_") else "   # its default there"
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
