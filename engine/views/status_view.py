"""A status and an explanation for people: tables on a terminal, plain lines elsewhere."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]

_INDENT = "  "
_WIDTH_OF_FILES = 200


def status_view(status: Json) -> RenderableType:
    """The whole status of ``engine.views.status``."""
    return Group(
        *_head(status),
        *(part for each in status["strategies"].items() for part in _strategy(*each)),
        table(
            "actors", ("actor", "state", "life", "age", "failures", "last failure"), _tree(status)
        ),
        table(
            "rate limits",
            ("lane", "used", "of", "window", "turned away", "closed for"),
            (
                (
                    name,
                    lane["used"],
                    lane["maximum"],
                    _span(lane["window_s"]),
                    lane["turned_away"],
                    _span(lane["closed_for_s"] or None),
                )
                for name, lane in status["rate_limits"].items()
            ),
        ),
        table(
            "mailboxes",
            (
                *("mailbox", "waiting", "peak", "capacity", "senders waiting"),
                *("messages", "a second", "found full"),
            ),
            (
                (
                    *(name, box["waiting"], box["peak"], box["capacity"], box["senders_waiting"]),
                    *(box["messages"], f"{box['per_s']:.1f}", box["found_full"]),
                )
                for name, box in status["mailboxes"].items()
            ),
        ),
        table(
            "newest values",
            ("slot", "shown", "a second", "replaced unread"),
            (
                (name, slot["puts"], f"{slot['per_s']:.1f}", slot["replaced_unread"])
                for name, slot in status["newest"].items()
            ),
        ),
        _loop(**status["loop"]),
    )


def _loop(late_s: float, worst_s: float) -> RenderableType:
    return line(f"loop late by {_ms(late_s)}, at worst {_ms(worst_s)}")


def explain_view(explanation: Json) -> RenderableType:
    """Why each side of each strategy is not quoting."""
    parts: list[RenderableType] = []
    for name, strategy in explanation["strategies"].items():
        for side, known in strategy["sides"].items():
            state = "quoting" if known["quoting"] else "NOT QUOTING"
            style = "green" if known["quoting"] else "bold red"
            parts.append(line(f"{name} ({strategy['pair']}) {side}: {state}", style))
            parts += [line(_INDENT + text) for text in _side_lines(known)]
    return Group(*parts)


def _away(spread: str | None) -> str:
    """How far from the mid price; nothing where there is none."""
    return "" if spread is None else f"{percent_text(spread)} from the mid price, "


def _side_lines(side: Json) -> Iterator[str]:
    for order in side["orders"]:
        yield (
            f"works    {order['quantity']} at {order['price']}, {_away(order['spread'])}"
            f"{order['status']}, {_span(order['age_s'])}"
        )
    for number, gate in enumerate(side["gates"], 1):
        yield f"gate {number}   {gate_text(gate)} ({gate['from']}: {gate['code']}{_aged(gate)})"
        if gate["opening"]["words"] and gate["opens_in_s"] is None:
            yield f"         opens: {gate['opening']['words']}"
    for word, quotes in (("wanted   ", side["wanted"]), ("otherwise ", side["otherwise"])):
        for quote in quotes:
            away = _away(quote["spread"]).rstrip(", ")
            yield f"{word}{quote['quantity']} at {quote['price']}, {away}".rstrip(", ")
    if not side["gates"] and not side["quoting"]:
        yield "no gate is shut: it has not looked yet, or its orders are on their way"
    ages = ", ".join(
        f"{name} {'missing' if age is None else _span(age) + ' old'}"
        for name, age in side["input_ages_s"].items()
    )
    yield f"inputs   {ages}"
    yield f"time     {_times(side['time'])}"


def _aged(gate: Json) -> str:
    return "" if gate["age_s"] is None else f", {_span(gate['age_s'])} ago"


_TIMES_SHOWN = 5


def _times(time: Json) -> str:
    text = f"quoting {_span(time['seconds'])} ({time['share']:.1%})"
    longest = list(time["not_quoting_s"].items())[:_TIMES_SHOWN]
    if longest:
        text += "; not while " + ", ".join(f"{code} {_span(s)}" for code, s in longest)
    return text


def _head(status: Json) -> Iterator[RenderableType]:
    up = _span(status["uptime_s"])
    yield line(
        f"{status['engine']} on {status['venue']}: up {up}, session {status['session']}", "bold"
    )
    if status["halt"]:
        yield line(
            f"HALTED: {status['halt']}; `engine resume CONFIG --confirm` lifts it", "bold red"
        )
    if status["stopping"]:
        yield line(f"STOPPING: {status['stopping']}", "bold yellow")
    if (recording := status.get("recording")) is not None:
        yield _recording(**recording)
    if (alerts := status["alerts"]) is not None:
        yield from _alerts(**alerts)


def _alerts(
    heartbeat_trouble: str | None, destinations: Sequence[Json]
) -> Iterator[RenderableType]:
    if heartbeat_trouble is not None:
        yield line(f"THE HEARTBEAT FAILS: {heartbeat_trouble}", "bold yellow")
    for number, one in enumerate(destinations, 1):
        name = f"no. {number} ({one['name']})"
        counts = f"messages to {name}: {one['sent']} sent, {one['waiting']} waiting"
        if one["dropped"]:
            counts += f", {one['dropped']} left out"
        if one["failed"]:
            counts += f", {one['failed']} attempts failed"
        if one["trouble"] is None:
            yield line(counts)
        else:
            yield line(f"{counts}; THEY DO NOT ARRIVE: {one['trouble']}", "bold yellow")


def _recording(folder: str, bytes: int, dropped: int, ended: str | None) -> RenderableType:  # noqa: A002  # the key's name
    size = f"{bytes / 1e6:,.1f} MB in {folder}"
    if ended is not None:
        return line(f"RECORDING ENDED: {ended}; {size}", "bold yellow")
    lost = f", {dropped:,} entries lost" if dropped else ""
    return line(f"recording: {size}{lost}", "yellow" if dropped else "")


def _strategy(name: str, strategy: Json) -> Iterator[RenderableType]:
    top, ready = strategy["top"], strategy["ready"]
    book = "no book"
    if top is not None:
        book = (
            f"bid {top['bid']}, ask {top['ask']}, mid {top['mid']},"
            f" changed {_span(top['age_s'])} ago"
        )
    state = "ready" if ready else "NOT READY"
    heading = f"{name} ({strategy['pair']}): {strategy['components_ready']}, {state}; {book}"
    yield line("")
    yield line(heading, "bold green" if ready else "bold red")
    yield line(_INDENT + _holdings(strategy))
    for side, time in strategy["quoting"].items():
        yield line(f"{_INDENT}{side}: {_times(time)}")
    yield from (part(strategy) for part in (_orders, _wanted, _gates, _shut_out, _readiness))


def _orders(strategy: Json) -> RenderableType:
    return table(
        "orders",
        ("side", "price", "quantity", "filled", "from mid", "age", "status", "order"),
        (
            (
                *(order["side"], order["price"], order["quantity"], order["filled"]),
                *(percent_text(order["spread"]), _span(order["age_s"])),
                *(order["status"], order["order"]),
            )
            for order in strategy["orders"]
        ),
    )


def _wanted(strategy: Json) -> RenderableType:
    return table(
        "wanted",
        ("side", "price", "quantity", "from mid"),
        (
            (quote["side"], quote["price"], quote["quantity"], percent_text(quote["spread"]))
            for quote in strategy["wanted"]
        ),
    )


def _gates(strategy: Json) -> RenderableType:
    return table(
        "shut gates",
        ("side", "why", "opens"),
        (
            (gate["side"] or "both", gate_text(gate), (gate["opening"] or {}).get("words", ""))
            for gate in strategy["gates"]
        ),
    )


def _shut_out(strategy: Json) -> RenderableType:
    return table(
        "orders shut out",
        ("side", "by", "why", "ago"),
        (
            (one["side"], f"{one['by']}: {one['code']}", gate_text(one), _span(one["age_s"]))
            for one in strategy["shut_out"]
        ),
    )


def _readiness(strategy: Json) -> RenderableType:
    return table(
        "readiness",
        ("component", "holds", "since", "seen", "evidence", "waits for", "last error", "retry in"),
        (
            (
                *(component, "yes" if known["holds"] else "NO", _span(known["since_s"])),
                *(_span(known["age_s"]), known["evidence"]),
                "" if known["holds"] else known["waits_for"],
                *(known["last_error"] or "", _span(known["next_retry_s"])),
            )
            for component, known in strategy["components"].items()
        ),
    )


def _holdings(strategy: Json) -> str:
    inventory, profit = strategy["inventory"], strategy["profit"]
    held = "holdings unknown"
    if inventory is not None:
        held = "holds " + ", ".join(
            f"{balance['total']} {currency} ({balance['reserved']} in orders)"
            for currency, balance in inventory["balances"].items()
        )
        if inventory["base_share"] is not None:
            held += f", {percent_text(inventory['base_share'])} of its worth in base"
    return (
        f"{held}; profit {profit['realised']} realised, {profit['unrealised']} unrealised,"
        f" {profit['fills']} fills"
    )


def gate_text(gate: Json) -> str:
    text = str(gate["sentence"])
    if gate["inputs"]:
        text += " [" + ", ".join(f"{name} {value}" for name, value in gate["inputs"].items()) + "]"
    if gate.get("opens_in_s") is not None:
        text += f"; opens in {_span(gate['opens_in_s'])}"
    return text


def _tree(status: Json) -> Iterator[Sequence[object]]:
    if status["tree"] is not None:
        yield from _supervisor(status["tree"], 0)


def _supervisor(supervisor: Json, depth: int) -> Iterator[Sequence[object]]:
    for child in supervisor["children"]:
        inside = child["inside"]
        failures = ""
        if inside is not None:
            failures = f"{inside['failures_in_window']} of {inside['failures_forgiven']} forgiven"
        state = child["state"]
        if child["starts_in_s"] is not None:
            state += f" for {_span(child['starts_in_s'])}"
        yield (
            *(_INDENT * depth + child["name"], state, child["life"], _span(child["age_s"])),
            *(failures, child["last_failure"] or ""),
        )
        if inside is not None:
            yield from _supervisor(inside, depth + 1)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> RenderableType:
    """A table under its name; where there is no row, a line that says so."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(printable(str(cell)) for cell in row))
    if not table.row_count:
        return line(f"{_INDENT}no {title}", "dim")
    return Group(line(title, "underline"), table)


def line(text: str, style: str = "") -> Text:
    return Text(printable(text), style)


def plain_console() -> Console:
    """The console for views: as wide as the terminal, or as files need it."""
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=None if terminal else _WIDTH_OF_FILES,
        no_color=not terminal or "NO_COLOR" in os.environ,
        highlight=False,
        markup=False,
        emoji=False,
    )


def printable(text: str) -> str:
    """A text without control characters: foreign words may hold some that a terminal would obey."""
    return "".join(one if one.isprintable() else "?" for one in text)


def percent_text(fraction: str | None) -> str:
    return "" if fraction is None else f"{Decimal(fraction) * 100:.3f} %"


def _span(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
