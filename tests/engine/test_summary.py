"""What a run came to, for machines and for people."""

import json
from decimal import Decimal

import attrs
import msgspec

from engine.process.exit_codes import ExitCode
from engine.system.summary import StrategySummary, Summary, as_json, as_text
from tests.trading.builders import BASE, PAIR, QUOTE, STRATEGY, D, a_report, an_instrument
from trading.account.position import Position
from trading.core.identifiers import ClientOrderId, StrategyName, VenueOrderId
from trading.core.market import Balance, Side
from trading.journal.performance import Performance
from trading.messages.gateway import FlatProof
from trading.orders.order import OrderEvent
from trading.readiness.lease import Component, Milestones

MADE = StrategySummary(
    pair=PAIR,
    instrument=an_instrument(),
    milestones=Milestones(components=dict.fromkeys(Component, 0.25), ready=0.5),
    performance=Performance(
        orders_placed=12,
        orders_filled=3,
        orders_cancelled=8,
        orders_rejected=1,
        fills=4,
        bought=D(120),
        sold=D(40),
        fees={"USDT": D("0.0300")},
        position=Position(quantity=D(80), cost=D(8), realised_profit=D("0.1")),
    ),
    price=D("0.1050"),
    quoting_s={Side.BUY: 24.0, Side.SELL: 30.0},
    inventory={
        BASE: Balance(currency=BASE, available=D(1040), reserved=D(40)),
        QUOTE: Balance(currency=QUOTE, available=D("992.50"), reserved=D(0)),
    },
    not_quoting_s={Side.BUY: {"not_ready": 0.5, "price_ceiling": 5.5}, Side.SELL: {}},
)
NEVER_READY = StrategySummary(
    pair=PAIR,
    instrument=None,
    milestones=Milestones(components={Component.SYMBOLS_MAPPING: 0.1}),
    performance=Performance(),
    price=None,
    quoting_s=dict.fromkeys(Side, 0.0),
    inventory={},
)
FLAT = Summary(
    engine="doge",
    venue="valr",
    ended_by="SIGTERM",
    exit_code=ExitCode.OK,
    uptime_s=30.0004,
    restarts=2,
    proof=FlatProof(proven=True),
    strategies={STRATEGY: MADE},
)
NOT_FLAT = msgspec.structs.replace(
    FLAT,
    exit_code=ExitCode.FAILURE,
    proof=FlatProof(
        proven=False,
        left=(a_report(OrderEvent.RESTING, venue_order_id=VenueOrderId("v-7")),),
        trouble="the venue was away",
    ),
)


def test_the_summary_for_machines_has_these_keys() -> None:
    summary = as_json(FLAT)
    assert list(summary) == [
        "engine",
        "venue",
        "ended_by",
        "exit_code",
        "uptime_s",
        "restarts",
        "given_up",
        "halt",
        "ready",
        "orders_placed",
        "orders_cancelled",
        "orders_filled",
        "orders_rejected",
        "fills",
        "open_orders_left",
        "flat_proven",
        "flat_trouble",
        "unread",
        "orders_left",
        "orders_in_doubt",
        "log_lines_lost",
        "strategies",
    ]
    assert summary | {"strategies": {}} == {
        "engine": "doge",
        "venue": "valr",
        "ended_by": "SIGTERM",
        "exit_code": 0,
        "uptime_s": 30.0,
        "restarts": 2,
        "given_up": [],
        "halt": None,
        "ready": "10/10",
        "orders_placed": 12,
        "orders_cancelled": 8,
        "orders_filled": 3,
        "orders_rejected": 1,
        "fills": 4,
        "open_orders_left": 0,
        "flat_proven": True,
        "flat_trouble": None,
        "unread": None,
        "orders_left": [],
        "orders_in_doubt": [],
        "log_lines_lost": {},
        "strategies": {},
    }


def test_lines_that_did_not_get_into_the_log_are_told() -> None:
    lossy = msgspec.structs.replace(FLAT, log_lines_lost={"file": 0, "console": 7})
    assert as_json(lossy)["log_lines_lost"] == {"file": 0, "console": 7}
    assert "  LOG LINES LOST: 7 of the console\n" in as_text(lossy)
    whole = msgspec.structs.replace(FLAT, log_lines_lost={"file": 0, "console": 0})
    assert "LOST" not in as_text(whole)


def test_a_strategys_money_is_text_and_its_times_are_seconds() -> None:
    assert as_json(FLAT)["strategies"] == {
        "maker": {
            "pair": "DOGEUSDT",
            "ready": "10/10",
            "ready_after_s": 0.5,
            "components_after_s": {component.value: 0.25 for component in Component},
            "orders_placed": 12,
            "orders_cancelled": 8,
            "orders_filled": 3,
            "orders_rejected": 1,
            "in_doubt": [],
            "fills": 4,
            "bought": "120",
            "sold": "40",
            "fees": {"USDT": "0.03"},
            "inventory": {
                "DOGE": {"available": "1040", "reserved": "40"},
                "USDT": {"available": "992.5", "reserved": "0"},
            },
            "position": "80",
            "price": "0.105",
            "profit": {"realised": "0.1", "unrealised": "0.4", "total": "0.5"},
            "quoting_s": {"buy": 24.0, "sell": 30.0},
            "quoting_share": {"buy": 0.8, "sell": 1.0},
            "not_quoting_s": {"buy": {"price_ceiling": 5.5, "not_ready": 0.5}, "sell": {}},
        }
    }


