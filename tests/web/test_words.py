"""The state in words: what is coloured red, what passes by itself, and what is halted."""

from typing import Any

import pytest

from engine.control.protocol import STRATEGIES_CHANGE
from engine.web.words import PATIENCE_S, code_kind, side_kind, state_of

Json = dict[str, Any]

STATUS: Json = {"halt": "", "stopping": ""}
STRATEGY: Json = {"ready": True, "components_ready": "10/10", "shut_out": []}


def gate(code: str, *, opens_in_s: float | None = None, origin: str = "strategy") -> Json:
    return {"code": code, "from": origin, "sentence": f"the {code}", "opens_in_s": opens_in_s}


def side(*gates: Json, quoting: bool = False) -> Json:
    return {"quoting": quoting, "gates": list(gates), "orders": [], "wanted": []}


QUOTES = side(gate("refresh_running", opens_in_s=9.0), quoting=True)
DELAYED = side(gate("fill_delay", opens_in_s=3.5))
CAPPED = side(gate("price_ceiling"))


def words(buy: Json, sell: Json, *, without_s: float = 0.0, **changes: Any) -> tuple[str, str, str]:
    status = {**STATUS, **{key: value for key, value in changes.items() if key in STATUS}}
    strategy = {**STRATEGY, **{key: value for key, value in changes.items() if key in STRATEGY}}
    state = state_of(status, strategy, {"buy": buy, "sell": sell}, without_s)
    return state.kind, state.words, state.cause


def test_both_sides_quote() -> None:
    assert words(QUOTES, QUOTES) == ("quoting", "quoting both sides", "")


def test_one_side_quotes_and_the_gate_of_the_other_is_named() -> None:
    assert words(QUOTES, CAPPED) == ("partly", "quoting buy only", "the price_ceiling")


def test_what_opens_by_itself_is_neutral_for_ten_seconds() -> None:
    assert words(DELAYED, DELAYED, without_s=PATIENCE_S - 0.1)[:2] == ("waiting", "waiting")
    assert words(DELAYED, DELAYED, without_s=PATIENCE_S)[:2] == ("not_quoting", "NOT QUOTING")


def test_what_does_not_open_by_itself_is_red_at_once() -> None:
    assert words(CAPPED, DELAYED) == ("not_quoting", "NOT QUOTING", "the price_ceiling")


def test_what_is_not_ready_names_the_component() -> None:
    lapsed = side(gate("order_book", origin="readiness"))
    kind, said, cause = words(lapsed, lapsed, ready=False, components_ready="9/10")
    assert (kind, said, cause) == ("not_ready", "NOT READY (9/10)", "the order_book")


def test_a_halt_and_a_stop_go_before_everything() -> None:
    assert words(QUOTES, QUOTES, halt="enough") == ("halted", "HALTED", "enough")
    assert words(QUOTES, QUOTES, stopping="SIGTERM") == ("stopping", "STOPPING", "SIGTERM")


def test_a_session_that_ends_for_another_one_is_no_stop() -> None:
    stopping = f"the engine is stopping: {STRATEGIES_CHANGE}"
    assert words(QUOTES, QUOTES, stopping=stopping)[:2] == ("changing", "changing strategies")


def test_a_side_that_quotes_too_few_levels_says_why() -> None:
    buy = {**QUOTES, "orders": [{}], "wanted": [{}, {}]}
    shut_out = [{"side": "buy", "code": "too_much", "sentence": "too much"}]
    assert words(buy, QUOTES, shut_out=shut_out)[2] == "1 of 2 buys: too much"


def test_orders_on_their_way_are_no_trouble() -> None:
    assert words(side(), side()) == ("waiting", "waiting", "orders are on their way")


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (QUOTES, ("quoting", "")),
        (DELAYED, ("waits", "fill_delay")),
        (CAPPED, ("setting", "price_ceiling")),
        (side(gate("order_book", origin="readiness")), ("missing", "order_book")),
        (side(gate("price_lapsed")), ("missing", "price_lapsed")),
        (side(gate("halted", origin="halt")), ("halted", "halted")),
        (side(), ("waits", "on_the_way")),
    ],
)
def test_each_side_has_one_of_five_classes(known: Json, kind: tuple[str, str]) -> None:
    assert side_kind(known) == kind


def test_the_log_knows_the_code_alone() -> None:
    assert [code_kind(code) for code in ("halted", "not_ready", "fill_delay", "price_floor")] == [
        *("halted", "missing", "waits", "setting"),
    ]
