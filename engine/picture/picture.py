"""
A running engine on one screen: whether it quotes or why not, price, orders, profit, fills.

A pure function from a status (``engine.views.status``) and the last log entries to lines of a given
number and width. What does not fit is left out from the bottom: the state words of each strategy
come first.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import attrs
from rich.text import Text

from engine.picture.events import Told, fill_words
from engine.views.explain import explain
from engine.views.status_view import percent_text, printable

Json = dict[str, Any]

_SILENT_S = 5.0
_EVENTS_MIN = 4
_FILLS_MAX = 3
_STATE_MAX = 3
_STANDING = frozenset({"open", "partially filled"})
_PASSING = frozenset(
    {"cancel_pending", "orders_working", "tried_in_vain", "balance_settling", "not_reconciled"}
)
"""Gates that open by themselves in a moment, without a known time."""


@attrs.frozen(kw_only=True)
class Scene:
    """
    All that a picture shows.

    Args:
        status: The newest; ``None`` while there was none.
        silent_s: For how long the engine has not answered.
        fills: From the log, the newest last.
        events: Other log entries that matter, the newest last.
        clock: The time of day, as text.
        log: Where all of it can be read; empty where there is no log file.
        page: The address of the web page beside this run; empty where none is served.
    """

    status: Json | None
    silent_s: float = 0.0
    fills: Sequence[Told] = ()
    events: Sequence[Told] = ()
    clock: str = ""
    log: str = ""
    page: str = ""


def picture(scene: Scene, width: int, height: int) -> list[Text]:
    """At most ``height`` lines of at most ``width`` characters."""
    lines = [*_head(scene, width), Text("─" * width, "dim")]
    if scene.status is not None:
        events = min(_EVENTS_MIN, 1 + max(len(scene.events), 1))
        lines += _strategies(scene.status, scene.fills, width, height - len(lines) - events)
    lines += _events(scene, height - len(lines))
    lines = lines[:height]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


def _head(scene: Scene, width: int) -> Iterator[Text]:
    status = scene.status
    if status is None:
        yield _between(Text("the engine is starting", "bold"), scene.clock, width)
        return
    up = _duration(status["uptime_s"])
    title = Text(printable(f"{status['engine']} on {status['venue']}"), "bold")
    title.append(f"   up {up}", "not bold")
    yield _between(title, f"{scene.clock}   Ctrl-C stops it", width)
    if scene.page:
        yield Text(printable(f"page  {scene.page}"), "dim")
    if scene.silent_s > _SILENT_S:
        words = f"NO ANSWER from the engine for {scene.silent_s:.0f} s; this is how it was then"
        yield Text(words, "bold red")
    elif status["stopping"]:
        yield Text(printable(f"STOPPING: {status['stopping']}"), "bold yellow")
    elif status["halt"]:
        words = f"HALTED: {status['halt']}; `engine resume CONFIG --confirm` lifts it"
        yield Text(printable(words), "bold red")


def _strategies(status: Json, fills: Sequence[Told], width: int, room: int) -> list[Text]:
    """A line for each strategy; then more of each, from the first on, as there is room."""
    explained = explain(status)["strategies"]
    all_of = [
        (name, strategy, explained[name]["sides"], _of(name, strategy, fills), width)
        for name, strategy in status["strategies"].items()
    ]
    blocks = [_line(*one) for one in all_of]
    for sizes in (_short_only, _whole_ones):
        for number, one in enumerate(all_of):
            others = sum(map(len, blocks)) - len(blocks[number])
            fitting = (block for block in sizes(*one) if others + len(block) <= room)
            blocks[number] = next(fitting, blocks[number])
    lines = [line for block in blocks for line in block]
    if len(lines) > room > 1:
        left_out = len(lines) - room + 1
        lines = [*lines[: room - 1], Text(f"... and {left_out} more strategies", "dim")]
    return lines


def _of(name: str, strategy: Json, fills: Sequence[Told]) -> list[Told]:
    """The fills of one strategy; an order's id has its name before the session and the number."""
    pair = strategy["pair"]
    return [
        fill
        for fill in fills
        if fill.entry.get("pair") == pair and f"-{name}-" in str(fill.entry.get("order"))
    ]


def _short_only(
    name: str, strategy: Json, sides: Json, fills: Sequence[Told], width: int
) -> Iterator[list[Text]]:
    yield _short(name, strategy, sides, fills, width)


def _whole_ones(
    name: str, strategy: Json, sides: Json, fills: Sequence[Told], width: int
) -> Iterator[list[Text]]:
    """From all levels to the innermost alone."""
    deepest = max(len(_ladder(strategy["orders"], side)) for side in ("buy", "sell"))
    for levels in range(max(deepest, 1), 0, -1):
        yield _whole(name, strategy, sides, fills, width, levels)


