"""The signed REST routes about an account itself: balances, fees, fills, its ledger, its key."""

from collections.abc import Iterable
from itertools import islice

from trading.core.decimals import ZERO, decimal_text
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import AccountFill
from trading.venues.valr.simulator.core.ids import iso
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.requests import RequestReader
from trading.venues.valr.simulator.rest.history import page
from trading.venues.valr.simulator.wire import frames
from trading.venues.valr.simulator.wire.http import Call, Response, Route

OWN_KEY = "/v1/account/api-keys/current"


class AccountRoutes:
    """Answers about the account whose key signed the request."""

    def __init__(self, venue: Venue, reader: RequestReader) -> None:
        self._venue = venue
        self._reader = reader

    def table(self) -> tuple[Route, ...]:
        account = "/v1/account"
        return (
            Route("GET", f"{account}/balances", self._balances),
            Route("GET", f"{account}/balances/all", self._every_balance),
            Route("GET", f"{account}/fees/trade", self._fees),
            Route("GET", f"{account}/tradehistory", self._fills),
            Route("GET", account + "/{pair}/tradehistory", self._pair_fills),
            Route("GET", f"{account}/transactionhistory", self._transactions),
            Route("GET", OWN_KEY, self._key),
            Route("GET", f"{account}/subaccounts", self._nothing),
            Route("GET", "/v1/positions/open", self._nothing),
            Route("GET", "/v1/orders/conditionals", self._nothing),
        )

    def _balances(self, call: Call) -> Response:
        hide_zero = call.flag("excludeZeroBalances")
        return Response.json(self._rows(call.signed_by, hide_zero=hide_zero))

    def _every_balance(self, call: Call) -> Response:
        """By account, without empty ones; a demo account is a primary one without subaccounts."""
        rows = self._rows(call.signed_by, hide_zero=True)
        return Response.json([{"account": {"label": "Primary", "id": "0"}, "balances": rows}])

    def _rows(self, account: Account, *, hide_zero: bool) -> list[frames.Json]:
        return [
            self._venue.settlement.balance_row(account, balance.currency)
            for balance in account.balances()
            if balance.total != ZERO or not hide_zero
        ]

    def _fees(self, call: Call) -> Response:
        del call
        fees = self._venue.fees
        return Response.json(
            [
                {
                    "currencyPair": symbol,
                    "makerPercentage": decimal_text(fees.maker_percentage),
                    "takerPercentage": decimal_text(fees.taker_percentage),
                }
                for symbol in self._venue.listings
            ]
        )

    def _fills(self, call: Call) -> Response:
        return self._page_of_fills(call, self._venue.orders.fills_of(call.signed_by.api_key))

    def _pair_fills(self, call: Call) -> Response:
        pair = self._reader.listing(call.parameters["pair"]).rules.symbol
        fills = self._venue.orders.fills_of(call.signed_by.api_key)
        return self._page_of_fills(call, (fill for fill in fills if fill.order.pair == pair))

    def _page_of_fills(self, call: Call, fills: Iterable[AccountFill]) -> Response:
        return Response.json(
            [
                frames.trade_history(fill, self._venue.listings[fill.order.pair])
                for fill in self._paged(call, fills)
            ]
        )

    def _transactions(self, call: Call) -> Response:
        """The account's transactions by trades; play money comes and goes in no other way."""
        fills = self._venue.orders.fills_of(call.signed_by.api_key)
        return Response.json(
            [
                frames.history_entry(fill, self._venue.listings[fill.order.pair])
                for fill in self._paged(call, fills)
            ]
        )

    def _key(self, call: Call) -> Response:
        account = call.signed_by
        bound = {} if account.addresses is None else {"allowedIpAddressCidr": account.addresses}
        return Response.json(
            {
                "label": "simulated",
                "permissions": [permission.value for permission in account.permissions],
                "addedAt": iso(self._venue.ids.ms(0.0)),
                "isSubAccount": False,
                **bound,
            }
        )

    def _nothing(self, call: Call) -> Response:
        del call
        return Response.json([])

    def _paged(self, call: Call, fills: Iterable[AccountFill]) -> Iterable[AccountFill]:
        """One page of fills, by time and by the id that they come before."""
        before = call.query.get("beforeId", "")
        rows = [fill for fill in fills if call.within(fill.at_ms)]
        for index, fill in enumerate(rows):
            if before and fill.trade_id == before:
                rows = rows[index + 1 :]
                break
        skip, limit = page(call, self._venue.faults)
        return islice(rows, skip, skip + limit)
