"""What of the account's stream cannot be read, and whose it is."""

import pytest

from tests.trading.builders import OURS, THEIRS
from tests.trading.desk import Desk, E, S, reported
from trading.core.errors import MalformedFrame
from trading.core.identifiers import ClientOrderId
from trading.messages.account import OpenOrdersListed, OrderFailed, RowUnread
from trading.venues.valr.codec.account import decode_account

ROW = (
    '{"orderId":"v-1","side":"buy","quantity":"40","price":%s,"currencyPair":"DOGEUSDT",'
    '"originalQuantity":"40","customerOrderId":"q-1","status":"Placed"}'
)


@pytest.mark.parametrize("shape", ["[%s,%s]", '{"accountId":1,"orders":[%s,%s]}'])
def test_an_odd_row_of_the_list_of_open_orders_spoils_no_other(shape: str) -> None:
    rows = shape % (ROW % '"0.1"', ROW.replace("q-1", "theirs") % "null")
    (listed,) = decode_account(f'{{"type":"OPEN_ORDERS_UPDATE","data":{rows}}}')
    assert isinstance(listed, OpenOrdersListed)
    assert [report.client_order_id for report in listed.reports] == ["q-1"]
    (odd,) = listed.odd
    assert odd.names == frozenset({"theirs", "v-1"})
    assert "row 2 of the open orders on the stream" in str(odd)


@pytest.mark.parametrize(
    ("frame", "names"),
    [
        ('{"type":"BALANCE_UPDATE","data":{"currency":{"shortName":"SHIB"},"available":"1E-9"}}',
         {"SHIB"}),
        ('{"type":"NEW_ACCOUNT_TRADE","data":{"id":"t-1","orderId":"v-1","side":"auction"}}',
         {"t-1", "v-1"}),
        # A person's market order has no price.
        ('{"type":"ORDER_STATUS_UPDATE","data":{"orderId":"v-1","orderStatusType":"Filled"}}',
         {"v-1"}),
    ],
)  # fmt: skip
def test_a_message_about_one_thing_tells_whose_it_is_though_it_cannot_be_read(
    frame: str, names: set[str]
) -> None:
    (unread,) = decode_account(frame)
    assert isinstance(unread, RowUnread)
    assert unread.odd.names == frozenset(names)


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"BALANCE_UPDATE","data":{"available":"1"}}',
        '{"type":"NEW_ACCOUNT_TRADE","data":{"id":"t-1"}}',
        '{"type":"NEW_ACCOUNT_TRADE","data":{"id":"t","orderId":"v","customerOrderId":7}}',
        '{"type":"NEW_ACCOUNT_TRADE","data":[]}',
        '{"type":"PLACE_LIMIT_WS_RESPONSE","data":{"orderId":7}}',
    ],
)
def test_one_that_may_be_anybodys_is_malformed(frame: str) -> None:
    with pytest.raises(MalformedFrame):
        decode_account(frame)


@pytest.mark.parametrize("kind", ["FAILED_ORDER", "ORDER_FAILED", "ORDER_REJECTED"])
@pytest.mark.parametrize("reason", ["message", "failureReason", "failedReason"])
def test_a_message_that_an_order_failed_is_understood(kind: str, reason: str) -> None:
    frame = '{"type":"%s","data":{"orderId":"v-1","customerOrderId":"q-1","%s":"no"}}'
    assert decode_account(frame % (kind, reason)) == (
        OrderFailed(venue_order_id=THEIRS, client_order_id=ClientOrderId("q-1"), reason="no"),
    )
    with pytest.raises(MalformedFrame, match="a failed order without a name"):
        decode_account(f'{{"type":"{kind}","data":{{"message":"no"}}}}')


def test_an_order_that_is_said_to_have_failed_is_in_doubt_until_it_is_asked_for() -> None:
    desk = Desk()
    desk.hear(OrderFailed(venue_order_id=THEIRS, client_order_id=OURS, reason="no"))
    assert (desk.status(), desk.order.reason) == (S.UNKNOWN, "the venue says that it failed: no")
    desk.hear(reported(E.REJECTED))
    desk.hear(OrderFailed(venue_order_id=None, client_order_id=OURS, reason="no"))
    assert desk.status() is S.REJECTED