def test_the_summary_for_machines_is_json() -> None:
    for summary in (
        FLAT,
        NOT_FLAT,
        msgspec.structs.replace(FLAT, strategies={STRATEGY: NEVER_READY}),
    ):
        assert json.loads(json.dumps(as_json(summary))) == as_json(summary)


def test_what_the_ledger_may_lack_is_said_in_words_and_for_machines() -> None:
    short = msgspec.structs.replace(
        FLAT, proof=FlatProof(proven=True, unread="all fills of qw-a-b-1-1")
    )
    assert as_json(short)["unread"] == "all fills of qw-a-b-1-1"
    assert "  THE LEDGER MAY LACK all fills of qw-a-b-1-1; a start with the same ledger" in as_text(
        short
    )
    assert "MAY LACK" not in as_text(FLAT)


def test_orders_that_are_left_are_named_and_counted() -> None:
    summary = as_json(NOT_FLAT)
    assert summary["open_orders_left"] == 1
    assert summary["orders_left"] == ["v-7"]
    assert summary["flat_proven"] is False
    assert summary["flat_trouble"] == "the venue was away"
    assert summary["exit_code"] == 1


def test_without_proof_and_without_a_list_nobody_knows_how_many_are_left() -> None:
    proof = FlatProof(proven=False, trouble="the venue was away")
    assert as_json(msgspec.structs.replace(NOT_FLAT, proof=proof))["open_orders_left"] is None


def test_the_least_ready_strategy_decides_how_ready_the_run_was() -> None:
    both = {STRATEGY: MADE, StrategyName("other"): NEVER_READY}
    summary = as_json(msgspec.structs.replace(FLAT, strategies=both))
    assert summary["ready"] == "1/10"
    assert summary["orders_placed"] == 12
    assert as_json(msgspec.structs.replace(FLAT, strategies={}))["ready"] == "0/10"


def test_a_run_of_no_time_has_no_share_of_it() -> None:
    instant = msgspec.structs.replace(FLAT, uptime_s=0.0)
    assert '"quoting_share": {"buy": 0.0, "sell": 0.0}' in json.dumps(as_json(instant))
    assert "quoting" in as_text(instant)


def test_an_average_cost_without_an_exact_decimal_is_shown_to_eight_places() -> None:
    position = Position(quantity=D(1), cost=Decimal(1) / Decimal(3))
    performance = attrs.evolve(MADE.performance, position=position)
    strategy = msgspec.structs.replace(MADE, performance=performance, price=D(1))
    text = json.dumps(as_json(msgspec.structs.replace(FLAT, strategies={STRATEGY: strategy})))
    assert '"unrealised": "0.66666667"' in text


def test_the_summary_for_people_tells_the_whole_run() -> None:
    text = as_text(FLAT)
    for part in (
        "doge on valr: 30.0 s, ended by SIGTERM, 2 restarts",
        "no order of ours is left: proven by the venue's list",
        "maker (DOGEUSDT): 10/10, ready after 0.50 s",
        "12 placed, 8 cancelled, 3 filled, 1 rejected",
        "4: bought 120 DOGE, sold 40 DOGE; fees 0.03 USDT",
        "1080 DOGE, 992.5 USDT",
        "+0.500000 USDT (realised +0.100000, unrealised +0.400000)",
        "buy 24.0 s (80%), sell 30.0 s (100%)",
    ):
        assert part in text


def test_the_summary_for_people_is_loud_about_what_is_left() -> None:
    assert "NOT PROVEN FLAT: the venue was away; orders left: v-7" in as_text(NOT_FLAT)
    unknown = msgspec.structs.replace(NOT_FLAT, proof=FlatProof(proven=False, trouble="no answer"))
    assert "NOT PROVEN FLAT: no answer; orders left: unknown" in as_text(unknown)
    doubtful = FlatProof(
        proven=False, trouble="no answer", in_doubt=(ClientOrderId("qw-doge-maker-1-7"),)
    )
    named = msgspec.structs.replace(NOT_FLAT, proof=doubtful)
    assert "orders left: unknown, perhaps qw-doge-maker-1-7" in as_text(named)
    assert as_json(named)["orders_in_doubt"] == ["qw-doge-maker-1-7"]


def test_a_strategy_that_was_never_ready_says_so() -> None:
    text = as_text(msgspec.structs.replace(FLAT, strategies={STRATEGY: NEVER_READY}))
    assert "maker (DOGEUSDT): 1/10, never ready" in text
    assert "inventory  unknown" in text
    assert "fees none" in text
    summary = as_json(msgspec.structs.replace(FLAT, strategies={STRATEGY: NEVER_READY}))
    assert '"ready_after_s": null' in json.dumps(summary)
    assert '"price": null' in json.dumps(summary)
