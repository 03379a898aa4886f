"""Order requests as values, in the ticks and lots of the listed pairs."""

import enum
from collections.abc import Mapping

import attrs

from trading.core.identifiers import Pair
from trading.core.market import Side, TimeInForce
from trading.venues.valr.simulator.core.listing import Listing
from trading.venues.valr.simulator.requests.fields import (
    Refused,
    amount,
    check_margin,
    check_size,
    customer_order_id_of,
    flag,
    invalid_request,
    name_of,
    object_of,
    price_of,
    reprice_ticks_of,
    side_of,
    time_in_force_of,
)


class Strategy(enum.Enum):
    """How to modify an order whose new price would trade at once."""

    RETAIN = "RETAIN_ORIGINAL"
    CANCEL = "CANCEL_ORIGINAL"
    REPRICE = "REPRICE"


@attrs.frozen(kw_only=True)
class LimitRequest:
    """
    Price in ticks, quantity in lots.

    Args:
        reprice_ticks: How far from the other side a price that would trade at once is moved.
    """

    pair: Pair
    side: Side
    price: int
    quantity: int
    post_only: bool
    time_in_force: TimeInForce
    customer_order_id: str | None
    reprice_ticks: int | None = None


@attrs.frozen(kw_only=True)
class StopRequest:
    """
    A limit order that waits for the last traded price; prices in ticks.

    Args:
        takes_profit: Otherwise it stops a loss.
    """

    limit: LimitRequest
    stop_price: int
    takes_profit: bool


@attrs.frozen(kw_only=True)
class MarketRequest:
    """Either a quantity in lots or a budget in ticks times lots."""

    pair: Pair
    side: Side
    quantity: int | None
    budget: int | None
    customer_order_id: str | None


@attrs.frozen(kw_only=True)
class CancelRequest:
    """Exactly one of the two ids."""

    pair: Pair
    order_id: str | None
    customer_order_id: str | None


@attrs.frozen(kw_only=True)
class ModifyRequest:
    """
    A request to modify an order; ``None`` leaves a field unchanged.

    Args:
        name: Which order.
        price: In ticks.
        remaining: Lots still to be traded.
        total: Lots, those already traded included.
    """

    name: CancelRequest
    strategy: Strategy
    price: int | None
    remaining: int | None
    total: int | None


class RequestReader:
    """
    Reads the bodies of requests, by the listed pairs.

    Raises:
        Refused: By every method, for a body that breaks a rule.
    """

    def __init__(self, listings: Mapping[Pair, Listing]) -> None:
        self._listings = listings

    def listing(self, symbol: object, *, active: bool = False) -> Listing:
        listing = self._listings.get(Pair(symbol)) if isinstance(symbol, str) else None
        if listing is None:
            raise Refused(-21, "Unsupported Currency Pair")
        if active and not listing.active:
            raise Refused(-32, "The given currency pair is not active")
        return listing

    def limit(self, body: object) -> LimitRequest:
        fields = object_of(body)
        post_only = flag(fields, "postOnly")
        request = self._limit(fields, post_only=post_only)
        kind = "LIMIT_POST_ONLY" if post_only else "LIMIT"
        _check_type(self.listing(request.pair), kind)
        return request

    def stop(self, body: object) -> StopRequest:
        fields = object_of(body)
        limit = self._limit(fields, post_only=flag(fields, "postOnly"))
        listing = self.listing(limit.pair)
        kind = fields.get("type")
        if kind not in ("STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"):
            raise invalid_request()
        _check_type(listing, str(kind))
        return StopRequest(
            limit=limit,
            stop_price=price_of(fields, "stopPrice", listing),
            takes_profit=kind == "TAKE_PROFIT_LIMIT",
        )

    def market(self, body: object) -> MarketRequest:
        fields = object_of(body)
        listing = self.listing(fields.get("pair"), active=True)
        side = side_of(fields.get("side"))
        check_margin(fields)
        if ("baseAmount" in fields) == ("quoteAmount" in fields):
            raise invalid_request()
        quantity: int | None = None
        budget: int | None = None
        if "baseAmount" in fields:
            quantity = listing.grid.lots(amount(fields, "baseAmount"))
            check_size(listing, listing.grid.quantity(quantity), None)
        else:
            total = amount(fields, "quoteAmount")
            budget = listing.grid.tick_lots(total)
            check_size(listing, None, total)
        _check_type(listing, "MARKET")
        return MarketRequest(
            pair=listing.rules.symbol,
            side=side,
            quantity=quantity,
            budget=budget,
            customer_order_id=customer_order_id_of(fields),
        )

    def cancel(self, body: object) -> CancelRequest:
        fields = object_of(body)
        listing = self.listing(fields.get("pair"))
        order_id, customer_order_id = name_of(fields)
        return CancelRequest(
            pair=listing.rules.symbol, order_id=order_id, customer_order_id=customer_order_id
        )

    def modify(self, body: object) -> ModifyRequest:
        fields = object_of(body)
        listing = self.listing(fields.get("pair"), active=True)
        if "orderId" in fields:
            # Beside a venue order id, the customer's id is not used to find the order.
            fields = {name: fields[name] for name in fields if name != "customerOrderId"}
        order_id, customer_order_id = name_of(fields)
        given = [name for name in ("newRemainingQuantity", "newTotalQuantity") if name in fields]
        if len(given) > 1 or not (given or "newPrice" in fields):
            raise invalid_request()
        lots = {name: listing.grid.lots(amount(fields, name)) for name in given}
        return ModifyRequest(
            name=CancelRequest(
                pair=listing.rules.symbol, order_id=order_id, customer_order_id=customer_order_id
            ),
            strategy=_strategy(fields.get("modifyMatchStrategy", "RETAIN_ORIGINAL")),
            price=price_of(fields, "newPrice", listing) if "newPrice" in fields else None,
            remaining=lots.get("newRemainingQuantity"),
            total=lots.get("newTotalQuantity"),
        )

    def _limit(self, fields: dict[str, object], *, post_only: bool) -> LimitRequest:
        listing = self.listing(fields.get("pair"), active=True)
        lots = listing.grid.lots(amount(fields, "quantity"))
        price = price_of(fields, "price", listing)
        time_in_force = time_in_force_of(fields.get("timeInForce", "GTC"))
        reprice_ticks = reprice_ticks_of(fields)
        waits = post_only or reprice_ticks is not None
        if waits and time_in_force is not TimeInForce.GTC:
            raise invalid_request()
        check_margin(fields)
        quantity = listing.grid.quantity(lots)
        check_size(listing, quantity, listing.grid.price(price) * quantity)
        return LimitRequest(
            pair=listing.rules.symbol,
            side=side_of(fields.get("side")),
            price=price,
            quantity=lots,
            post_only=post_only,
            time_in_force=time_in_force,
            customer_order_id=customer_order_id_of(fields),
            reprice_ticks=reprice_ticks,
        )


def _check_type(listing: Listing, kind: str) -> None:
    if kind not in listing.order_types:
        raise Refused(-12005, "Selected order type is not allowed for the currency pair.")


def _strategy(text: object) -> Strategy:
    try:
        return Strategy(text)
    except ValueError:
        raise invalid_request() from None
