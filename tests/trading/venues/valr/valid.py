"""Valid frames and answers, to be damaged."""

import json
from typing import Any


def loosely_encoded(value: Any) -> str:
    """JSON as the standard library writes it: NaN, lone surrogates and all."""
    return json.dumps(value)


TRADE = (
    '{"type":"NEW_TRADE","currencyPairSymbol":"B","data":{"price":"%s","quantity":"%s",'
    '"currencyPair":"B","tradedAt":"2024-03-27T12:33:19.918Z","takerSide":"buy"}}'
)
BOOK = (
    '{"type":"OB_L1_DIFF","ps":"B","d":{"lc":1,"a":[["%s","%s"]],"b":[["%s","%s"]],"sq":2,"cs":3}}'
)
MARKET_WITH_A_NUMBER = [
    TRADE % ("NUMBER", "1"),
    TRADE % ("1", "NUMBER"),
    BOOK % ("NUMBER", "1", "1", "1"),
    BOOK % ("1", "NUMBER", "1", "1"),
    BOOK % ("1", "1", "NUMBER", "1"),
    BOOK % ("1", "1", "1", "NUMBER"),
    (BOOK % ("1", "NUMBER", "1", "1")).replace("DIFF", "SNAPSHOT"),
]
MARKET = [
    *(frame.replace("NUMBER", "2") for frame in MARKET_WITH_A_NUMBER),
    '{"type":"SUBSCRIBED","message":"OB_L1_DIFF:B"}',
    '{"type":"PONG","message":"NO_SUBSCRIPTIONS"}',
    '{"type":"ERROR","message":"Invalid message - Invalid JSON"}',
    (
        '{"type":"AGGREGATED_ORDERBOOK_UPDATE","currencyPairSymbol":"B","data":{"Asks":[{"side":'
        '"sell","quantity":"1","price":"2","currencyPair":"B","orderCount":2}],"Bids":[],'
        '"LastChange":"2026-03-08T15:55:18.385Z","SequenceNumber":1652084266}}'
    ),
]

OUR_TRADE = (
    '{"type":"NEW_ACCOUNT_TRADE","currencyPairSymbol":"B","data":{"price":"NUMBER","quantity":"1",'
    '"currencyPair":"B","tradedAt":"2026-10-28T10:04:40.565Z","side":"sell","orderId":"o",'
    '"id":"t","fee":"0.19","feeCurrency":"ZAR","customerOrderId":"q-17"}}'
)
OPEN_ORDERS = (
    '{"type":"OPEN_ORDERS_UPDATE","data":[{"orderId":"o","side":"sell","quantity":"%s","price":"%s",'
    '"currencyPair":"B","originalQuantity":"%s","updatedAt":"2026-05-30T09:40:47.526Z"}]}'
)
STATUS = (
    '{"type":"ORDER_STATUS_UPDATE","data":{"orderId":"o","orderStatusType":"Placed",'
    '"currencyPair":"B","originalPrice":"%s","remainingQuantity":"%s","originalQuantity":"%s",'
    '"orderSide":"sell","failedReason":"","orderUpdatedAt":"2026-10-28T10:04:40.566Z",'
    '"customerOrderId":"q-17"}}'
)
ACCOUNT_WITH_A_NUMBER = [
    OUR_TRADE,
    OPEN_ORDERS % ("NUMBER", "1", "1"),
    OPEN_ORDERS % ("1", "NUMBER", "1"),
    OPEN_ORDERS % ("1", "1", "NUMBER"),
    STATUS % ("NUMBER", "1", "1"),
    STATUS % ("1", "NUMBER", "1"),
    STATUS % ("1", "1", "NUMBER"),
]
ACCOUNT = [
    *(frame.replace("NUMBER", "2") for frame in ACCOUNT_WITH_A_NUMBER),
    (
        '{"type":"BALANCE_UPDATE","data":{"currency":{"shortName":"ZAR"},"available":"1","reserved"'
        ':"2","total":"3","updatedAt":"2026-03-25T15:38:48.580Z"}}'
    ),
    '{"type":"ORDER_PROCESSED","data":{"orderId":"o","success":true,"customerOrderId":"q-17"}}',
    '{"type":"PLACE_LIMIT_WS_RESPONSE","data":{"orderId":"o"},"error":{"message":"x"}}',
    '{"type":"CANCEL_ORDER_WS_RESPONSE","data":{"requested":true},"clientMsgId":"c-4"}',
    '{"type":"INVALID_CANCEL_ORDER_REQUEST","error":["x"],"clientMsgId":"c-4"}',
    '{"type":"RATE_LIMIT_EXCEEDED","data":{"requestType":"PLACE_LIMIT_ORDER"},"clientMsgId":"c"}',
    '{"type":"FAILED_CANCEL_ORDER","data":{"orderId":"o","message":"no"}}',
    '{"type":"CANCEL_ON_DISCONNECT_UPDATE","data":{"cancelOnDisconnect":"true"}}',
    '{"type":"ERROR","message":"no","clientMsgId":"c-4"}',
]

REST = [
    (
        '[{"symbol":"B","baseCurrency":"B","quoteCurrency":"Z","active":true,"minBaseAmount":"1",'
        '"maxBaseAmount":"8","minQuoteAmount":"1","maxQuoteAmount":"5","tickSize":"1",'
        '"baseDecimalPlaces":"8"}]'
    ),
    '[{"currency":"Z","available":"1","reserved":"1","total":"2","updatedAt":"2026-03-08T15:55:18Z"}]',
    '[{"currencyPair":"B","makerPercentage":"-0.01","takerPercentage":"0.1"}]',
    (
        '[{"orderId":"o","side":"sell","remainingQuantity":"1","price":"1","currencyPair":"B",'
        '"originalQuantity":"2","status":"Placed","updatedAt":"2026-03-08T11:52:00.181Z"}]'
    ),
    (
        '[{"price":"1","quantity":"1","currencyPair":"B","tradedAt":"2026-03-08T15:55:18.385Z",'
        '"side":"buy","sequenceId":1368928567986636114,"id":"t","orderId":"o"}]'
    ),
    (
        '{"orderId":"o","orderStatusType":"Placed","currencyPair":"B","originalPrice":"1",'
        '"remainingQuantity":"1","originalQuantity":"1","orderSide":"sell"}'
    ),
]