def _whole(
    name: str, strategy: Json, sides: Json, fills: Sequence[Told], width: int, levels: int
) -> list[Text]:
    top = strategy["top"]
    sells, buys = (_ladder(strategy["orders"], side) for side in ("sell", "buy"))
    lines = [_heading(name, strategy), *_wrapped(_state(strategy, sides), width), Text()]
    lines += [*_more(len(sells) - levels), *map(_order, sells[-levels:])]
    mid = "no book" if top is None else f"mid {top['mid']}"
    lines.append(Text(f"       ── {mid} ──", "cyan"))
    lines += [*map(_order, buys[:levels]), *_more(len(buys) - levels)]
    lines += [Text(), _profit(strategy), _holdings(strategy), *_quoted(strategy)]
    lines += [_row("filled", Text(words)) for words in _newest(fills, _FILLS_MAX)]
    return lines


def _more(number: int) -> list[Text]:
    """How many orders further from the mid price are not shown."""
    return [Text(f"       and {number} more", "dim")] if number > 0 else []


def _wrapped(line: Text, width: int) -> list[Text]:
    """A line wrapped into a few, so that the whole state is shown."""
    parts = textwrap.wrap(line.plain, max(width, 3), max_lines=_STATE_MAX, placeholder=" …")
    return [Text(part, line.style) for part in parts]


def _short(
    name: str, strategy: Json, sides: Json, fills: Sequence[Told], _width: int
) -> list[Text]:
    lines = [_heading(name, strategy), _state(strategy, sides)]
    best = [
        f"{side} {orders[0]['quantity']} at {orders[0]['price']}"
        for side, orders in (
            ("buy", _ladder(strategy["orders"], "buy")),
            ("sell", _ladder(strategy["orders"], "sell")[::-1]),
        )
        if orders
    ]
    shown = [*best, *(f"filled {words}" for words in _newest(fills, 1))]
    lines.append(_row("orders", Text(", ".join(shown) or "none")))
    lines.append(_profit(strategy))
    return lines


def _line(
    name: str, strategy: Json, sides: Json, _fills: Sequence[Told], _width: int
) -> list[Text]:
    line = Text(printable(f"{name} "), "bold")
    line.append_text(_state(strategy, sides))
    total, currency = _total(strategy)
    line.append(f"  {total:+.6f} {currency}", _signed(total))
    return [line]


def _heading(name: str, strategy: Json) -> Text:
    top = strategy["top"]
    line = Text(printable(f"{name}  {strategy['pair']}"), "bold")
    if top is None:
        return line.append("   no book yet", "not bold yellow")
    return line.append(
        f"   mid {top['mid']}   bid {top['bid']}   ask {top['ask']}", "not bold cyan"
    )


def _state(strategy: Json, sides: Json) -> Text:
    """Whether the strategy quotes; if not, the cause, and whether that passes by itself."""
    quoting = [side for side, known in sides.items() if known["quoting"]]
    lacking = "; ".join(words for side in quoting if (words := _lacking(side, strategy, sides)))
    if len(quoting) == len(sides):
        if lacking:
            return Text(printable(f"QUOTING both sides, but {lacking}"), "bold yellow")
        return Text("QUOTING both sides", "bold green")
    shut = {side: known["gates"][:1] for side, known in sides.items() if side not in quoting}
    [gates, *others] = shut.values()
    words = "; ".join(dict.fromkeys(_cause(gates) for gates in (gates, *others)))
    if quoting:
        words += f"; {lacking}" if lacking else ""
        return Text(printable(f"quoting {quoting[0]}s only: {words}"), "bold yellow")
    if not strategy["ready"] and gates and gates[0]["from"] == "readiness":
        return Text(printable(f"NOT READY ({strategy['components_ready']}): {words}"), "bold red")
    if all(map(_passes, shut.values())):
        return Text(printable(f"waiting: {words}"), "yellow")
    return Text(printable(f"NOT QUOTING: {words}"), "bold red")


def _lacking(side: str, strategy: Json, sides: Json) -> str:
    """How many levels of a side that quotes stand, and why the others do not; else nothing."""
    shut_out = [one for one in strategy["shut_out"] if one["side"] == side]
    standing = sum(order["status"] in _STANDING for order in sides[side]["orders"])
    levels = len(sides[side]["wanted"]) or standing + len(shut_out)
    if not shut_out or standing >= levels:
        return ""
    why = "; ".join(dict.fromkeys(str(one["sentence"]) for one in shut_out))
    return f"{standing} of {levels} {side}s: {why}"


