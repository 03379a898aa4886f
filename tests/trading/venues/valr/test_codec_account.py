"""The account socket's frames, as the protocol shows them, into exact messages."""

from decimal import Decimal

import pytest

from trading.core.identifiers import ClientOrderId, Currency, Pair, TradeId, VenueOrderId
from trading.core.market import Balance, Side
from trading.messages.account import (
    AccountEvent,
    AnswerUnclear,
    BalanceChanged,
    CancelOnDisconnectSet,
    CancelRefused,
    FillReported,
    OpenOrdersListed,
    OrderProcessed,
    OrderReport,
    OrderReported,
    RequestAcknowledged,
    RequestRefused,
)
from trading.messages.sockets import Authenticated, Heartbeat, Unrecognised, VenueComplaint
from trading.orders.order import Fill, OrderEvent
from trading.venues.valr.codec.account import decode_account
from trading.venues.valr.codec.fields import status_event

D = Decimal
BALANCE = (
    '{"type":"BALANCE_UPDATE","data":{"currency":{"symbol":"R","decimalPlaces":2,"isActive":true,'
    '"shortName":"ZAR","longName":"Rand","supportedWithdrawDecimalPlaces":2},'
    '"available":"1022.05","reserved":"10","total":"1032.05",'
    '"updatedAt":"2026-03-25T15:38:48.580Z","lendReserved":"0"}}'
)
OPEN_ORDER = (
    '{"orderId":"01972090","side":"sell","quantity":"0.0001","price":"2100000",'
    '"currencyPair":"BTCZAR","createdAt":"2026-05-30T09:40:47.525Z","originalQuantity":"0.0003",'
    '"filledPercentage":"66.67","customerOrderId":"q-17","type":"post-only limit",'
    '"status":"Placed","updatedAt":"2026-05-30T09:40:47.526Z","timeInForce":"GTC",'
    '"allowMargin":false}'
)
OPEN_REPORT = OrderReport(
    venue_order_id=VenueOrderId("01972090"),
    client_order_id=ClientOrderId("q-17"),
    pair=Pair("BTCZAR"),
    side=Side.SELL,
    price=D(2100000),
    quantity=D("0.0003"),
    remaining_quantity=D("0.0001"),
    event=OrderEvent.RESTING,
    status_text="Placed",
    updated_at_ms=1780134047526,
)
STATUS = (
    '{"type":"ORDER_STATUS_UPDATE","data":{"orderId":"019a2a46","orderStatusType":"Partially '
    'Filled","currencyPair":"BTCZAR","originalPrice":"1949500","remainingQuantity":"0.0002",'
    '"originalQuantity":"0.0003","orderSide":"sell","orderType":"post-only limit",'
    '"failedReason":"","orderUpdatedAt":"2026-10-28T10:04:40.566Z",'
    '"orderCreatedAt":"2026-10-28T10:04:04.272Z","customerOrderId":"q-17",'
    '"executedPrice":"1949500","executedQuantity":"0.0001","executedFee":"0.19",'
    '"timeInForce":"GTC"}}'
)
TRADE = (
    '{"type":"NEW_ACCOUNT_TRADE","currencyPairSymbol":"BTCZAR","data":{"price":"1949500",'
    '"quantity":"0.0001","currencyPair":"BTCZAR","tradedAt":"2026-10-28T10:04:40.565Z",'
    '"side":"sell","orderId":"019a2a46","id":"019a29aa","fee":"0.19","feeCurrency":"ZAR",'
    '"customerOrderId":"q-17"}}'
)
FEE = '"fee":"0.19","feeCurrency":"ZAR"'


def test_the_rand_is_known_by_its_code_and_not_by_its_symbol() -> None:
    assert decode_account(BALANCE) == (
        BalanceChanged(
            Balance(
                currency=Currency("ZAR"),
                available=D("1022.05"),
                reserved=D(10),
                updated_at_ms=1774453128580,
            )
        ),
    )


def test_the_sockets_quantity_of_an_open_order_is_what_remains() -> None:
    frame = f'{{"type":"OPEN_ORDERS_UPDATE","data":[{OPEN_ORDER}]}}'
    assert decode_account(frame) == (OpenOrdersListed((OPEN_REPORT,)),)


def test_a_list_of_open_orders_may_come_inside_an_object() -> None:
    frame = f'{{"type":"OPEN_ORDERS_UPDATE","data":{{"accountId":"7","orders":[{OPEN_ORDER}]}}}}'
    assert decode_account(frame) == (OpenOrdersListed((OPEN_REPORT,)),)


@pytest.mark.parametrize("nobody", ['"customerOrderId":"",', ""])
def test_an_open_order_may_have_no_name_of_ours(nobody: str) -> None:
    order = OPEN_ORDER.replace('"customerOrderId":"q-17",', nobody)
    (event,) = decode_account(f'{{"type":"OPEN_ORDERS_UPDATE","data":[{order}]}}')
    assert isinstance(event, OpenOrdersListed)
    assert event.reports[0].client_order_id is None


