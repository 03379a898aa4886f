"""One order's story, from the entries of the ledger."""

import attrs
from msgspec.structs import replace

from engine.storage.ledger_database import open_in_memory
from engine.views.order_story import order_story, story_lines
from tests.support.builders import a_fill, an_order
from tests.support.ledger_rig import EPOCH_NS, VENUE
from tests.trading.builders import D
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded, OrdersIntended
from trading.journal.moment import Moment
from trading.journal.tables import SESSIONS
from trading.journal.whole import Whole
from trading.journal.writer import JournalWriter
from trading.orders.order import OrderEvent


def test_it_tells_the_intent_every_event_the_fills_and_the_end() -> None:
    order = replace(an_order(), created_at=10.0, changed_at=10.0)
    mid_price = order.price * D("1.01")
    opened = order.after(OrderEvent.RESTING, 10.25)
    filled = opened.filled_to(order.quantity, 12.0)
    fill = attrs.evolve(
        a_fill(),
        client_order_id=order.client_order_id,
        quantity=order.quantity,
        traded_at_ms=(EPOCH_NS + 11 * 10**9) // 10**6,
    )
    entries: list[LedgerEntry] = [
        OrdersIntended((order,), 10.0, mid_price),
        OrderRecorded(opened, 10.25),
        FillBooked(fill, 12.0),
        OrderRecorded(filled, 12.0),
    ]
    database, scribe = open_in_memory(), JournalWriter(1, VENUE, 0)
    database.commit([SESSIONS.insert(1, "test", VENUE, 0, EPOCH_NS)])
    now = Moment(20.0, EPOCH_NS + 20 * 10**9)
    for entry in entries:
        database.commit(list(scribe.write(entry, now)))

    story = database.read(lambda query: order_story(Whole(query), order.client_order_id))

    assert story is not None
    assert [(event["status"], event["after_s"]) for event in story["events"]] == [
        ("pending", 0.0),
        ("open", 0.25),
        ("filled", 2.0),
    ]
    assert story["spread"] == "0.009901"
    assert story["fills"][0]["after_s"] == 1.0
    assert (story["ended"], story["lived_s"]) == (True, 2.0)
    lines = list(story_lines(story))
    assert "0.990 % away" in lines[1]
    assert "trade" in lines[4], "between the order's opening and its end"
    assert lines[-1].strip().startswith("ended filled after 2.000 s")
    assert database.read(lambda query: order_story(Whole(query), "nobody")) is None
