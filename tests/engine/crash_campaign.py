"""
Kills a real engine with SIGKILL at random moments while it quotes fast, over and over.

    python -m tests.engine.crash_campaign [MOMENTS] [SEED]

Bids and asks are quoted near the middle, and a busy crowd takes both. After every kill, before
anything is restarted, the exchange's own word is held against the ledger: every order of ours that
it ever accepted is there, and none was accepted twice. Every new life has to quote again, and the
last one has to end flat, with every fill of the exchange's in the ledger, once.
"""

import json
import sys
import time
import urllib.request
from collections import Counter
from random import Random
from typing import Any

import attrs

from engine.process.exit_codes import ExitCode
from tests.engine.engine_process import Site, site
from tests.engine.exchange_process import ExchangeProcess, exchange_process
from trading.venues.valr.signing import Signer

PREFIX = "qw-paper-"
FAST = (
    "strategies.doge.order_refresh_time=1",
    "strategies.doge.order_levels=6",
    'strategies.doge.bid_spread="0.01 %"',
    'strategies.doge.ask_spread="0.01 %"',
    'strategies.doge.order_level_spread="0.02 %"',
    'strategies.doge.order_refresh_tolerance_pct="0 %"',
    "strategies.doge.filled_order_delay=0.1",
    "strategies.doge.limits.max_fills_in_row=1000",
    "strategies.doge.limits.max_instructions_per_minute=100000",
)
KEYS = ('venue.credentials.api_key.env="QW_KEY"', 'venue.credentials.api_secret.env="QW_SECRET"')


@attrs.define
class Tally:
    """
    What was seen: kills, orders the exchange accepted, orders that a kill left open.

    Args:
        placed: By side, of the orders that were accepted.
        filled: By side, how many fills they had.
    """

    placed: Counter[str] = attrs.field(factory=Counter)
    filled: Counter[str] = attrs.field(factory=Counter)
    kills: int = 0
    accepted: int = 0
    left_open: int = 0
    known: int = 0


def campaign(moments: int, seed: int) -> Tally:
    """Kill so many times; what was seen, if nothing was wrong."""
    random, tally = Random(seed), Tally()  # moments, no secrets
    # The venue's safety net would hide what a crash leaves.
    settings = ("rules.cancel_on_disconnect_delay_s=600", "crowd.market_orders_per_s=8")
    options = [word for setting in settings for word in ("--set", f"simulator.{setting}")]
    with exchange_process(*options, "--seed", str(seed)) as exchange:
        hello = exchange.hello
        urls = (f"venue.rest_url={hello['rest']}", f"venue.websocket_url={hello['websocket']}")
        secrets = {"QW_KEY": hello["api_key"], "QW_SECRET": hello["api_secret"]}
        with site("config/paper.toml", *FAST, *urls, *KEYS, secrets=secrets) as place:
            for _ in range(moments):
                place.log.unlink(missing_ok=True)
                with place.running() as engine:
                    engine.wait_for("order_placed")
                    time.sleep(random.uniform(0.0, 1.2))  # the moment is what is random
                    engine.kill()
                tally.kills += 1
                _compare(exchange, place, tally)
            place.log.unlink(missing_ok=True)
            with place.running() as engine:
                engine.wait_for("order_open")
                _wait_for_both_sides(exchange)
                summary = engine.stop()
            assert summary["flat_proven"], summary["flat_trouble"]
            assert _open(exchange) == []
            _compare(exchange, place, tally)
            _compare_fills(exchange, place, tally)
    return tally


def _compare(exchange: ExchangeProcess, place: Site, tally: Tally) -> None:
    orders = _open(exchange) + _ended(exchange)
    tally.placed = Counter(order.get("side") or order["orderSide"] for order in orders)
    # By the venue's ids: one that ends between the two lists is in both.
    accepted = [name for name, _ in {(each["customerOrderId"], each["orderId"]) for each in orders}]
    tally.left_open += len(_open(exchange))
    tally.accepted = max(tally.accepted, len(accepted))
    assert len(set(accepted)) == len(accepted), "an order was accepted twice"
    read = place.command("orders", "--all", "--json")
    assert read.returncode == ExitCode.OK, read.stderr
    known = [order["order"] for order in json.loads(read.stdout)["orders"]]
    tally.known = len(known)
    assert len(set(known)) == len(known), "an id was given twice"
    unknown = set(accepted) - set(known)
    assert not unknown, f"the ledger does not know {sorted(unknown)}"


def _wait_for_both_sides(exchange: ExchangeProcess) -> None:
    """Let the crowd take a bid and an ask of ours, if it has not yet."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if {fill["side"] for fill in _fills(exchange)} == {"buy", "sell"}:
            return
        time.sleep(0.2)  # what is waited for is another process's


def _fills(exchange: ExchangeProcess) -> list[Any]:
    return _ours(_pages(exchange, "/v1/account/tradehistory?"))


def _compare_fills(exchange: ExchangeProcess, place: Site, tally: Tally) -> None:
    told = _fills(exchange)
    tally.filled = Counter(str(fill["side"]) for fill in told)
    read = place.command("fills", "--json")
    assert read.returncode == ExitCode.OK, read.stderr
    booked = [fill["trade"] for fill in json.loads(read.stdout)["fills"]]
    assert sorted(booked) == sorted(fill["id"] for fill in told)


def _open(exchange: ExchangeProcess) -> list[Any]:
    return _ours(_get(exchange, "/v1/orders/open"))


def _ended(exchange: ExchangeProcess) -> list[Any]:
    """Every order of ours that has ended."""
    return _ours(_pages(exchange, "/v1/orders/history?showZeroVolumeCancels=true&"))


def _pages(exchange: ExchangeProcess, target: str) -> list[Any]:
    found: list[Any] = []
    while page := _get(exchange, f"{target}skip={len(found)}&limit=100"):
        found += page
    return found


def _ours(rows: Any) -> list[Any]:
    return [row for row in rows if (row.get("customerOrderId") or "").startswith(PREFIX)]


def _get(exchange: ExchangeProcess, path: str) -> Any:
    hello = exchange.hello
    signer = Signer(hello["api_key"], hello["api_secret"], time.time_ns)  # real
    request = urllib.request.Request(  # noqa: S310  # loopback
        hello["rest"] + path, headers=dict(signer.headers("GET", path))
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback
        return json.loads(answer.read())


def main() -> None:
    numbers = [int(text) for text in sys.argv[1:]]
    moments, seed = (*numbers, *(20, 1)[len(numbers) :])
    began = time.monotonic()
    tally = campaign(moments, seed)
    sys.stdout.write(
        f"{tally.kills} kills in {time.monotonic() - began:.0f} s: {tally.known} orders in the"
        f" ledger, {tally.accepted} accepted by the exchange ({_sides(tally.placed)}),"
        f" {tally.left_open} were open when it was killed; {tally.filled.total()} fills"
        f" ({_sides(tally.filled)}), all booked; none unknown, none twice, flat at the end\n"
    )


def _sides(counts: Counter[str]) -> str:
    return f"buy {counts['buy']}, sell {counts['sell']}"


if __name__ == "__main__":
    main()
