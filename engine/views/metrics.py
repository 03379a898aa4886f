"""A status in Prometheus's format: base units, counters that end in _total, one name a quantity."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

Json = dict[str, Any]
Row = tuple[Sequence[str], Any]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_PREFIX = "quotewright_"


def metrics_text(status: Json) -> bytes:
    """The page that Prometheus fetches, of a status (``engine.views.status``)."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Status(status))
    return generate_latest(registry)


class _Status(Collector):
    def __init__(self, status: Json) -> None:
        self._status = status

    @override
    def collect(self) -> Iterable[Metric]:
        for part in (_engine, _strategies, _trading, _actors, _wires, _rate_limits, _alerts):
            yield from part(self._status)


def _gauge(name: str, about: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, about, labels=labels)
    for values, value in rows:
        if value is not None:  # an unknown value is left out, not zero
            family.add_metric(values, float(value))
    return family


def _counter(name: str, about: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    family = CounterMetricFamily(_PREFIX + name, about, labels=labels)
    for values, value in rows:
        family.add_metric(values, float(value))
    return family


def _engine(status: Json) -> Iterator[Metric]:
    names = (status["engine"], status["venue"])
    yield _gauge("info", "Which engine this is.", ("engine", "venue"), [(names, 1)])
    for name, about, value in (
        ("uptime_seconds", "Since the engine started.", status["uptime_s"]),
        ("halted", "1 while a halt stands.", status["halt"] is not None),
        ("stopping", "1 while the run is ending.", status["stopping"] is not None),
        ("loop_late_seconds", "How late the event loop was.", status["loop"]["late_s"]),
        ("loop_late_max_seconds", "The most it ever was.", status["loop"]["worst_s"]),
    ):
        yield _gauge(name, about, (), [((), value)])


def _strategies(status: Json) -> Iterator[Metric]:
    each = status["strategies"].items()
    yield _gauge(
        "ready",
        "1 while the strategy may quote.",
        ("strategy", "pair"),
        [((name, one["pair"]), one["ready"]) for name, one in each],
    )
    components = [
        ((name, component), known)
        for name, one in each
        for component, known in one["components"].items()
    ]
    labels = ("strategy", "component")
    yield _gauge(
        "component_holds",
        "1 while the component of readiness holds.",
        labels,
        [(names, known["holds"]) for names, known in components],
    )
    yield _gauge(
        "component_age_seconds",
        "Since the component was last heard of.",
        labels,
        [(names, known["age_s"]) for names, known in components],
    )
    sides = [(name, side, times) for name, one in each for side, times in one["quoting"].items()]
    yield _counter(
        "quoting_seconds_total",
        "Time with an order at the venue.",
        ("strategy", "side"),
        [((name, side), times["seconds"]) for name, side, times in sides],
    )
    for name, key, about in (
        ("gate_shut_seconds_total", "shut_s", "Time that a gate was shut."),
        ("not_quoting_seconds_total", "not_quoting_s", "The same without an order at the venue."),
    ):
        yield _counter(
            name,
            about,
            ("strategy", "side", "gate"),
            [
                ((strategy, side, gate), seconds)
                for strategy, side, times in sides
                for gate, seconds in times[key].items()
            ],
        )


def _trading(status: Json) -> Iterator[Metric]:
    each = status["strategies"].items()
    tops = [((name,), one["top"]) for name, one in each if one["top"] is not None]
    for name, key, about in (
        ("best_bid_price", "bid", "In quote currency."),
        ("best_ask_price", "ask", "In quote currency."),
        ("book_age_seconds", "age_s", "Since the top of book last changed."),
    ):
        yield _gauge(name, about, ("strategy",), [(names, top[key]) for names, top in tops])
    yield _gauge(
        "working_orders",
        "Orders that are not terminal.",
        ("strategy", "side"),
        [
            ((name, side), sum(order["side"] == side for order in one["orders"]))
            for name, one in each
            for side in one["quoting"]
        ],
    )
    for name, key in (
        ("orders_placed_total", "orders_placed"),
        ("orders_rejected_total", "orders_rejected"),
        ("fills_total", "fills"),
    ):
        rows = [((strategy,), one["profit"][key]) for strategy, one in each]
        yield _counter(name, "In this session.", ("strategy",), rows)
    yield _gauge(
        "profit_quote",
        "In quote currency, in this session.",
        ("strategy", "kind"),
        [((name, k), one["profit"][k]) for name, one in each for k in ("realised", "unrealised")],
    )
    held = [(name, one["inventory"]) for name, one in each if one["inventory"] is not None]
    yield _gauge(
        "balance",
        "Of the account, in units of the currency.",
        ("currency", "kind"),
        # Two strategies may share a currency; it is one balance.
        {
            (currency, kind): amounts[kind]
            for _, inventory in held
            for currency, amounts in inventory["balances"].items()
            for kind in ("available", "reserved")
        }.items(),
    )
    yield _gauge(
        "base_share_ratio",
        "Share of base currency in what is held, by value.",
        ("strategy",),
        [((name,), inventory["base_share"]) for name, inventory in held],
    )


def _actors(status: Json) -> Iterator[Metric]:
    children = [] if status["tree"] is None else list(_children(status["tree"]))
    yield _gauge(
        "actor_running",
        "1 while it runs.",
        ("actor",),
        [((child["name"],), child["state"] == "running") for child in children],
    )
    yield _counter(
        "actor_lives_total",
        "How often it began.",
        ("actor",),
        [((child["name"],), child["life"]) for child in children],
    )
    yield _gauge(
        "supervisor_defects_in_window",
        "Defects of its children that count now.",
        ("supervisor",),
        [
            ((child["name"],), child["inside"]["failures_in_window"])
            for child in children
            if child["inside"] is not None
        ],
    )


def _children(supervisor: Json) -> Iterator[Json]:
    for child in supervisor["children"]:
        yield child
        if child["inside"] is not None:
            yield from _children(child["inside"])


def _wires(status: Json) -> Iterator[Metric]:
    boxes, slots = status["mailboxes"].items(), status["newest"].items()
    for name, key, about in (
        ("mailbox_waiting", "waiting", "Messages that wait."),
        ("mailbox_waiting_max", "peak", "The most that were seen to."),
        ("mailbox_capacity", "capacity", "As many may wait."),
    ):
        yield _gauge(name, about, ("mailbox",), [((box,), it[key]) for box, it in boxes])
    for name, key, about in (
        ("mailbox_messages_total", "messages", "Messages that were put into it."),
        ("mailbox_full_total", "found_full", "How often a sender found no room."),
    ):
        yield _counter(name, about, ("mailbox",), [((box,), it[key]) for box, it in boxes])
    for name, key, about in (
        ("newest_values_total", "puts", "Values that were shown."),
        ("newest_replaced_total", "replaced_unread", "Those that nobody read."),
    ):
        yield _counter(name, about, ("slot",), [((slot,), it[key]) for slot, it in slots])


def _rate_limits(status: Json) -> Iterator[Metric]:
    lanes = status["rate_limits"].items()
    for name, key, about in (
        ("rate_limit_used", "used", "Requests that count in the window."),
        ("rate_limit_maximum", "maximum", "As many may."),
        ("rate_limit_closed_seconds", "closed_for_s", "The lane stays closed for so long."),
    ):
        yield _gauge(name, about, ("lane",), [((lane,), use[key]) for lane, use in lanes])
    yield _counter(
        "rate_limit_turned_away_total",
        "How often a request had to wait.",
        ("lane",),
        [((lane,), use["turned_away"]) for lane, use in lanes],
    )


def _alerts(status: Json) -> Iterator[Metric]:
    """Nothing where nobody is to be told."""
    if status["alerts"] is None:
        return
    known = [
        ((str(number), one["name"]), one)
        for number, one in enumerate(status["alerts"]["destinations"], 1)
    ]
    labels = ("number", "destination")
    for name, key, about in (
        ("alerts_sent_total", "sent", "Messages that have arrived."),
        ("alerts_left_out_total", "dropped", "Messages left out because too many waited."),
        ("alerts_attempts_failed_total", "failed", "Attempts to send one that failed."),
    ):
        yield _counter(name, about, labels, [(names, one[key]) for names, one in known])
    yield _gauge(
        "alerts_waiting",
        "Messages that have not arrived yet.",
        labels,
        [(names, one["waiting"]) for names, one in known],
    )
    yield _gauge(
        "heartbeat_failing",
        "1 while the heartbeat's URL cannot be fetched.",
        (),
        [((), status["alerts"]["heartbeat_trouble"] is not None)],
    )
