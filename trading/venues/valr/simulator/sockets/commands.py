"""Commands of clients on a socket: keep-alive, subscriptions, orders."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from trading.core.identifiers import Pair
from trading.venues.valr.permissions import Permission
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.accounts.orders import VenueOrder
from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.orders.batches import Batches
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.fields import Refused, invalid_request, read_json
from trading.venues.valr.simulator.requests.requests import CancelRequest, RequestReader
from trading.venues.valr.simulator.sockets.feeds import Feed
from trading.venues.valr.simulator.sockets.publisher import Publisher
from trading.venues.valr.simulator.sockets.sessions import CloseReason, Session
from trading.venues.valr.simulator.wire.frames import Json
from trading.venues.valr.simulator.wire.limits import Gate

_ACCOUNT_EVENTS = (
    "BALANCE_UPDATE",
    "OPEN_ORDERS_UPDATE",
    "ORDER_STATUS_UPDATE",
    "ORDER_PROCESSED",
    "NEW_ACCOUNT_TRADE",
    "FAILED_CANCEL_ORDER",
    "MODIFY_ORDER_OUTCOME",
    "NEW_ACCOUNT_HISTORY_RECORD",
    "MARGIN_INFO",
)
_MUTABLE_EVENTS = ("BALANCE_UPDATE", "OPEN_ORDERS_UPDATE", "MARGIN_INFO")
_INVALID = {
    "PLACE_LIMIT_ORDER": "INVALID_PLACE_LIMIT_REQUEST",
    "PLACE_MARKET_ORDER": "INVALID_PLACE_MARKET_REQUEST",
    "CANCEL_LIMIT_ORDER": "INVALID_CANCEL_ORDER_REQUEST",
    "MODIFY_ORDER": "INVALID_MODIFY_WS_REQUEST",
}

_Command = Callable[[Session, Account, Json, float], None]
_RESPONSES = {
    "PLACE_LIMIT_ORDER": "PLACE_LIMIT_WS_RESPONSE",
    "PLACE_MARKET_ORDER": "PLACE_MARKET_WS_RESPONSE",
    "CANCEL_LIMIT_ORDER": "CANCEL_ORDER_WS_RESPONSE",
    "MODIFY_ORDER": "MODIFY_ORDER_WS_RESPONSE",
    "BATCH_ORDERS": "BATCH_ORDERS_WS_RESPONSE",
}
_LIMITED = {
    "PLACE_LIMIT_ORDER": Fault.PLACE_LIMITED,
    "PLACE_MARKET_ORDER": Fault.PLACE_LIMITED,
    "CANCEL_LIMIT_ORDER": Fault.CANCEL_LIMITED,
}


class Commands:
    """Reads the clients' commands, and answers on their sessions."""

    def __init__(
        self, venue: Venue, reader: RequestReader, publisher: Publisher, gate: Gate
    ) -> None:
        self._venue = venue
        self._reader = reader
        self._publisher = publisher
        self._gate = gate
        self._batches = Batches(venue, reader)
        self._orders: Mapping[str, _Command] = {
            "PLACE_LIMIT_ORDER": self._place_limit,
            "PLACE_MARKET_ORDER": self._place_market,
            "CANCEL_LIMIT_ORDER": self._cancel,
            "MODIFY_ORDER": self._modify,
            "BATCH_ORDERS": self._batch,
            "CANCEL_ON_DISCONNECT": self._cancel_on_disconnect,
        }

    def receive(self, session: Session, text: str, now: float) -> None:
        """Carry out a client's command; every text gets an answer, none raises an exception."""
        try:
            frame: Any = read_json(text.encode("utf-8", "replace"))
        except ValueError:
            session.error(self._text("invalid_json"))
            return
        kind = frame.get("type") if isinstance(frame, dict) else None
        if kind == "PING":
            if self._venue.faults.strikes(Fault.PONG_WITHHELD):
                return
            silent = not session.is_account and not session.has_subscriptions
            name = "account_pong" if session.is_account else "quiet_pong" if silent else "pong"
            message = self._text(name)
            session.send({"type": "PONG", **({"message": message} if message else {})})
        elif not isinstance(kind, str):
            session.error(self._text("unsupported"))
        elif session.is_account:
            self._account_command(session, kind, frame, now)
        elif kind == "SUBSCRIBE":
            self._subscribe(session, frame, now)
        else:
            session.error(self._text("unsupported"))

    def _account_command(self, session: Session, kind: str, frame: Json, now: float) -> None:
        account = None if session.api_key is None else self._venue.accounts[session.api_key]
        if account is None:
            message = self._text("unauthorized")
            session.send({"type": "ERROR", "message": message, **_message_id(frame)})
        elif kind in self._orders:
            self._order_command(session, account, frame, now)
        elif kind == "SUBSCRIBE":
            self._listen(session, frame)
        elif kind == "UNSUBSCRIBE":
            self._mute(session, frame)
        else:
            session.error(self._text("unsupported_command"))

    def _order_command(self, session: Session, account: Account, frame: Json, now: float) -> None:
        kind: str = frame["type"]
        at_ms = self._venue.ids.ms(now)
        admitted = self._gate.admits_command(kind, account.api_key, at_ms)
        if not admitted or self._is_limited(kind):
            data = {"requestType": kind}
            session.send({"type": "RATE_LIMIT_EXCEEDED", "data": data, **_message_id(frame)})
            return
        try:
            account.require(Permission.TRADE)
            self._venue.check_open()
            self._orders[kind](session, account, frame, now)
        except Refused as refused:
            nameless = self._venue.rules.socket_refusals == "nameless"
            about = {} if nameless else _message_id(frame)
            session.send({**self._refusal(kind, refused), **about})
        self._spoil(session)

    def _refusal(self, kind: str, refused: Refused) -> Json:
        """A refusal of a whole request; which of these shapes it has is not known."""
        error: Json = {"code": refused.code, "message": refused.message}
        match self._venue.rules.socket_refusals:
            case "invalid":
                return {"type": _INVALID.get(kind, "ERROR"), "data": error}
            case "error" | "nameless":
                return {"type": "ERROR", "message": refused.message}
            case _:
                return {"type": _RESPONSES.get(kind, "ERROR"), "error": error}

    def _text(self, name: str, **parts: object) -> str:
        return self._venue.rules.text(name, **parts)

    def _is_limited(self, kind: str) -> bool:
        """Whether a command is called one too many, though it is not."""
        fault = _LIMITED.get(kind)
        return fault is not None and self._venue.faults.strikes(fault)

    def _spoil(self, session: Session) -> None:
        """Perhaps end the connection before the answer."""
        faults = self._venue.faults
        if faults.strikes(Fault.CUT):
            session.close(CloseReason(faults.random.choice(faults.plan.close_codes)))
        elif faults.strikes(Fault.HALF_OPEN):
            session.go_silent()

    def _place_limit(self, session: Session, account: Account, frame: Json, now: float) -> None:
        request = self._reader.limit(frame.get("payload"))
        _acknowledge(session, frame, _named(self._venue.entry.limit(account, request, now)))

    def _place_market(self, session: Session, account: Account, frame: Json, now: float) -> None:
        request = self._reader.market(frame.get("payload"))
        _acknowledge(session, frame, _named(self._venue.entry.market(account, request, now)))

    def _modify(self, session: Session, account: Account, frame: Json, now: float) -> None:
        request = self._reader.modify(frame.get("payload"))
        outcome = self._venue.modify(account, request, now)
        name = _name(request.name) if outcome.order is None else _named(outcome.order)
        data = {"modifyRequestId": outcome.modify_id, "requested": True, **name}
        _acknowledge(session, frame, data)

    def _batch(self, session: Session, account: Account, frame: Json, now: float) -> None:
        data = self._batches.run(account, frame.get("payload"), now, socket=True)
        reply: Json = {"type": _RESPONSES["BATCH_ORDERS"], **_message_id(frame)}
        match self._venue.rules.batch_reply:
            case "frame":
                session.acknowledge({**reply, **data})
            case "each":
                for outcome in data["outcomes"]:
                    session.acknowledge({**reply, "data": outcome})
            case _:
                session.acknowledge({**reply, "data": data})

    def _cancel(self, session: Session, account: Account, frame: Json, now: float) -> None:
        request = self._reader.cancel(frame.get("payload"))
        _acknowledge(session, frame, {"requested": True, **_name(request)})
        if not self._venue.cancel_named(account, request, now):
            self._venue.cancel_failed(account, request)

    def _cancel_on_disconnect(
        self, session: Session, account: Account, frame: Json, now: float
    ) -> None:
        del account, now
        payload = frame.get("payload")
        wanted = payload.get("cancelOnDisconnect") if isinstance(payload, dict) else None
        if wanted not in (True, False, "true", "false"):
            raise invalid_request()
        session.cancel_on_disconnect = wanted in (True, "true")
        echo = "true" if session.cancel_on_disconnect else "false"
        session.send({"type": "CANCEL_ON_DISCONNECT_UPDATE", "data": {"cancelOnDisconnect": echo}})

    def _listen(self, session: Session, frame: Json) -> None:
        """Account events are sent without a subscription; one only ends their silence."""
        for item in _items(frame.get("subscriptions")):
            event = item.get("event")
            if event in _ACCOUNT_EVENTS and self._venue.rules.take_account_subscriptions:
                session.muted.pop(str(event), None)
                session.status_wanted = session.status_wanted or event == "ORDER_STATUS_UPDATE"
                message = self._text("listening", event=event)
                session.send({"type": "SUBSCRIBED", "message": message})
            else:
                session.error(f"Channel {event}, combination invalid")

    def _mute(self, session: Session, frame: Json) -> None:
        for item in _items(frame.get("requests")):
            event = item.get("event")
            if event in _MUTABLE_EVENTS:
                session.muted[str(event)] = None
                message = self._text("muted", event=event)
                session.send({"type": "UNSUBSCRIBED", "message": message})
            else:
                session.error(f"Channel {event}, combination invalid")

    def _subscribe(self, session: Session, frame: Json, now: float) -> None:
        for item in _items(frame.get("subscriptions")):
            names = item.get("pairs", [])
            if not isinstance(names, list):
                session.error(self._text("invalid_json"))
                continue
            self._replace(session, str(item.get("event")), [str(name) for name in names], now)

    def _replace(self, session: Session, event: str, names: list[str], now: float) -> None:
        """Subscribe an event to these pairs and to no others."""
        rules = self._venue.rules
        written = (name.upper() if rules.take_lower_case else name for name in names)
        wanted = dict.fromkeys(map(Pair, written))
        feed = next((feed for feed in Feed if feed.value == event), None)
        if feed is None:
            for pair in wanted:
                session.error(self._text("invalid_event", event=event, pair=pair))
            return
        valid = self._valid(wanted)
        before = session.subscriptions.get(feed, {})
        kept = before if rules.subscribe_adds and names else {}
        # A pair that goes on being subscribed gets no second snapshot: a client that wants one
        # has to unsubscribe first, which is the sequence that is sure to work.
        again = rules.snapshot_when_repeated
        new = [pair for pair in valid if again or pair not in before]
        for pair in new:
            self._publisher.flush(feed, pair, now)
        session.subscriptions[feed] = {**kept, **valid}
        for pair in [pair for pair in before if pair not in session.subscriptions[feed]]:
            message = self._text("unsubscribed", event=event, pair=pair)
            session.send({"type": "UNSUBSCRIBED", "message": message})
        for pair in wanted:
            if pair not in valid:
                session.error(self._text("invalid_pair", event=event, pair=pair))
                continue
            message = self._text("subscribed", event=event, pair=pair)
            session.send({"type": "SUBSCRIBED", "message": message})
            if pair in new:
                self._publisher.welcome(session, feed, pair, now)

    def _valid(self, wanted: Iterable[Pair]) -> dict[Pair, None]:
        """The pairs of a list that can be subscribed."""
        pairs = list(wanted)
        valid = {pair: None for pair in pairs if self._is_traded(pair)}
        spoilt = len(valid) < len(pairs) and not self._venue.rules.take_mixed_lists
        return {} if spoilt else valid

    def _is_traded(self, pair: Pair) -> bool:
        listing = self._venue.listings.get(pair)
        return listing is not None and listing.active


def _items(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _message_id(frame: Json) -> Json:
    return {"clientMsgId": frame["clientMsgId"]} if "clientMsgId" in frame else {}


def _acknowledge(session: Session, frame: Json, data: Json) -> None:
    # The venue has reported the outcome already, but it is delivered after this answer.
    session.acknowledge({"type": _RESPONSES[frame["type"]], "data": data, **_message_id(frame)})


def _named(order: VenueOrder) -> Json:
    if order.customer_order_id is None:
        return {"orderId": order.order_id}
    return {"orderId": order.order_id, "customerOrderId": order.customer_order_id}


def _name(request: CancelRequest) -> Json:
    """What a request called the order, and no more."""
    if request.order_id is None:
        return {"customerOrderId": request.customer_order_id}
    return {"orderId": request.order_id}