def test_an_order_status_says_what_remains() -> None:
    assert decode_account(STATUS) == (
        OrderReported(
            OrderReport(
                venue_order_id=VenueOrderId("019a2a46"),
                client_order_id=ClientOrderId("q-17"),
                pair=Pair("BTCZAR"),
                side=Side.SELL,
                price=D(1949500),
                quantity=D("0.0003"),
                remaining_quantity=D("0.0002"),
                event=OrderEvent.PARTLY_FILLED,
                status_text="Partially Filled",
                updated_at_ms=1793181880566,
            )
        ),
    )


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Placed", OrderEvent.RESTING),
        ("placed", OrderEvent.RESTING),
        ("Active", OrderEvent.RESTING),
        ("Order Modified", OrderEvent.RESTING),
        ("Repriced Due To Slippage", OrderEvent.RESTING),
        (
            "Order price has been modified due to slippage limits",
            OrderEvent.RESTING,
        ),
        ("PartiallyFilled", OrderEvent.PARTLY_FILLED),
        ("  Partially  Filled ", OrderEvent.PARTLY_FILLED),
        ("Filled", OrderEvent.WHOLLY_FILLED),
        ("FILLED", OrderEvent.WHOLLY_FILLED),
        ("Cancelled", OrderEvent.CANCELLED),
        ("Partially Filled Due To Slippage", OrderEvent.CANCELLED),
        ("Partially Filled and Cancelled Due To Slippage", OrderEvent.CANCELLED),
        ("Failed", OrderEvent.REJECTED),
        ("Expired", OrderEvent.EXPIRED),
        ("Frozen", None),
        ("", None),
    ],
)
def test_a_status_is_read_whatever_its_case_and_spacing(
    text: str, event: OrderEvent | None
) -> None:
    assert status_event(text) is event


def test_an_unknown_status_is_reported_and_ends_nothing() -> None:
    (event,) = decode_account(STATUS.replace("Partially Filled", "Frozen Solid"))
    assert isinstance(event, OrderReported)
    assert event.report.event is None
    assert event.report.status_text == "Frozen Solid"


@pytest.mark.parametrize(
    ("reason", "said"),
    [('""', ""), ('"None"', ""), ("null", ""), ('"Insufficient Balance"', "Insufficient Balance")],
)
def test_a_reason_that_is_none_is_empty(reason: str, said: str) -> None:
    (event,) = decode_account(STATUS.replace('"failedReason":""', f'"failedReason":{reason}'))
    assert isinstance(event, OrderReported)
    assert event.report.reason == said


def test_our_own_trade_is_a_fill() -> None:
    assert decode_account(TRADE) == (
        FillReported(
            Fill(
                trade_id=TradeId("019a29aa"),
                pair=Pair("BTCZAR"),
                side=Side.SELL,
                price=D(1949500),
                quantity=D("0.0001"),
                fee=D("0.19"),
                fee_currency="ZAR",
                venue_order_id=VenueOrderId("019a2a46"),
                client_order_id=ClientOrderId("q-17"),
                traded_at_ms=1793181880565,
            )
        ),
    )


@pytest.mark.parametrize(
    ("fields", "fee", "currency"),
    [
        pytest.param(
            '"makerReward":"0.0001","makerRewardCurrency":"USDC"',
            D("-0.0001"),
            "USDC",
            id="a reward is a negative fee",
        ),
        pytest.param('"fee":"0"', D(0), "", id="no fee"),
        pytest.param('"novelty":1', D(0), "", id="not a word about fees"),
    ],
)
def test_fees_are_optional_and_may_be_a_reward(fields: str, fee: Decimal, currency: str) -> None:
    (event,) = decode_account(TRADE.replace(FEE, fields))
    assert isinstance(event, FillReported)
    assert (event.fill.fee, event.fill.fee_currency) == (fee, currency)


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ('{"type":"AUTHENTICATED"}', Authenticated()),
        ('{"type":"PONG"}', Heartbeat()),
        ('{"type":"NEW_TOY","data":{"amount":0.0005}}', "NEW_TOY"),
        ('{"type":"ERROR","message":"no such type"}', VenueComplaint("no such type")),
        (
            '{"type":"CANCEL_ON_DISCONNECT_UPDATE","data":{"cancelOnDisconnect":"true"}}',
            CancelOnDisconnectSet(armed=True),
        ),
        (
            '{"type":"CANCEL_ON_DISCONNECT_UPDATE","data":{"cancelOnDisconnect":true}}',
            CancelOnDisconnectSet(armed=True),
        ),
        (
            '{"type":"CANCEL_ON_DISCONNECT_UPDATE","data":{"cancelOnDisconnect":"false"}}',
            CancelOnDisconnectSet(armed=False),
        ),
        (
            (
                '{"type":"ORDER_PROCESSED","data":{"orderId":"019a","success":true,'
                '"failureReason":"","customerOrderId":"q-17"}}'
            ),
            OrderProcessed(
                venue_order_id=VenueOrderId("019a"),
                client_order_id=ClientOrderId("q-17"),
                success=True,
                reason="",
            ),
        ),
        (
            (
                '{"type":"ORDER_PROCESSED","data":{"orderId":"019a","success":false,'
                '"failureReason":"Insufficient Balance"}}'
            ),
            OrderProcessed(
                venue_order_id=VenueOrderId("019a"),
                client_order_id=None,
                success=False,
                reason="Insufficient Balance",
            ),
        ),
        (
            (
                '{"type":"FAILED_CANCEL_ORDER","data":{"orderId":"247d","message":"An error '
                'occurred while cancelling your order."}}'
            ),
            CancelRefused(VenueOrderId("247d"), "An error occurred while cancelling your order."),
        ),
    ],
)
def test_each_message_of_the_account_is_understood(frame: str, event: AccountEvent | str) -> None:
    assert decode_account(frame) == (Unrecognised(event) if isinstance(event, str) else event,)


