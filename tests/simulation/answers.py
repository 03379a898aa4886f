"""
The whole engine under each plausible answer to an open question about the venue.

    python -m tests.simulation.answers [NAME ...] [--seeds 1..20] [--hours 1] [--jobs 2]

Each answer is a set of knobs of the simulated exchange (docs/conformance.md, "Open questions"). For
each of them the seeds of `engine simulate --faults swarm` are run, and a row is printed.

Exit code 0 says that no invariant was violated under any of them, and that the engine traded under
all but those where it must not (``UNPROVEN``).
"""

import argparse
import sys
import time
from collections.abc import Mapping

from engine.simulation.batch import CALM_MARKET, PAPER, Task, run_seeds
from engine.simulation.outcome import Outcome
from tests.support.telling import tell

_RULES = "simulator.rules"
_HOUR_S = 3600.0
_NOT_QUOTED = "not quoted for"
"""How a violation of the invariant (I12) begins that an engine quotes before long."""
_AMOUNT_SHAPES = {
    "GET /v1/account/balances": ("[].available:{kind}", "[].reserved:{kind}", "[].total:{kind}"),
    "BALANCE_UPDATE": ("data.available:{kind}", "data.reserved:{kind}", "data.total:{kind}"),
}
_EVENTS = ("PLACE_LIMIT_WS_RESPONSE", "ORDER_PROCESSED", "OPEN_ORDERS_UPDATE", "BALANCE_UPDATE")


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def _rule(name: str, value: str) -> str:
    return f"{_RULES}.{name}={value}"


def _shape(route: str, *edits: str) -> str:
    return f'{_RULES}.shapes."{route}"={_list(edits)}'


def _amounts(kind: str) -> tuple[str, ...]:
    edits = {route: [one.format(kind=kind) for one in e] for route, e in _AMOUNT_SHAPES.items()}
    return tuple(_shape(route, *some) for route, some in edits.items())


def _refused(usual: str, words: str) -> str:
    return f'{_RULES}.refusals."{usual}"="{words}"'


ANSWERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "as-expected": ("none", ()),
    "clock-ahead": ("U1", (_rule("clock_ahead_s", "0.8"),)),
    "clock-behind": ("U1", (_rule("clock_ahead_s", "-0.8"),)),
    "bad-login-closes": ("U2", (_rule("bad_login", '"1008 Unauthorized"'),)),
    "bad-login-refuses": ("U2", (_rule("bad_login", '"401"'),)),
    "limited-says-nothing": (
        "U3",
        (_rule("html_when_limited", "false"), _rule("retry_after_when_limited", "false")),
    ),
    "batch-in-the-frame": ("U4", (_rule("batch_reply", '"frame"'),)),
    "batch-in-frames": ("U4", (_rule("batch_reply", '"each"'),)),
    "socket-refuses-invalid": ("U5", (_rule("socket_refusals", '"invalid"'),)),
    "socket-refuses-by-error": ("U5", (_rule("socket_refusals", '"error"'),)),
    "socket-refuses-namelessly": ("U5", (_rule("socket_refusals", '"nameless"'),)),
    "snapshot-again": ("U6", (_rule("snapshot_when_repeated", "true"),)),
    "events-before-the-answer": ("U7", (_rule("event_order", _list(_EVENTS[1:] + _EVENTS[:1])),)),
    "balances-first": ("U7", (_rule("event_order", _list(_EVENTS[::-1])),)),
    "resting-orders-told": ("U8", (_rule("tell_resting_orders", "true"),)),
    "status-on-demand": ("U8", (_rule("status_on_demand", "true"),)),
    "no-account-subscriptions": ("U8", (_rule("take_account_subscriptions", "false"),)),
    "welcome-in-other-order": (
        "U8",
        (_rule("welcome", _list(("AUTHENTICATED", "OPEN_ORDERS_UPDATE", "BALANCE_UPDATE"))),),
    ),
    "welcome-without-balances": ("U8", (_rule("welcome", _list(("AUTHENTICATED",))),)),
    "trade-login-untold": ("U8", (_rule("tell_login_on_trade_socket", "false"),)),
    "no-cancel-on-disconnect": ("U9", (_rule("cancel_on_disconnect", "false"),)),
    "cancel-on-disconnect-late": ("U9", (_rule("cancel_on_disconnect_delay_s", "30"),)),
    "refused-with-201": ("U10", (_rule("refused_placement_status", "201"),)),
    "found-after-1-s": ("U12", (_rule("lookup_delay_s", "1.5"),)),
    "found-after-10-s": ("U12", (_rule("lookup_delay_s", "10"),)),
    "levels-batched": ("U15", (_rule("level_feed_batch_s", "0.25"),)),
    "quantities-padded": ("U16", (_rule("quantity_decimals", "8"),)),
    "quantities-padded-not-summed": (
        "U16",
        (_rule("quantity_decimals", "8"), _rule("checksum_quantities", '"shortest"')),
    ),
    "subscribe-adds": ("U17", (_rule("subscribe_adds", "true"),)),
    "mixed-lists-refused": ("U17", (_rule("take_mixed_lists", "false"),)),
    "trade-ids-untold": ("U19", (_rule("tell_trade_ids", "false"),)),
    "trades-late": ("U19", (_rule("trades_late_s", "4"),)),
    "fees-untold": ("U20", (_rule("tell_fees", "false"),)),
    "executed-is-the-total": ("U21", (_rule("executed", '"total"'),)),
    "executed-is-absent": ("U21", (_rule("executed", '"absent"'),)),
    "modified-is-placed": ("U22", (_rule("modified_status", '"Placed"'),)),
    "modified-is-new-to-us": ("U22", (_rule("modified_status", '"Amended Somehow"'),)),
    "amounts-padded": ("U26", _amounts("padded")),
    "read-only-for-an-hour": (
        "U27",
        (_rule("read_only_after_s", "600"), _rule("read_only_for_s", "300")),
    ),
    "names-of-open-orders-taken": ("U28", (_rule("take_duplicate_names", "true"),)),
    "names-once": ("U28", (_rule("names_once", "true"),)),
    "name-refused-otherwise": ("U28", (_refused("failure -11502", "There is one already"),)),
    "crossing-refused-otherwise": ("U28", (_refused("failure -11501", "It would have matched"),)),
    "failed-cancels-untold": ("U28", (_rule("tell_failed_cancels", "false"),)),
    "cancel-says-200": ("U28", (_rule("cancel_status", "200"),)),
    "unfilled-cancels-shown": ("U28", (_rule("show_unfilled_cancels", "true"),)),
    "orders-counted-by-frame": (
        "U28",
        (_rule("count_orders", "false"), 'venue.book_feed="FULL_ORDERBOOK_UPDATE"'),
    ),
}
"""By a name: the question, and the settings that are its answer."""

