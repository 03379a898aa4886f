"""How the venue writes things down: JSON objects of the account's and the public's frames."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from trading.decimals import ZERO, decimal_text
from trading.identifiers import Currency
from trading.market import Balance, Side
from trading.simulator.accounts import Charge
from trading.simulator.ids import iso
from trading.simulator.listing import Listing, PublicTrade
from trading.simulator.orders import AccountFill, Status, VenueOrder

Json = dict[str, Any]

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
BOOK_DEPTH = 40
"""Levels a side of the aggregated book."""

_LONG_NAMES = {"ZAR": "Rand", "BTC": "Bitcoin", "ETH": "Ethereum", "USDT": "Tether USD"}


def currency(code: Currency) -> Json:
    rand = code == "ZAR"
    return {
        "symbol": "R" if rand else code,
        "decimalPlaces": 2 if rand else 8,
        "isActive": True,
        "shortName": code,
        "longName": _LONG_NAMES.get(code, code),
        "supportedWithdrawDecimalPlaces": 2 if rand else 8,
        "collateral": False,
        "collateralWeight": "0",
    }


def balance_update(balance: Balance, at_ms: int) -> Json:
    return {
        "type": "BALANCE_UPDATE",
        "data": {
            "currency": currency(balance.currency),
            **_amounts(balance, at_ms),
            "borrowCollateralReserved": "0",
        },
    }


def rest_balance(balance: Balance, at_ms: int) -> Json:
    return {
        "currency": balance.currency,
        **_amounts(balance, at_ms),
        "borrowReserved": "0",
    }


def _amounts(balance: Balance, at_ms: int) -> Json:
    return {
        "available": decimal_text(balance.available),
        "reserved": decimal_text(balance.reserved),
        "total": decimal_text(balance.total),
        "updatedAt": iso(at_ms),
        "lendReserved": "0",
        "borrowedAmount": "0",
    }


def open_orders_update(orders: Iterable[tuple[VenueOrder, Listing]]) -> Json:
    return {
        "type": "OPEN_ORDERS_UPDATE",
        "data": [open_order(order, listing, "quantity") for order, listing in orders],
    }


def open_order(order: VenueOrder, listing: Listing, remaining_name: str) -> Json:
    """An open order; REST and socket differ in what they call the remaining quantity."""
    grid = listing.grid
    filled = (_HUNDRED * order.executed / order.quantity).quantize(_CENT, ROUND_FLOOR)
    return {
        "orderId": order.order_id,
        "side": order.side.value,
        remaining_name: grid.quantity_text(order.remaining),
        "price": grid.price_text(order.price),
        "currencyPair": order.pair,
        "createdAt": iso(order.created_ms),
        "originalQuantity": grid.quantity_text(order.quantity),
        "filledPercentage": format(filled, "f"),
        **_customer(order),
        "type": order.kind,
        "status": order.status.value,
        "updatedAt": iso(order.updated_ms),
        "timeInForce": order.time_in_force.value,
        "allowMargin": False,
    }


def order_status(order: VenueOrder, listing: Listing) -> Json:
    """An order as status and history endpoints show it."""
    grid = listing.grid
    return {
        "orderId": order.order_id,
        "orderStatusType": order.status.value,
        "currencyPair": order.pair,
        "originalPrice": grid.price_text(order.price),
        "remainingQuantity": grid.quantity_text(order.remaining),
        "originalQuantity": grid.quantity_text(order.quantity),
        "orderSide": order.side.value,
        "orderType": order.kind,
        "failedReason": "" if order.failure is None else order.failure.message,
        "orderUpdatedAt": iso(order.updated_ms),
        "orderCreatedAt": iso(order.created_ms),
        **_customer(order),
        "timeInForce": order.time_in_force.value,
    }


def order_history(order: VenueOrder, listing: Listing) -> Json:
    executed = listing.grid.quantity(order.executed)
    average = ZERO if executed == ZERO else order.executed_value / executed
    return {
        **order_status(order, listing),
        "averagePrice": decimal_text(average),
        "total": decimal_text(order.executed_value),
        "totalExecutedQuantity": decimal_text(executed),
        "totalFee": decimal_text(order.executed_fee),
        "feeCurrency": order.fee_currency
        or (listing.rules.base if order.side is Side.BUY else listing.rules.quote),
    }


def order_status_update(
    order: VenueOrder, listing: Listing, execution: AccountFill | None = None
) -> Json:
    """The news of an order; executed figures describe this event, not the sum."""
    grid = listing.grid
    return {
        "type": "ORDER_STATUS_UPDATE",
        "data": {
            **order_status(order, listing),
            "executedPrice": grid.price_text(execution.price) if execution else "0",
            "executedQuantity": grid.quantity_text(execution.quantity) if execution else "0",
            "executedFee": decimal_text(execution.charge.fee) if execution else "0",
        },
    }


def order_processed(order: VenueOrder) -> Json:
    return {
        "type": "ORDER_PROCESSED",
        "data": {
            "orderId": order.order_id,
            "success": order.status is not Status.FAILED,
            "failureReason": "" if order.failure is None else order.failure.message,
            **_customer(order),
        },
    }


def failed_cancel(order_id: str) -> Json:
    return {
        "type": "FAILED_CANCEL_ORDER",
        "data": {
            "orderId": order_id,
            "message": "An error occurred while cancelling your order.",
        },
    }


def new_account_trade(fill: AccountFill, listing: Listing) -> Json:
    return {
        "type": "NEW_ACCOUNT_TRADE",
        "currencyPairSymbol": fill.order.pair,
        "data": _fill(fill, listing),
    }


def trade_history(fill: AccountFill, listing: Listing) -> Json:
    return {**_fill(fill, listing), "sequenceId": fill.sequence}


def _fill(fill: AccountFill, listing: Listing) -> Json:
    return {
        "price": listing.grid.price_text(fill.price),
        "quantity": listing.grid.quantity_text(fill.quantity),
        "currencyPair": fill.order.pair,
        "tradedAt": iso(fill.at_ms),
        "side": fill.order.side.value,
        "orderId": fill.order.order_id,
        "id": fill.trade_id,
        **_charge(fill.charge),
        **_customer(fill.order),
    }


def _charge(charge: Charge) -> Json:
    if charge.reward_currency is not None:
        return {
            "makerReward": decimal_text(charge.reward),
            "makerRewardCurrency": charge.reward_currency,
        }
    return {"fee": decimal_text(charge.fee), "feeCurrency": charge.fee_currency}


def _customer(order: VenueOrder) -> Json:
    if order.customer_order_id is None:
        return {}
    return {"customerOrderId": order.customer_order_id}


def new_trade(trade: PublicTrade, listing: Listing) -> Json:
    return {
        "type": "NEW_TRADE",
        "currencyPairSymbol": listing.rules.symbol,
        "data": {**_public_trade(trade, listing), "id": trade.trade_id},
    }


def rest_trade(trade: PublicTrade, listing: Listing) -> Json:
    value = listing.grid.notional(trade.price * trade.quantity)
    return {
        **_public_trade(trade, listing),
        "sequenceId": trade.sequence,
        "id": trade.trade_id,
        "quoteVolume": decimal_text(value),
    }


def _public_trade(trade: PublicTrade, listing: Listing) -> Json:
    return {
        "price": listing.grid.price_text(trade.price),
        "quantity": listing.grid.quantity_text(trade.quantity),
        "currencyPair": listing.rules.symbol,
        "tradedAt": iso(trade.at_ms),
        "takerSide": trade.taker_side.value,
    }


def aggregated_book(listing: Listing, sequence: int) -> Json:
    return {
        "Asks": _book_side(listing, Side.SELL),
        "Bids": _book_side(listing, Side.BUY),
        "LastChange": iso(listing.changed_ms),
        "SequenceNumber": sequence,
    }


def _book_side(listing: Listing, side: Side) -> list[Json]:
    market = listing.market
    ladder = market.bids if side is Side.BUY else market.asks
    return [
        {
            "side": side.value,
            "quantity": listing.grid.quantity_text(quantity),
            "price": listing.grid.price_text(price),
            "currencyPair": listing.rules.symbol,
            "orderCount": market.order_count(side, price),
        }
        for (price, quantity), _ in zip(ladder.levels(), range(BOOK_DEPTH), strict=False)
    ]


def market_summary(listing: Listing) -> Json:
    grid, market = listing.grid, listing.market
    change = (listing.last / listing.opening - 1) * _HUNDRED
    return {
        "currencyPair": listing.rules.symbol,
        "askPrice": grid.price_text(market.asks.best() or 0),
        "bidPrice": grid.price_text(market.bids.best() or 0),
        "lastTradedPrice": decimal_text(listing.last),
        "previousClosePrice": decimal_text(listing.opening),
        "baseVolume": decimal_text(listing.base_volume),
        "quoteVolume": decimal_text(listing.quote_volume),
        "highPrice": decimal_text(listing.high),
        "lowPrice": decimal_text(listing.low),
        "created": iso(listing.changed_ms),
        "changeFromPrevious": decimal_text(change.quantize(_CENT, ROUND_FLOOR)),
        "markPrice": decimal_text(listing.last),
    }


def pair_row(listing: Listing) -> Json:
    rules = listing.rules
    return {
        "symbol": rules.symbol,
        "baseCurrency": rules.base,
        "quoteCurrency": rules.quote,
        "shortName": f"{rules.base}/{rules.quote}",
        "active": rules.active,
        "minBaseAmount": decimal_text(rules.min_base),
        "maxBaseAmount": decimal_text(rules.max_base),
        "minQuoteAmount": decimal_text(rules.min_quote),
        "maxQuoteAmount": decimal_text(rules.max_quote),
        "tickSize": decimal_text(rules.tick_size),
        "baseDecimalPlaces": str(rules.base_decimal_places),
        "marginTradingAllowed": False,
        "currencyPairType": "SPOT",
    }
