"""
The shapes that VALR's answers and frames are expected to have, by route and by type of frame.

What the codec cannot do without is there; what the protocol's description names and the simulated
exchange leaves out may be absent.
"""

from collections.abc import Mapping

from trading.venues.valr.shapes.shape import Shape

_AMOUNT = "number|padded"
_SUMMARY = " ".join(
    f"{{}}.{name}:{_AMOUNT}"
    for name in (
        *("askPrice", "bidPrice", "lastTradedPrice", "previousClosePrice", "baseVolume"),
        *("quoteVolume", "highPrice", "lowPrice", "changeFromPrevious", "markPrice"),
    )
)
_TRADE = (
    "[].price:number [].quantity:number [].currencyPair:text [].tradedAt:time/3|time/0"
    " [].takerSide:text [].sequenceId:integer> [].id:id [].quoteVolume:number|padded"
)
_BOOK = (
    f":object Asks:list Asks[]:object Asks[].side:text Asks[].quantity:{_AMOUNT}"
    " Asks[].price:number<"
    " Asks[].currencyPair:text Asks[].orderCount:integer"
    f" Bids:list Bids[]:object Bids[].side:text Bids[].quantity:{_AMOUNT} Bids[].price:number>"
    " Bids[].currencyPair:text Bids[].orderCount:integer"
    " LastChange:time/3|time/0 SequenceNumber:integer"
)
_FULL_BOOK = _BOOK.replace(
    "Asks[].orderCount:integer", "Asks[].id:id Asks[].positionAtPrice:integer"
).replace("Bids[].orderCount:integer", "Bids[].id:id Bids[].positionAtPrice:integer")
_WORTH = f"totalInReference?:{_AMOUNT} totalInReferenceWeighted?:{_AMOUNT} referenceCurrency?:text"
_AMOUNTS = (
    f"available:{_AMOUNT} reserved:{_AMOUNT} total:{_AMOUNT} updatedAt:time/3|time/0|time/6|time/9"
    f" lendReserved:{_AMOUNT} borrowedAmount:{_AMOUNT} {_WORTH}"
)
_OPEN_ORDER = (
    "orderId:id side:text price:number currencyPair:text createdAt:time/3|time/0|time/6"
    " originalQuantity:number filledPercentage:padded|number customerOrderId?:text"
    " stopPrice?:number status:text type:text updatedAt:time/3|time/0|time/6 timeInForce:text"
    " allowMargin:flag"
)
_STATUS = (
    "orderId:id orderStatusType:text currencyPair:text originalPrice:number"
    " remainingQuantity:number originalQuantity:number orderSide:text orderType:text"
    " failedReason:text orderUpdatedAt:time/3|time/0|time/6 orderCreatedAt:time/3|time/0|time/6"
    " customerOrderId?:text stopPrice?:number timeInForce:text"
)
_FILL = (
    "price:number quantity:number currencyPair:text tradedAt:time/3|time/0|time/6 side:text"
    f" orderId:id id:id fee?:{_AMOUNT} feeCurrency?:text makerReward?:{_AMOUNT}"
    " makerRewardCurrency?:text customerOrderId?:text"
)


def _in(holder: str, words: str) -> str:
    """The words of a shape, each in a holder."""
    return " ".join(f"{holder}.{word}" for word in words.split())


def _rows(words: str) -> str:
    return f":list []:object {_in('[]', words)}"


def _frame(words: str) -> str:
    return f":object type:text data:object {_in('data', words)}"


def _of_pair(words: str) -> str:
    return f"{_frame(words)} currencyPairSymbol:text"


def _levels(numbered: str) -> str:
    return (
        f":object type:text ps:text d:object d.lc:integer d.a:list d.a[]:list d.a[][]:{_AMOUNT}"
        f" d.b:list d.b[]:list d.b[][]:{_AMOUNT} {numbered}"
    )


