"""The configuration that follows from the answers, with a comment on every line."""

import re
from decimal import Decimal
from typing import Any

import attrs

from config.rules.rules import percent_text
from engine.wizard.market import Market, name_of
from engine.wizard.suggestions import limits, play_money
from trading.core.decimals import decimal_text
from trading.core.instrument import Instrument

_NAME_LENGTH_MAX = 12


@attrs.frozen(kw_only=True)
class Live:
    """
    What makes it real.

    Args:
        key_variables: The environment variables that hold the key and its secret.
    """

    kind: str
    rest_url: str
    websocket_url: str
    key_variables: tuple[str, str]


@attrs.frozen(kw_only=True)
class Answers:
    """
    Everything that a first configuration needs.

    Args:
        spread: A fraction of the mid price.
        refresh_s: Seconds that a set of orders is meant to stand.
        max_loss: Of a day, in quote currency.
        live: ``None`` for play money.
    """

    market: Market
    order_amount: Decimal
    spread: Decimal
    refresh_s: Decimal
    max_loss: Decimal
    live: Live | None = None


def strategy_name(answers: Answers) -> str:
    """The strategy's name: the base currency's, as names may be."""
    return re.sub(r"[^a-z0-9]", "", answers.market.instrument.base.lower())[:_NAME_LENGTH_MAX]


def document(answers: Answers, path: str) -> str:
    """
    The file's text.

    Args:
        path: The file, as a person would name it in a command.
    """
    return "\n".join(
        (_head(answers, path), _venue(answers), _strategy(answers), _limits(answers), _alerts(path))
    )


def _head(answers: Answers, path: str) -> str:
    paper = answers.live is None
    name = "paper" if paper else "live1"
    what = (
        "Play money, on a simulated exchange that the engine starts itself. No order leaves here."
        if paper
        else "THIS TRADES REAL MONEY. Read every line, and start small."
    )
    return f"""\
# {what}
#
#   engine doctor {path}     checks every step, and places no order
#   engine plan {path}       shows the orders that it would have
#   engine run {path}        until Ctrl-C
#   engine reload {path}     takes a change of this file over while it runs
#   engine web {path}        shows it in a browser (pip install 'quotewright[web]')
#
# Percentages are text with their sign ("0.1 %"), times are seconds, amounts are exact.

[engine]
name = "{name}"            # part of every order's id; another one for each engine of an account
state_directory = "state"  # beside this file: its ledger; keep it from run to run

[log]
file = "logs/{name}.jsonl"   # everything that happened, one JSON object a line
"""


def _venue(answers: Answers) -> str:
    live = answers.live
    if live is None:
        money = play_money(answers.market, answers.order_amount)
        rows = "\n".join(f"{currency} = {decimal_text(held)}" for currency, held in money.items())
        return f"""\
[venue]
kind = "valr"   # without URLs here, the engine starts its own VALR look-alike and trades there

[simulator]
maker_fee = "0 %"     # of each fill of an order that waited in the book
taker_fee = "0.1 %"   # of each fill of an order that took from the book

[simulator.balances]  # the play money that the account begins with
{rows}
"""
    key, secret = live.key_variables
    return f"""\
[venue]
kind = "{live.kind}"
rest_url = "{live.rest_url}"
websocket_url = "{live.websocket_url}"

# The key by reference, never by value: variables, or files that only you can read. It needs the
# permissions View and Trade, and no other; bind it to this machine's address.
[venue.credentials]
api_key = {{ env = "{key}" }}
api_secret = {{ env = "{secret}" }}
"""


def _strategy(answers: Answers) -> str:
    rules, name = answers.market.instrument, strategy_name(answers)
    spread = percent_text(answers.spread)
    tolerance = percent_text(answers.spread / 5)
    return _aligned(
        f"[strategies.{name}]            # any name of 1 to 12 of a-z and 0-9",
        ('kind = "pure_market_making"', "bids below and asks above the mid price"),
        (
            f'pair = "{name_of(rules)}"',
            f"sells and buys {rules.base} (base currency) for {rules.quote} (quote currency)",
        ),
        (
            f"order_amount = {decimal_text(answers.order_amount)}",
            f"{rules.base} in each order; {_smallest(rules)}",
        ),
        (f'bid_spread = "{spread}"', "the bid is this far below the mid price"),
        (f'ask_spread = "{spread}"', "the ask is this far above it"),
        ("order_levels = 1", "so many bids and so many asks"),
        (
            f"order_refresh_time = {decimal_text(answers.refresh_s)}",
            "after so many seconds, orders are replaced at the new mid price...",
        ),
        (
            f'order_refresh_tolerance_pct = "{tolerance}"',
            "...unless no price would move by more than this",
        ),
        ("filled_order_delay = 5", "after an order is filled whole, wait so long"),
        ("max_order_age = 1800", "no order stays longer than this"),
    )


def _smallest(rules: Instrument) -> str:
    least, worth, lot = map(decimal_text, (rules.quantity_min, rules.notional_min, rules.lot_size))
    return f"{least} or more, worth {worth} {rules.quote} or more, in steps of {lot}"


def _limits(answers: Answers) -> str:
    rules = answers.market.instrument
    held = answers.market.held or {}
    if answers.live is None:
        held = play_money(answers.market, answers.order_amount)
    found = limits(answers.market, answers.order_amount, answers.max_loss, held)
    base, quote = rules.base, rules.quote
    words = {
        "max_order_notional": f"{quote} that one order may be worth",
        "min_base_holding": f"{base} that are never sold, were every ask to fill",
        "max_base_holding": f"{base} that are never exceeded, were every bid to fill",
        "min_quote_holding": f"{quote} that are never spent, were every bid to fill",
        "max_daily_loss": f"{quote} lost within one UTC day halt everything",
        "max_drawdown": f"and so do so many {quote} below the best that its profit ever was",
    }
    values: dict[str, Any] = attrs.asdict(found)
    return (
        "# What it may do at most, whatever it decides. Holdings are the whole account's; they\n"
        "# leave room for ten orders in each direction. docs/risk.md says how to choose.\n"
    ) + _aligned(
        f"[strategies.{strategy_name(answers)}.limits]",
        *((f"{key} = {decimal_text(values[key])}", said) for key, said in words.items()),
    )


def _aligned(head: str, *rows: tuple[str, str]) -> str:
    width = max(len(line) for line, _ in rows)
    return "\n".join((head, *(f"{line:<{width}}   # {said}" for line, said in rows), ""))


def _alerts(path: str) -> str:
    return f"""\
# Messages to a phone or a mailbox when something matters (docs/alerts.md). An address holds a
# secret, so this file names only where it is kept: in a shell, before each of these commands,
#
#   pip install 'quotewright[alerts]'
#   export ALERTS_TO=ntfys://ntfy.sh/TOPIC   an address of Apprise
#   engine alerts test {path}   sends a message, and says whether it arrived
#   engine run {path}
#
# [alerts]
# to = [{{ env = "ALERTS_TO" }}]
"""
