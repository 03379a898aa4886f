"""Why a side is not quoting: its cause first, then every other gate that is shut."""

from typing import Any

from engine.views.order_doubts import CODE as DOUBT
from engine.views.order_doubts import doubt_sentence, way_out
from trading.core.market import Side

Json = dict[str, Any]

_SAID_BY_READINESS = "not_ready"
_LIVE = frozenset({"open", "partially filled"})


def explain(status: Json) -> Json:
    """
    Fold a status (``engine.views.status``) into what keeps each side of each strategy from quoting.

    A side may quote some levels and have gates shut for others. The gate that its time is charged
    to comes first; the others follow in the order in which they would have to open.
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
    everything = [*_withdrawn(status), *_not_ready(strategy), *_orders_not_known(strategy)]
    gates = [
        *everything,
        *_in_doubt(strategy),
        *_of_the_strategy(side, strategy),
        *_shut_out(side, strategy, said=bool(everything)),
    ]
    return {
        "quoting": any(order["status"] in _LIVE for order in orders),
        "orders": orders,
        "gates": _cause_first(gates, strategy["quoting"][side]["held_by"]),
        "wanted": [quote for quote in strategy["wanted"] if quote["side"] == side],
        "otherwise": [quote for quote in strategy["otherwise"] if quote["side"] == side],
        "input_ages_s": strategy["input_ages_s"],
        "time": strategy["quoting"][side],
    }


def _cause_first(gates: list[Json], cause: str | None) -> list[Json]:
    return sorted(gates, key=lambda gate: gate["code"] != cause)


def _not_ready(strategy: Json) -> list[Json]:
    gates = []
    for name, component in strategy["components"].items():
        if component["holds"]:
            continue
        retry = component["next_retry_s"]
        words = f"waits for {component['waits_for']}"
        if retry is not None:
            words += f"; {component['known_by']} is tried again in {retry:.1f} s"
        inputs = {"missing for": f"{component['since_s']:.1f} s"}
        if component["last_error"]:
            inputs["last error"] = component["last_error"]
        sentence = f"{name}: {component['evidence']}"
        gates.append(
            _gate("readiness", name, sentence, words, inputs=inputs, age_s=component["age_s"])
        )
    return gates


def _withdrawn(status: Json) -> list[Json]:
    gates = []
    if status["halt"]:
        words = "`engine resume CONFIG --confirm`, once the reason is understood"
        gates.append(_gate("halt", "halted", f"halted: {status['halt']}", words))
    if status["stopping"]:
        gates.append(_gate("stop", "stopping", status["stopping"], "start the engine again"))
    return gates


def _orders_not_known(strategy: Json) -> list[Json]:
    if strategy["reconciled"]:
        return []
    sentence = "the venue's orders have not been compared with ours since its stream began"
    words = "the comparison has to be made: a second or two once the stream is open"
    return [_gate("gateway", "not_reconciled", sentence, words)]


def _in_doubt(strategy: Json) -> list[Json]:
    """An order in doubt shuts both sides, whichever it is on."""
    return [
        _gate("gateway", DOUBT, doubt_sentence(one), way_out(one), age_s=one["for_s"])
        for one in strategy["in_doubt"]
    ]


def _of_the_strategy(side: str, strategy: Json) -> list[Json]:
    """With the age of its last look, at which each part of its view was the newest."""
    named = {DOUBT} if strategy["in_doubt"] else set()  # each by itself, see above
    return [
        {"from": "strategy", "age_s": strategy["looked_s_ago"], **gate}
        for gate in strategy["gates"]
        if gate["side"] in {None, side} and gate["code"] not in {_SAID_BY_READINESS, *named}
    ]


def _shut_out(side: str, strategy: Json, *, said: bool) -> list[Json]:
    """
    The rejections of the last instructed orders, by gateway, limits and venue.

    Args:
        said: Whether a gate that shuts everything is named already; single orders repeat it.
    """
    gates = []
    for one in strategy["shut_out"]:
        if one["side"] != side or (said and one["code"] == "not_permitted"):
            continue
        change = one["opening"] or {"words": _WORDS[one["code"]], "what": None, "value": None}
        gate = _gate(one["by"], one["code"], one["sentence"], "", inputs=one["inputs"])
        gates.append({**gate, "side": side, "age_s": one["age_s"], "opening": change})
    return gates


_WORDS = {
    "not_permitted": "what the sentence names has to be over",
    "not_sent": "the next instruction tries again, once the way to the venue is open",
    "venue_rejected": "what the venue objects to has to change; the next instruction tries again",
    "side_stopped": "look at orders and fills, then `engine kill` and `engine resume --confirm`",
    "side_suspected": "the next comparison with the venue, due in a moment, opens it",
    "balance_drift": "the next comparison of balances opens it, if it finds no more of it",
}


def _gate(
    origin: str,
    code: str,
    sentence: str,
    words: str,
    *,
    inputs: dict[str, str] | None = None,
    age_s: float | None = None,
) -> Json:
    return {
        "from": origin,
        "code": code,
        "side": None,
        "sentence": sentence,
        "opens_in_s": None,
        "inputs": inputs or {},
        "age_s": age_s,
        "opening": {"words": words, "what": None, "value": None},
    }
