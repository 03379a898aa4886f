"""Why a side is not quoting: every shut gate in the order in which they would have to open."""

from typing import Any

from trading.market import Side

Json = dict[str, Any]

_SAID_BY_READINESS = "not_ready"
_LIVE = frozenset({"open", "partially filled"})


def explain(status: Json) -> Json:
    """
    Fold a status (``engine.status``) into what keeps each side of each strategy from quoting.

    A side may quote some levels and have gates shut for others.
    """
    return {
        "engine": status["engine"],
        "strategies": {
            name: {
                "pair": strategy["pair"],
                "sides": {side.value: _side(side.value, strategy, status) for side in Side},
            }
            for name, strategy in status["strategies"].items()
        },
    }


def _side(side: str, strategy: Json, status: Json) -> Json:
    orders = [order for order in strategy["orders"] if order["side"] == side]
    gates = [
        *_not_ready(strategy),
        *_withdrawn(status),
        *_orders_not_known(strategy),
        *(
            {"from": "strategy", **gate}
            for gate in strategy["gates"]
            if gate["side"] in {None, side} and gate["code"] != _SAID_BY_READINESS
        ),
    ]
    return {
        "quoting": any(order["status"] in _LIVE for order in orders),
        "orders": orders,
        "gates": gates,
        "wanted": [quote for quote in strategy["wanted"] if quote["side"] == side],
    }


def _not_ready(strategy: Json) -> list[Json]:
    return [
        _gate("readiness", name, f"{name}: {component['evidence']}")
        for name, component in strategy["components"].items()
        if not component["holds"]
    ]


def _withdrawn(status: Json) -> list[Json]:
    return [
        *([_gate("halt", "halted", f"halted: {status['halt']}")] if status["halt"] else []),
        *([_gate("stop", "stopping", status["stopping"])] if status["stopping"] else []),
    ]


def _orders_not_known(strategy: Json) -> list[Json]:
    if strategy["reconciled"]:
        return []
    words = "the venue's orders have not been compared with ours since its stream began"
    return [_gate("gateway", "not_reconciled", words)]


def _gate(origin: str, code: str, sentence: str) -> Json:
    return {
        "from": origin,
        "code": code,
        "side": None,
        "sentence": sentence,
        "opens_in_s": None,
        "inputs": {},
    }