UNPROVEN = frozenset({"quantities-padded-not-summed"})
"""Answers under which no book is ever proven: nothing may be quoted, and the log says why."""


def task_of(name: str, *, length_s: float, faults: str = "swarm") -> Task:
    """The simulation of an answer, by its name."""
    _, settings = ANSWERS[name]
    return Task(
        config=PAPER,
        overrides=(*CALM_MARKET, *settings),
        own_configuration=False,
        faults=faults,
        length_s=length_s,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation.answers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *ANSWERS], default=[])
    parser.add_argument("--seeds", default="1..20", metavar="A..B")
    parser.add_argument("--hours", type=float, default=1.0, help="simulated, of each seed")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    first, _, last = given.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    tell("| answer | question | seeds | orders | fills | violations | minutes |\n|" + "---|" * 7)
    clean = True
    for name in given.names or ANSWERS:
        question, _ = ANSWERS[name]
        task = task_of(name, length_s=given.hours * _HOUR_S)
        began = time.monotonic()
        outcomes = list(run_seeds(task, seeds, given.jobs))
        violations = [_violation(one) for one in outcomes if _is_wrong(one, name)]
        traded = any(one.orders for one in outcomes)
        clean = clean and not violations and len(outcomes) == len(seeds)
        clean = clean and traded is (name not in UNPROVEN)
        tell(
            f"| `{name}` | {question} | {len(outcomes)} | {sum(one.orders for one in outcomes):,}"
            f" | {sum(one.fills for one in outcomes):,} | {'; '.join(violations) or 'none'}"
            f" | {(time.monotonic() - began) / 60:.1f} |"
        )
    return 0 if clean else 1


def _is_wrong(outcome: Outcome, name: str) -> bool:
    """Whether an invariant was violated that may not be; nobody quotes on an unproven book."""
    violation = outcome.violation
    silent = violation is not None and violation.what.startswith(_NOT_QUOTED)
    return violation is not None and not (silent and name in UNPROVEN)


def _violation(outcome: Outcome) -> str:
    assert outcome.violation is not None
    return f"{outcome.seed}: {outcome.violation.invariant} {outcome.violation.what}"


if __name__ == "__main__":
    sys.exit(main())