@pytest.mark.parametrize(
    ("frame", "venue_order_id", "client_order_id"),
    [
        (
            (
                '{"type":"PLACE_LIMIT_WS_RESPONSE","data":{"orderId":"22e5","customerOrderId":"q-17"},'
                '"clientMsgId":"c-1"}'
            ),
            "22e5",
            "q-17",
        ),
        (
            (
                '{"type":"CANCEL_ORDER_WS_RESPONSE","data":{"requested":true,"orderId":"22e5",'
                '"customerOrderId":"q-17"},"clientMsgId":"c-1"}'
            ),
            "22e5",
            "q-17",
        ),
        (
            (
                '{"type":"CANCEL_ORDER_WS_RESPONSE","data":{"requested":true,"customerOrderId":"q-17"},'
                '"clientMsgId":"c-1"}'
            ),
            None,
            "q-17",
        ),
    ],
)
def test_an_answer_with_data_is_an_acknowledgement(
    frame: str, venue_order_id: str | None, client_order_id: str
) -> None:
    assert decode_account(frame) == (
        RequestAcknowledged(
            request_id="c-1",
            venue_order_id=None if venue_order_id is None else VenueOrderId(venue_order_id),
            client_order_id=ClientOrderId(client_order_id),
        ),
    )


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (
            (
                '{"type":"PLACE_LIMIT_WS_RESPONSE","clientMsgId":"c-1","error":{"message":"no","'
                'validationErrors":{}}}'
            ),
            "no",
        ),
        (
            '{"type":"PLACE_LIMIT_WS_RESPONSE","clientMsgId":"c-1","error":"no"}',
            "no",
        ),
        (
            (
                '{"type":"INVALID_PLACE_LIMIT_REQUEST","clientMsgId":"c-1","message":"no",'
                '"data":{"orderId":"22e5"}}'
            ),
            "no",
        ),
        ('{"type":"INVALID_CANCEL_ORDER_REQUEST","clientMsgId":"c-1","message":"no"}', "no"),
        (
            '{"type":"INVALID_MODIFY_WS_REQUEST","clientMsgId":"c-1","data":{"message":"no"}}',
            "no",
        ),
        (
            '{"type":"CANCEL_ORDER_WS_RESPONSE","clientMsgId":"c-1","data":{"requested":false}}',
            "refused without a reason",
        ),
        ('{"type":"ERROR","clientMsgId":"c-1","message":"UNAUTHORIZED"}', "UNAUTHORIZED"),
    ],
)
def test_every_shape_of_a_refusal_is_one(frame: str, reason: str) -> None:
    assert decode_account(frame) == (RequestRefused(request_id="c-1", reason=reason),)


@pytest.mark.parametrize("rest", [',"data":{}', ',"data":{"customerOrderId":"q-17"}', ""])
def test_a_placement_answered_by_neither_a_name_nor_an_error_is_not_refused(rest: str) -> None:
    frame = f'{{"type":"PLACE_LIMIT_WS_RESPONSE","clientMsgId":"c-1"{rest}}}'
    (event,) = decode_account(frame)
    assert isinstance(event, AnswerUnclear)
    assert event.request_id == "c-1"


def test_a_rate_limit_refuses_the_request_and_says_so() -> None:
    frame = (
        '{"type":"RATE_LIMIT_EXCEEDED","data":{"requestType":"PLACE_LIMIT_ORDER"},'
        '"clientMsgId":"c-1"}'
    )
    assert decode_account(frame) == (
        RequestRefused(request_id="c-1", reason="rate limit exceeded", rate_limited=True),
    )


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"NEW_ACCOUNT_HISTORY_RECORD","data":{"creditValue":"4.65"}}',
        '{"type":"NEW_PENDING_RECEIVE","data":{"amount":0.0005}}',
        '{"type":"MARGIN_INFO","data":{"leverageMultiple":0.53}}',
    ],
)
def test_what_is_documented_and_of_no_use_is_passed_over_in_silence(frame: str) -> None:
    assert not decode_account(frame)
