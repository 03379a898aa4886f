"""Every frame and answer that was recorded from VALR decodes, to something where it matters."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.support.recorded import recorded_json, recorded_names
from trading.books.levels import OrderBook
from trading.core.identifiers import ClientOrderId, Pair
from trading.messages.account import (
    BalanceChanged,
    FillReported,
    OrderReported,
    RequestAcknowledged,
)
from trading.messages.market import BookDiff, BookSnapshot
from trading.messages.sockets import Unrecognised
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.account import decode_account
from trading.venues.valr.codec.market import decode_market
from trading.venues.valr.rest import account as requests
from trading.venues.valr.wire import account as account_wire
from trading.venues.valr.wire import rest as rest_wire

FRAMES = "valr/frames"
DIGESTS = ("partial", "reduced")
"""In the name of a file that holds some fields of what was sent, not what was sent."""


def shape(kind: Any) -> Callable[[bytes], object]:
    return lambda body: msgspec.json.decode(body, type=kind)


REST_READERS: dict[str, Callable[[bytes], object]] = {
    "account_balances": requests.balances().decode,
    "account_pair_tradehistory": requests.fills().decode,
    "account_transactionhistory": shape(list[rest_wire.Transaction]),
    "borrows": shape(list[rest_wire.BorrowInterest]),
    "marketsummary": shape(list[rest_wire.SummaryRow]),
    "order_status": requests.order_status(Pair("BTCZAR"), ClientOrderId("x")).decode,
    "orders_history": shape(list[account_wire.OrderStatus]),
    "orders_open": requests.open_orders().decode,
    "pairs.": requests.instruments().decode,
}


def whole(name: str) -> bool:
    return not any(digest in name for digest in DIGESTS)


def frames_of(recorded: Any) -> list[str]:
    """The frames that came in: a file is one frame, or an exchange in both directions."""
    if isinstance(recorded, dict):
        return [msgspec.json.encode(recorded).decode()]
    return [
        msgspec.json.encode(entry["frame"]).decode() for entry in recorded if entry["dir"] == "in"
    ]


@pytest.mark.parametrize("name", recorded_names(f"{FRAMES}/ws-trade") or ["(none here)"])
def test_every_recorded_frame_of_the_trade_socket_decodes(name: str) -> None:
    frames = frames_of(recorded_json(f"{FRAMES}/ws-trade/{name}"))
    assert frames
    for frame in frames:
        events = decode_market(frame, 0.0)
        assert not any(isinstance(event, Unrecognised) for event in events)


@pytest.mark.parametrize("name", recorded_names(f"{FRAMES}/ws-account") or ["(none here)"])
def test_every_recorded_frame_of_the_account_socket_decodes(name: str) -> None:
    frames = frames_of(recorded_json(f"{FRAMES}/ws-account/{name}"))
    assert frames
    for frame in frames:
        (event,) = decode_account(frame)
        assert isinstance(
            event, BalanceChanged | FillReported | OrderReported | RequestAcknowledged
        )


@pytest.mark.parametrize("name", recorded_names(f"{FRAMES}/rest") or ["(none here)"])
def test_every_recorded_answer_is_read(name: str) -> None:
    recorded = recorded_json(f"{FRAMES}/rest/{name}")
    if not whole(name):
        pytest.skip("a digest of an answer, with fields left out: nobody sends it like this")
    if name.startswith("errors_and_headers"):
        pytest.skip("a table of answers: test_every_recorded_error_is_judged reads it")
    (read,) = (read for prefix, read in REST_READERS.items() if name.startswith(prefix))
    answer = read(msgspec.json.encode(recorded))
    assert answer
    if isinstance(recorded, list) and isinstance(answer, list | dict):
        assert len(answer) == len(recorded)


def test_every_recorded_error_is_judged() -> None:
    answers = recorded_json(f"{FRAMES}/rest/errors_and_headers.2026-09-23.json")
    judged = 0
    for answer in answers:
        if "status" not in answer:
            continue
        error = msgspec.convert(answer["body"], rest_wire.ApiError)
        assert (error.code is None) == (answer["status"] == 200)
        judged += 1
    assert judged == 7


def test_every_known_tick_size_is_a_step_that_prices_can_stand_on() -> None:
    reduced = recorded_json(f"{FRAMES}/rest/valr_pairs_reduced.2026-04-07.json")
    whole_row = {"minQuoteAmount": "1", "maxQuoteAmount": "9", "maxBaseAmount": "9"}
    for row in [*reduced["spot"], *reduced["futures"]]:
        rules = requests.instrument(
            rest_wire.PairRules(
                symbol=row["symbol"],
                base_currency=row["base"],
                quote_currency=row["quote"],
                active=row["status"] == "ACTIVE",
                min_base_amount=row["minTradeSize"],
                max_base_amount=whole_row["maxBaseAmount"],
                min_quote_amount=whole_row["minQuoteAmount"],
                max_quote_amount=whole_row["maxQuoteAmount"],
                tick_size=row["tickSize"],
                base_decimal_places="8",
            )
        )
        assert rules.price_up(rules.tick_size) == rules.price_down(rules.tick_size)


def test_the_recorded_difference_follows_the_recorded_snapshot() -> None:
    """The snapshot was cut to three levels a side, so its checksum cannot be recomputed."""
    snapshot, difference = (
        decode_market(frames_of(recorded_json(f"{FRAMES}/ws-trade/{name}"))[0], 0.0)[0]
        for name in (
            "OB_L1_SNAPSHOT.BTCUSDTPERP.2026-09-23.trimmed.json",
            "OB_L1_DIFF.BTCUSDTPERP.2026-09-23.json",
        )
    )
    assert isinstance(snapshot, BookSnapshot)
    assert isinstance(difference, BookDiff)
    book = OrderBook(Pair("BTCUSDTPERP"), RULES)
    for change in (snapshot, difference):
        book.apply(unchecked(change))
    top = book.top(3)
    assert top is not None
    assert [str(level.price) for level in top.asks] == ["86491", "86504", "86516"]
    assert book.sequence == 907136


def unchecked(change: BookSnapshot | BookDiff) -> BookSnapshot | BookDiff:
    return msgspec.structs.replace(change, checksum=None)
