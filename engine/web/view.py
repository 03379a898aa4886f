"""The page's view of a status: parts that are sent when they change, with moments for ages."""

from collections.abc import Iterator
from typing import Any

from engine.views.explain import explain
from engine.web.moments import Moments
from engine.web.words import State

Json = dict[str, Any]


def engine_part(status: Json, now_ms: int, moments: Moments) -> Json:
    """The engine itself."""
    return {
        "engine": status["engine"],
        "venue": status["venue"],
        "session": status["session"],
        "started": moments.since("engine", now_ms, status["uptime_s"]),
        "halt": status["halt"] or "",
        "stopping": status["stopping"] or "",
        "strategies": list(status["strategies"]),
        "loop_late_ms": round(status["loop"]["late_s"] * 1000),
        "loop_worst_ms": round(status["loop"]["worst_s"] * 1000),
    }


def explained(status: Json) -> Json:
    """The sides of every strategy, by name."""
    found: Json = explain(status)["strategies"]
    return found


def strategy_parts(
    name: str, strategy: Json, sides: Json, state: State, now_ms: int, moments: Moments
) -> Iterator[tuple[str, Any]]:
    """Each part of a strategy that the page shows, by its name."""

    def since(what: object, age_s: float | None) -> int | None:
        return moments.since((name, what), now_ms, age_s)

    def opens(what: object, in_s: float | None) -> int | None:
        return since(("opens", what), None if in_s is None else -in_s)

    yield (
        "state",
        {
            "pair": strategy["pair"],
            "instrument": strategy["instrument"],
            "kind": state.kind,
            "words": state.words,
            "cause": state.cause,
            "opens": opens("state", state.opens_in_s),
            "ready": strategy["ready"],
            "components": strategy["components_ready"],
        },
    )
    yield "top", strategy["top"] and {key: strategy["top"][key] for key in ("bid", "ask", "mid")}
    yield (
        "orders",
        [
            {
                **{key: value for key, value in order.items() if key not in {"age_s", "spread"}},
                "since": since(("order", order["order"]), order["age_s"]),
                "level": level,
            }
            for order, level in _by_level(strategy["orders"])
        ],
    )
    yield (
        "sides",
        {
            side: {
                "quoting": known["quoting"],
                "gates": [
                    gate_part(gate, opens((side, gate["code"]), gate["opens_in_s"]))
                    for gate in known["gates"]
                ],
            }
            for side, known in sides.items()
        },
    )
    yield (
        "components",
        [
            {
                "name": component,
                "holds": known["holds"],
                "evidence": known["evidence"] if not known["holds"] else "",
                "since": since(("component", component), known["since_s"]),
                "waits_for": known["waits_for"],
                "known_by": known["known_by"],
                "last_error": known["last_error"],
            }
            for component, known in strategy["components"].items()
        ],
    )
    yield "profit", strategy["profit"]
    yield "inventory", strategy["inventory"]


def slow_parts(strategy: Json) -> Iterator[tuple[str, Any]]:
    """What changes with every look, and is sent more rarely."""
    yield (
        "quoted",
        {
            side: {
                "share": known["share"],
                "not_quoting_s": dict(list(known["not_quoting_s"].items())[:6]),
            }
            for side, known in strategy["quoting"].items()
        },
    )


def gate_part(gate: Json, opens: int | None) -> Json:
    """A gate that is shut, as the page lists it."""
    opening = gate["opening"] or {"words": ""}
    return {
        "code": gate["code"],
        "from": gate.get("from", ""),
        "sentence": gate["sentence"],
        "inputs": gate["inputs"],
        "opens": opens,
        "opening": opening["words"],
    }


def tree_part(status: Json, now_ms: int, moments: Moments) -> list[Json]:
    """Every actor, from the root down, with how deep it lies."""
    tree = status["tree"]
    return [] if tree is None else list(_below(tree, 0, "", now_ms, moments))


def _below(
    supervisor: Json, depth: int, path: str, now_ms: int, moments: Moments
) -> Iterator[Json]:
    for child in supervisor["children"]:
        name = f"{path}/{child['name']}"
        starts_in_s = child["starts_in_s"]
        yield {
            "name": child["name"],
            "path": name,
            "depth": depth,
            "state": child["state"],
            "life": child["life"],
            "since": moments.since(("life", name), now_ms, child["age_s"]),
            "starts": moments.since(
                ("starts", name), now_ms, None if starts_in_s is None else -starts_in_s
            ),
            "last_failure": child["last_failure"],
            "group": child["inside"] is not None,
        }
        if child["inside"] is not None:
            yield from _below(child["inside"], depth + 1, name, now_ms, moments)


def boxes_part(status: Json) -> list[Json]:
    """Mailboxes that were full at least once."""
    return [
        {"name": name, "peak": box["peak"], "capacity": box["capacity"], "full": box["found_full"]}
        for name, box in status["mailboxes"].items()
        if box["found_full"]
    ]


def _by_level(orders: list[Json]) -> Iterator[tuple[Json, int]]:
    """Each order with its place on its side, the one nearest to the market first."""
    for side, sign in (("sell", 1), ("buy", -1)):
        of_side = [order for order in orders if order["side"] == side]
        outwards = sorted(of_side, key=lambda order: sign * float(order["price"]))
        yield from ((order, level) for level, order in enumerate(outwards, 1))
