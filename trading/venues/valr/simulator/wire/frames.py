"""The venue's JSON objects in account frames and public frames."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from trading.core.decimals import ZERO, decimal_text
from trading.core.identifiers import Currency
from trading.core.market import Balance, Side
from trading.simulator.clearing.fees import Charge
from trading.venues.valr.simulator.accounts.orders import AccountFill, Failure, Status, VenueOrder
from trading.venues.valr.simulator.core.ids import iso
from trading.venues.valr.simulator.core.listing import Listing

Json = dict[str, Any]

_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
_REFERENCE_STEP = Decimal("0.00000001")
LONG_NAMES = {"ZAR": "Rand", "BTC": "Bitcoin", "ETH": "Ethereum", "USDT": "Tether USD"}


def currency(code: Currency) -> Json:
    """A currency as sockets show it; its numbers are numbers there."""
    rand = code == "ZAR"
    return {
        "symbol": "R" if rand else code,
        "decimalPlaces": 2 if rand else 8,
        "isActive": True,
        "shortName": code,
        "longName": LONG_NAMES.get(code, code),
        "supportedWithdrawDecimalPlaces": 2 if rand else 8,
        "collateral": False,
        "collateralWeight": "0",
    }


def balance_update(balance: Balance, at_ms: int, worth: Decimal | None = None) -> Json:
    return {
        "type": "BALANCE_UPDATE",
        "data": {
            "currency": currency(balance.currency),
            **_amounts(balance, at_ms),
            "borrowCollateralReserved": "0",
            **_worth(balance, worth),
        },
    }


def rest_balance(balance: Balance, at_ms: int, worth: Decimal | None = None) -> Json:
    return {
        "currency": balance.currency,
        **_amounts(balance, at_ms),
        "borrowReserved": "0",
        **_worth(balance, worth),
    }


def _worth(balance: Balance, worth: Decimal | None) -> Json:
    """A balance's value in the reference currency, where one unit's value is known."""
    if worth is None:
        return {}
    total = decimal_text((balance.total * worth).quantize(_REFERENCE_STEP, ROUND_FLOOR))
    return {
        "totalInReference": total,
        "totalInReferenceWeighted": total,
        "referenceCurrency": "USDC",
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
        **_stop(order, listing),
        "type": order.kind,
        "status": order.status_text,
        "updatedAt": iso(order.updated_ms),
        "timeInForce": order.time_in_force.value,
        "allowMargin": False,
    }


def order_status(order: VenueOrder, listing: Listing) -> Json:
    """An order as status and history endpoints show it."""
    grid = listing.grid
    return {
        "orderId": order.order_id,
        "orderStatusType": order.status_text,
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
        **_stop(order, listing),
        "timeInForce": order.time_in_force.value,
    }


def _stop(order: VenueOrder, listing: Listing) -> Json:
    if order.stop is None:
        return {}
    return {"stopPrice": listing.grid.price_text(order.stop.price)}


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


def order_state(
    order: VenueOrder,
    listing: Listing,
    execution: AccountFill | None = None,
    executed: str = "event",
) -> Json:
    """
    An order at one event.

    Args:
        executed: Whether the executed figures describe this ``event`` or the ``total``, or are
            ``absent``.
    """
    grid = listing.grid
    if executed == "absent":
        return order_status(order, listing)
    if executed == "total" and order.executed:
        quantity = grid.quantity(order.executed)
        return {
            **order_status(order, listing),
            "executedPrice": decimal_text(order.executed_value / quantity),
            "executedQuantity": decimal_text(quantity),
            "executedFee": decimal_text(order.executed_fee),
        }
    return {
        **order_status(order, listing),
        "executedPrice": grid.price_text(execution.price) if execution else "0",
        "executedQuantity": grid.quantity_text(execution.quantity) if execution else "0",
        "executedFee": decimal_text(execution.charge.fee) if execution else "0",
    }


def modify_outcome(
    order_id: str, modify_id: str, *, success: bool, order: VenueOrder | None
) -> Json:
    return {
        "type": "MODIFY_ORDER_OUTCOME",
        "data": {
            "success": success,
            "orderId": order_id,
            **({} if order is None else _customer(order)),
            "modifyRequestId": modify_id,
        },
    }


def account_history_record(fill: AccountFill, listing: Listing) -> Json:
    """The effect of a fill on the account, as NEW_ACCOUNT_HISTORY_RECORD."""
    entry = history_entry(fill, listing)
    for side in ("debit", "credit", "fee"):
        if f"{side}Currency" in entry:
            entry[f"{side}Currency"] = currency(entry[f"{side}Currency"])
    return {"type": "NEW_ACCOUNT_HISTORY_RECORD", "data": entry}


def history_entry(fill: AccountFill, listing: Listing) -> Json:
    """The effect of a fill on the account, as in the transaction history."""
    rules, buying = listing.rules, fill.order.side is Side.BUY
    quantity = listing.grid.quantity_text(fill.quantity)
    value = decimal_text(listing.grid.notional(fill.price * fill.quantity))
    market = "MARKET" if fill.order.kind == "market" else "LIMIT"
    side = "BUY" if buying else "SELL"
    cost: Json = {"costPerCoin": listing.grid.price_number(fill.price)}
    return {
        "transactionType": {
            "type": f"{market}_{side}",
            "description": f"{market.capitalize()} {side.capitalize()}",
        },
        "debitCurrency": rules.quote if buying else rules.base,
        "debitValue": value if buying else quantity,
        "creditCurrency": rules.base if buying else rules.quote,
        "creditValue": quantity if buying else value,
        "feeCurrency": fill.charge.fee_currency,
        "feeValue": decimal_text(fill.charge.fee),
        "eventAt": iso(fill.at_ms),
        "additionalInfo": {
            **cost,
            "costPerCoinSymbol": "R" if rules.quote == "ZAR" else rules.quote,
            "currencyPairSymbol": rules.symbol,
            "orderId": fill.order.order_id,
        },
        "id": fill.record_id,
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


def failed_order(order: VenueOrder, failure: Failure) -> Json:
    """Sent beside ORDER_PROCESSED: known from clients, never seen in a recording."""
    return {
        "type": "FAILED_ORDER",
        "data": {"orderId": order.order_id, "message": failure.message, **_customer(order)},
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