_NUMBERED = "d.sq:integer d.cs:integer"
_ORDERS = _of_pair(
    "LastChange:integer Asks:list Asks[]:object Asks[].Price:number Asks[].Orders:list"
    " Asks[].Orders[]:object Asks[].Orders[].orderId:id Asks[].Orders[].quantity:number|padded"
    " Bids:list Bids[]:object Bids[].Price:number Bids[].Orders:list"
    " Bids[].Orders[]:object Bids[].Orders[].orderId:id Bids[].Orders[].quantity:number|padded"
    " SequenceNumber:integer Checksum:integer"
)

_WORDS: Mapping[str, str] = {
    "GET /v1/public/time": ":object epochTime:integer time:time/9",
    "GET /v1/public/status": ":object status:text",
    "GET /v1/public/currencies": _rows(
        "symbol:text isActive:flag shortName:text longName:text decimalPlaces:number"
        f" withdrawalDecimalPlaces:number collateral:flag collateralWeight:{_AMOUNT}"
        " defaultNetworkType?:text supportedNetworks?:list"
    ),
    "GET /v1/public/pairs": _rows(
        "symbol:text baseCurrency:text quoteCurrency:text shortName:text active:flag"
        " minBaseAmount:number maxBaseAmount:number minQuoteAmount:number maxQuoteAmount:number"
        " tickSize:number baseDecimalPlaces:number marginTradingAllowed:flag currencyPairType:text"
        f" initialMarginFraction?:{_AMOUNT} maintenanceMarginFraction?:{_AMOUNT}"
        f" autoCloseMarginFraction?:{_AMOUNT}"
    ),
    "GET /v1/public/ordertypes": _rows("currencyPair:text orderTypes:list orderTypes[]:text"),
    "GET /v1/public/{pair}/ordertypes": ":list []:text",
    "GET /v1/public/{pair}/orderbook": _BOOK,
    "GET /v1/public/{pair}/orderbook/full": _FULL_BOOK,
    "GET /v1/public/marketsummary": (
        ":list []:object [].currencyPair:text [].created:time/3|time/0"
        f" {_SUMMARY.replace('{}', '[]')}"
    ),
    "GET /v1/public/{pair}/marketsummary": (
        f":object currencyPair:text created:time/3|time/0 {_SUMMARY.replace('{}.', '')}"
    ),
    "GET /v1/public/{pair}/trades": f":list []:object {_TRADE}",
    "GET /v1/public/{pair}/buckets": _rows(
        "currencyPairSymbol:text bucketPeriodInSeconds:integer startTime:time/0> open:number"
        f" high:number low:number close:number volume:{_AMOUNT} quoteVolume:{_AMOUNT}"
    ),
    "GET /v1/marketdata/{pair}/orderbook": _BOOK,
    "GET /v1/marketdata/{pair}/orderbook/full": _FULL_BOOK,
    "GET /v1/marketdata/{pair}/tradehistory": f":list []:object {_TRADE}",
    "GET /v1/account/balances": _rows(f"currency:text borrowReserved:{_AMOUNT} {_AMOUNTS}"),
    "GET /v1/account/fees/trade": _rows(
        f"currencyPair:text makerPercentage?:{_AMOUNT} takerPercentage?:{_AMOUNT}"
        f" simplePercentage?:{_AMOUNT}"
    ),
    "GET /v1/account/tradehistory": _rows(f"{_FILL} sequenceId:integer>"),
    "GET /v1/account/api-keys/current": (
        ":object label:text permissions:list permissions[]:text addedAt:time/3|time/6|time/9|time/0"
        " isSubAccount:flag allowedIpAddressCidr?:text allowedWithdrawAddressList?:list"
    ),
    "GET /v1/orders/open": _rows(f"remainingQuantity:number {_OPEN_ORDER}"),
    "GET /v1/orders/history": _rows(
        f"{_STATUS} averagePrice:{_AMOUNT} total:{_AMOUNT} totalExecutedQuantity:{_AMOUNT}"
        f" totalFee:{_AMOUNT} feeCurrency?:text"
    ),
    "GET /v1/orders/{pair}/{name}/{id}": f":object {_STATUS}",
    "POST /v1/orders/limit": ":object id:id customerOrderId?:text",
    "POST /v2/orders/limit": ":object id:id",
    "POST /v1/batch/orders": (
        ":object outcomes:list outcomes[]:object outcomes[].accepted:flag outcomes[].orderId?:id"
        " outcomes[].customerOrderId?:text outcomes[].requestType?:text outcomes[].error?:object"
        " outcomes[].error.code:integer outcomes[].error.message:text batchId:integer"
    ),
    "OB_L1_SNAPSHOT": _levels(_NUMBERED),
    "OB_L1_DIFF": _levels(_NUMBERED),
    "OB_L1_D10_SNAPSHOT": _levels(""),
    "FULL_ORDERBOOK_SNAPSHOT": _ORDERS,
    "FULL_ORDERBOOK_UPDATE": _ORDERS,
    "AGGREGATED_ORDERBOOK_UPDATE": (
        ":object type:text currencyPairSymbol:text data:object"
        f" {_in('data', _BOOK.removeprefix(':object '))}"
    ),
    "NEW_TRADE": _of_pair(
        "price:number quantity:number currencyPair:text tradedAt:time/3|time/0 takerSide:text id:id"
    ),
    "NEW_TRADE_BUCKET": _of_pair(
        "currencyPairSymbol:text bucketPeriodInSeconds:integer startTime:time/0 open:number"
        f" high:number low:number close:number volume:{_AMOUNT} quoteVolume:{_AMOUNT}"
    ),
    "MARKET_SUMMARY_UPDATE": (
        ":object type:text currencyPairSymbol:text data:object data.currencyPairSymbol:text"
        f" data.created:time/3|time/0 {_SUMMARY.replace('{}', 'data')}"
    ),
    "MARK_PRICE_UPDATE": _of_pair(f"price:{_AMOUNT}"),
    "ALLOWED_ORDER_TYPES_UPDATED": (
        ":object type:text currencyPairSymbol:text data:list data[]:text"
    ),
    "BALANCE_UPDATE": _frame(
        "currency:object currency.symbol:text currency.decimalPlaces:integer currency.isActive:flag"
        " currency.shortName:text currency.longName:text"
        " currency.supportedWithdrawDecimalPlaces:integer currency.collateral:flag"
        f" currency.collateralWeight:{_AMOUNT} borrowCollateralReserved:{_AMOUNT} {_AMOUNTS}"
    ),
    "OPEN_ORDERS_UPDATE": (
        ":object type:text data:list data[]:object data[].quantity:number"
        f" {_in('data[]', _OPEN_ORDER)}"
    ),
    "ORDER_PROCESSED": _frame("orderId:id success:flag failureReason:text customerOrderId?:text"),
    "ORDER_STATUS_UPDATE": _frame(
        f"{_STATUS} executedPrice?:number executedQuantity?:number executedFee?:{_AMOUNT}"
    ),
    "NEW_ACCOUNT_TRADE": (
        ":object type:text currencyPairSymbol:text data:object"
        f" {_in('data', _FILL.replace('id:id fee', 'id?:id fee'))}"
    ),
    "MODIFY_ORDER_OUTCOME": _frame(
        "success:flag orderId:id customerOrderId?:text modifyRequestId:id"
    ),
    "FAILED_CANCEL_ORDER": _frame("orderId:id message:text"),
    "CANCEL_ON_DISCONNECT_UPDATE": _frame("cancelOnDisconnect:text"),
    "PLACE_LIMIT_WS_RESPONSE": (f"{_frame('orderId:id customerOrderId?:text')} clientMsgId:text"),
    "MODIFY_ORDER_WS_RESPONSE": (
        f"{_frame('modifyRequestId:id requested:flag orderId:id customerOrderId?:text')}"
        " clientMsgId:text"
    ),
    "CANCEL_ORDER_WS_RESPONSE": (
        f"{_frame('requested:flag orderId?:id customerOrderId?:text')} clientMsgId:text"
    ),
}

EXPECTED: Mapping[str, Shape] = {name: Shape.read(words) for name, words in _WORDS.items()}