def _cause(gates: Sequence[Json]) -> str:
    if not gates:
        return "orders are on their way"
    words = str(gates[0]["sentence"])
    if gates[0]["opens_in_s"] is not None and "wait" not in gates[0]["inputs"]:
        words += f", for another {gates[0]['opens_in_s']:.1f} s"
    return words


def _passes(gates: Sequence[Json]) -> bool:
    return not gates or gates[0]["opens_in_s"] is not None or gates[0]["code"] in _PASSING


def _ladder(orders: Iterable[Json], side: str) -> list[Json]:
    """The highest price first, as in a book."""
    found = [order for order in orders if order["side"] == side]
    return sorted(found, key=lambda order: -Decimal(order["price"]))


def _order(order: Json) -> Text:
    colour = "green" if order["side"] == "buy" else "red"
    line = Text(f"  {order['side']:<5}", colour)
    line.append(f"{order['price']:>12}{order['quantity']:>12}", "")
    away = percent_text(order["spread"])
    line.append(f"   {away:>9} away   {order['age_s']:>5.0f} s", "dim")
    if Decimal(order["filled"]):
        line.append(f"   {order['filled']} filled", "bold")
    if order["status"] not in _STANDING:
        line.append(printable(f"   {order['status']}"), "yellow")
    return line


def _total(strategy: Json) -> tuple[Decimal, str]:
    profit, inventory = strategy["profit"], strategy["inventory"]
    currencies = [] if inventory is None else list(inventory["balances"])
    total = Decimal(profit["realised"]) + Decimal(profit["unrealised"])
    return total, currencies[-1] if currencies else ""


def _signed(value: Decimal) -> str:
    return "green" if value > 0 else "red" if value < 0 else ""


def _profit(strategy: Json) -> Text:
    profit = strategy["profit"]
    total, currency = _total(strategy)
    words = Text(f"{total:+.6f} {currency}", f"bold {_signed(total)}".strip())
    realised, unrealised = Decimal(profit["realised"]), Decimal(profit["unrealised"])
    words.append(
        f"  (realised {realised:+.6f}, unrealised {unrealised:+.6f}), {profit['fills']} fills", ""
    )
    return _row("profit", words)


def _holdings(strategy: Json) -> Text:
    inventory = strategy["inventory"]
    if inventory is None:
        return _row("holds", Text("not known yet"))
    balances = inventory["balances"]
    words = ", ".join(f"{balance['total']} {currency}" for currency, balance in balances.items())
    if inventory["base_share"] is not None and balances:
        share = Decimal(inventory["base_share"]) * 100
        words += f"; {share:.1f} % of its worth in {next(iter(balances))}"
    return _row("holds", Text(printable(words)))


_CAUSES_SHOWN = 2
_CAUSES_FROM_S = 1.0


def _quoted(strategy: Json) -> Iterator[Text]:
    words = []
    for side, time in strategy["quoting"].items():
        longest = [
            f"{code} {_duration(seconds)}"
            for code, seconds in list(time["not_quoting_s"].items())[:_CAUSES_SHOWN]
            if seconds >= _CAUSES_FROM_S
        ]
        not_then = f" (not: {', '.join(longest)})" if longest else ""
        words.append(f"{side}s {time['share']:.0%}{not_then}")
    yield _row("quoted", Text(printable(", ".join(words) + " of the time")))


def _newest(fills: Sequence[Told], most: int) -> list[str]:
    return [f"{fill.at}  {fill_words(fill.entry)}" for fill in reversed(fills[-most:])]


def _events(scene: Scene, room: int) -> list[Text]:
    if room < 2:  # noqa: PLR2004  # a rule and one event
        return []
    where = f" (all of it: {scene.log})" if scene.log else ""
    lines = [Text(printable(f"── what happened{where} ──"), "dim")]
    for told in reversed(scene.events[-(room - 1) :]):
        line = Text(f"{told.at}  ", "dim")
        again = f"{told.times} x  " if told.times > 1 else ""
        line.append(again + told.words, _COLOURS.get(told.level, "not dim"))
        lines.append(line)
    return lines


_COLOURS = {
    "warning": "not dim yellow",
    "error": "not dim bold red",
    "critical": "not dim bold red",
}


def _row(name: str, words: Text) -> Text:
    return Text(f"  {name:<8}", "dim").append_text(Text("", "not dim").append_text(words))


def _between(left: Text, right: str, width: int) -> Text:
    gap = width - left.cell_len - len(right)
    return left.append(" " * gap + right, "not bold dim") if gap > 1 else left


_MINUTE_S, _HOUR_S = 60, 3600


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
