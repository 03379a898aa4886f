"""Orders of a conformance run: small, within a budget, in the ledger before they leave."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs
import structlog
import trio

from actors.orders.sweep import sweep
from engine.conformance.holdings import in_words, traded
from engine.conformance.lab import ACCOUNT, Answer, Lab
from engine.conformance.line import Heard, Line, of_type
from engine.environment.ledger_session import LedgerSession
from trading.core.errors import Fatal, Outage, OutcomeUnknown, RateLimited, Rejected
from trading.core.identifiers import ClientOrderId, ClientOrderIds, StrategyName, TradeId
from trading.core.instrument import Instrument
from trading.core.market import Side
from trading.journal import reading
from trading.journal.entries import FillBooked, LedgerEntry, OrderRecorded, OrdersIntended
from trading.journal.moment import Moment
from trading.journal.writer import JournalWriter
from trading.messages.account import OrderReport
from trading.orders.evidence import NotFoundPolicy
from trading.orders.order import Fill, Order, OrderEvent
from trading.venues.rate_limits import Priority
from trading.venues.valr import order_frames
from trading.venues.valr.conformance.check import NotTried
from trading.venues.valr.rest.orders import cancel_payload, limit_payload

log = structlog.get_logger()

FAR = Decimal("0.8")
"""Of the best bid: so far below it an order rests, and is not the last of the book."""
_CROSSES = Decimal("1.02")
_QUIET_S = 0.6
_EVENTS_S = 6.0
_LOGIN_S = 10.0
_END_S = 10.0
_PAUSE_S = 0.25
_DISBELIEF = NotFoundPolicy()
_STATUS = {"type": "SUBSCRIBE", "subscriptions": [{"event": "ORDER_STATUS_UPDATE"}]}
_ARM = {"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": True}}


@attrs.define(kw_only=True)
class OrderDesk:
    """
    Places and ends the orders of a run.

    Args:
        strategy: Whose name the orders have.
        budget: How much may be at risk at once, and be traded in all, in quote currency.
        sole: No order of anybody else is open on the account.
        placed: The orders of this run; ``orders`` has those that earlier ones have left too.
        booked: The fills that were written down.
    """

    lab: Lab
    instrument: Instrument
    strategy: StrategyName
    budget: Decimal
    session: LedgerSession
    ids: ClientOrderIds
    writer: JournalWriter
    sole: bool
    orders: dict[ClientOrderId, Order] = attrs.field(factory=dict)
    placed: set[ClientOrderId] = attrs.field(factory=set)
    booked: dict[TradeId, Fill] = attrs.field(factory=dict)
    traded: Decimal = Decimal(0)
    _armed: Line | None = None
    _count: int = 0

    async def line(self) -> Line:
        """The account's socket: logged in, armed, and told of the status of orders."""
        line = await self.lab.line(ACCOUNT, logged_in=True)
        if line is not self._armed:
            await line.wait(of_type("AUTHENTICATED"), _LOGIN_S)
            await line.say(_STATUS)
            if self.sole:
                await line.say(_ARM)
            await line.gather(_QUIET_S, since=0, at_most_s=_EVENTS_S)
            self._armed = line
        return line

    async def prices(self) -> tuple[Decimal, Decimal]:
        """
        The best bid and ask, a second old at most.

        Raises:
            NotTried: A side is empty.
        """
        book = (await self.lab.ask("GET", f"/v1/marketdata/{self.lab.pair}/orderbook")).value
        if not (book and book.get("Bids") and book.get("Asks")):
            raise NotTried("a side of the book is empty")
        bids, asks = ([Decimal(str(row["price"])) for row in book[s]] for s in ("Bids", "Asks"))
        return max(bids), min(asks)

    async def crossing_price(self) -> Decimal:
        """A price at which a bid would surely trade."""
        _, ask = await self.prices()
        return _stepped(ask * _CROSSES, self.instrument.tick_size, ROUND_CEILING)

    async def far_price(self) -> Decimal:
        """A price far below the market."""
        bid, _ = await self.prices()
        return _stepped(bid * FAR, self.instrument.tick_size, ROUND_FLOOR)

    def smallest(self, price: Decimal) -> Decimal:
        """The smallest quantity that an order of this price may have."""
        least = max(self.instrument.quantity_min, self.instrument.notional_min / price)
        return _stepped(least, self.instrument.lot_size, ROUND_CEILING)

    async def small(self, **changed: object) -> Order:
        """
        A new order: the smallest one, a bid far below the market, post-only; in the ledger.

        Args:
            changed: Fields of the order that are to be otherwise.

        Raises:
            NotTried: It would go beyond the budget.
        """
        price = await self.far_price()
        now = trio.current_time()
        fields: dict[str, object] = {
            "client_order_id": self.ids.next(self.strategy),
            "strategy": self.strategy,
            "pair": self.lab.pair,
            "side": Side.BUY,
            "price": price,
            "quantity": self.smallest(price),
            "created_at": now,
            "changed_at": now,
            **changed,
        }
        order = Order(**fields)  # type: ignore[arg-type]  # each is of its type above
        self.require(order.price * order.quantity)
        self.orders[order.client_order_id] = order
        self.placed.add(order.client_order_id)
        await self._write(OrdersIntended((order,), now))
        return order

    def require(self, amount: Decimal) -> None:
        """
        See that so much more may be at risk.

        Raises:
            NotTried: It would go beyond the budget.
        """
        working = [each for each in self.orders.values() if not each.status.terminal]
        at_risk = sum((each.price * each.quantity for each in working), self.traded)
        needed = at_risk + amount
        if needed > self.budget:
            raise NotTried(
                f"it would put {needed:f} {self.instrument.quote} at risk, more than"
                f" --spend-at-most {self.budget:f}"
            )

    def request_id(self) -> str:
        self._count += 1
        return f"c-{self._count}"

    async def place(self, order: Order) -> Sequence[Heard]:
        """Place an order by the socket; what comes then."""
        return await self.command(order_frames.place_limit(limit_payload(order), self.request_id()))

    async def cancel(self, order: Order) -> Sequence[Heard]:
        """Cancel an order by the socket; what comes then."""
        payload = cancel_payload(order.pair, None, order.client_order_id)
        return await self.command(order_frames.cancel(payload, self.request_id()))

    async def command(self, frame: str) -> Sequence[Heard]:
        """What comes after a command, until nothing does for a moment."""
        line = await self.line()
        since = line.mark
        await line.say(frame)
        heard = await line.gather(_QUIET_S, since=since, at_most_s=_EVENTS_S)
        return [one for one in heard if one.said.get("type") != "PONG"]

    async def post(self, order: Order, *, version: int = 1) -> Answer:
        """Place an order by REST."""
        return await self.lab.ask("POST", f"/v{version}/orders/limit", limit_payload(order))

    async def delete(self, order: Order, *, version: int = 1) -> Answer:
        """Cancel an order by REST."""
        payload = cancel_payload(order.pair, None, order.client_order_id)
        return await self.lab.ask("DELETE", f"/v{version}/orders/order", payload)

    async def found(self, order: Order) -> OrderReport | None:
        """The venue's report of an order; ``None`` where it does not know it."""
        call = self.lab.party.venue.order_status(order.pair, order.client_order_id)
        try:
            return await self.lab.rest.call(call, Priority.CANCEL)
        except Rejected:
            return None

    async def found_at_last(self, order: Order) -> None:
        """Wait until the venue finds an order that it has taken, for a while."""
        with trio.move_on_after(_END_S):
            while await self.found(order) is None:  # noqa: ASYNC110  # the venue rings no bell
                await trio.sleep(_PAUSE_S)

    async def outcome(self, order: Order) -> Order | None:
        """
        What became of an order that ends by itself, by the venue's own report.

        ``None`` where the venue does not say within a while that it has ended.
        """
        with trio.move_on_after(_END_S):
            while not await self._ended(order):  # noqa: ASYNC110  # the venue rings no bell
                await trio.sleep(_PAUSE_S)
            return self.orders[order.client_order_id]
        return None

    async def end(self, *orders: Order) -> None:
        """Cancel orders, and wait until the venue says that each has ended."""
        for order in orders:
            if self.orders[order.client_order_id].status.terminal:
                continue
            with trio.move_on_after(_END_S):
                while not await self._ended(order):
                    try:
                        await self.delete(order)
                    except (Outage, OutcomeUnknown, RateLimited) as trouble:
                        log.warning(
                            "sweep_refused", order=order.client_order_id, cause=str(trouble)
                        )
                    await trio.sleep(_PAUSE_S)

    async def end_all(self) -> None:
        """Cancel all orders of this run that may be open."""
        await self.end(*[each for each in self.orders.values() if not each.status.terminal])

    async def _ended(self, order: Order) -> bool:
        report = await self.found(order)
        if report is None or report.event is None:
            return False
        return await self.record(report)

    async def record(self, report: OrderReport) -> bool:
        """Write down what the venue says of an order of ours; whether that is its end."""
        name = report.client_order_id
        if name is None or name not in self.orders or report.event is None:
            return False
        now, before = trio.current_time(), self.orders[name]
        if before.status.terminal:
            return True
        filled = report.quantity - report.remaining_quantity
        after = before.identified(report.venue_order_id).filled_to(filled, now)
        if not after.status.terminal:
            after = after.after(report.event, now, reason=report.reason)
        if after != before:
            self.orders[name] = after
            await self._write(OrderRecorded(after, now))
        return after.status.terminal

    async def never_arrived(self, order: Order) -> None:
        """Write down that the venue never took an order."""
        now = trio.current_time()
        refused = self.orders[order.client_order_id].after(OrderEvent.REJECTED, now)
        self.orders[order.client_order_id] = refused
        await self._write(OrderRecorded(refused, now))

    async def book_fills(self) -> bool:
        """
        Write down the fills of our orders; whether the venue listed all within a while.

        What an order has filled may stand in its report before its fills are listed.
        """
        with trio.move_on_after(_END_S):
            while True:
                for fills in self.lab.party.venue.fill_lists([self.lab.pair]):
                    for fill in await self.lab.rest.call(fills(0, None), Priority.CANCEL):
                        await self._book(fill)
                if not self.unbooked:
                    break
                await trio.sleep(_PAUSE_S)
        return not self.unbooked

    async def _book(self, fill: Fill) -> None:
        if fill.client_order_id in self.orders and fill.trade_id not in self.booked:
            await self._write(FillBooked(fill, trio.current_time()))
            self.booked[fill.trade_id] = fill

    @property
    def unbooked(self) -> Sequence[ClientOrderId]:
        """The orders that have filled more than is written down of their fills."""
        sums: dict[ClientOrderId | None, Decimal] = {}
        for fill in self.booked.values():
            name = fill.client_order_id
            sums[name] = sums.get(name, Decimal(0)) + fill.quantity
        return [
            name
            for name, order in self.orders.items()
            if order.filled_quantity > sums.get(name, Decimal(0))
        ]

    @property
    def holdings(self) -> str:
        """What this run has bought and not sold back, or sold; empty where that is nothing."""
        base = str(self.instrument.base)
        fills = [fill for fill in self.booked.values() if fill.client_order_id in self.placed]
        said = in_words(
            traded((self.orders[name] for name in self.placed), fills, base),
            base,
            self.instrument.lot_size,
        )
        if not self.unbooked:
            return said
        names = ", ".join(self.unbooked)
        return f"{said}; " * bool(said) + f"the venue does not list all fills of {names}"

    async def last_will(self, within_s: float) -> str:
        """
        Cancel every order of this engine and write down the ends; why that is not proven, or empty.

        It is shielded: neither a stop nor the end of the run cuts it short.
        """
        listed: list[OrderReport] = []
        why = f"the venue's list could not be had within {within_s:g} s"
        working = [order for order in self.orders.values() if not order.status.terminal]
        with trio.move_on_after(within_s, shield=True) as patience:
            try:
                await sweep(
                    self.lab.rest,
                    self.lab.party.venue,
                    self.ids.owns,
                    pause_s=_PAUSE_S,
                    left=listed,
                    known=working,
                )
                why = "what became of each order could not be asked in time"
                unclear = [order for order in working if not await self._close_book(order)]
                names = ", ".join(order.client_order_id for order in unclear)
                why = f"the venue does not say what became of {names}" if unclear else ""
                if self.unbooked:  # no order is left for that: `holdings` tells what stays unbooked
                    await self.book_fills()
            except Fatal as fatal:
                why = why and str(fatal)
            except (Outage, Rejected) as trouble:
                log.warning("open_orders_unread", cause=str(trouble))
        if why and patience.cancelled_caught and listed:
            names = ", ".join(str(report.client_order_id) for report in listed)
            why = f"orders were still open after {within_s:g} s: {names}"
        return why

    async def _close_book(self, order: Order) -> bool:
        """
        Write down the end of an order that is open no more; whether the venue has told it.

        "No such order" is believed as the engine does: of one that was never seen, if the venue
        says it several times, and long enough after it left.
        """
        believed_from = order.created_at + _DISBELIEF.seconds
        denials = 0
        while not (await self._ended(order) or await self._ended_by_list(order)):
            denials += trio.current_time() >= believed_from
            if denials >= _DISBELIEF.answers:
                if self.orders[order.client_order_id].venue_order_id is not None:
                    return False
                await self.never_arrived(order)
                break
            await trio.sleep(_PAUSE_S)
        return True

    async def _ended_by_list(self, order: Order) -> bool:
        listed = await self.lab.rest.call(self.lab.party.venue.ended_orders(), Priority.CANCEL)
        reports = [one for one in listed if one.client_order_id == order.client_order_id]
        return any([await self.record(report) for report in reports])

    async def _write(self, entry: LedgerEntry) -> None:
        now = Moment(trio.current_time(), self.lab.world.wall_clock())
        await self.session.store.commit(list(self.writer.write(entry, now)))


async def open_desk(
    lab: Lab, session: LedgerSession, *, budget: Decimal, strategy: StrategyName
) -> OrderDesk:
    """
    A desk for one run; orders that earlier ones have left are among its own.

    Raises:
        NotTried: The venue does not list the pair.
        Outage: It does not answer, or its lists cannot be read.
    """
    listed = await lab.rest.call(lab.party.venue.instruments(), Priority.CANCEL)
    if lab.pair not in listed:
        raise NotTried(f"the venue does not list {lab.pair}")
    ids = ClientOrderIds(lab.settings.engine.name, session.number)
    opened = await lab.rest.call(lab.party.venue.open_orders(), Priority.CANCEL)
    events = await session.store.read(reading.events_written)
    now = Moment(trio.current_time(), lab.world.wall_clock())
    remembered = await session.store.read(
        lambda query: reading.remembered(query, session.venue, now)
    )
    return OrderDesk(
        lab=lab,
        instrument=listed[lab.pair],
        strategy=strategy,
        budget=budget,
        session=session,
        ids=ids,
        writer=JournalWriter(session.number, session.venue, events),
        orders={order.client_order_id: order for order in remembered.orders},
        booked={entry.fill.trade_id: entry.fill for entry in remembered.fills},
        sole=all(ids.owns(report.client_order_id) for report in opened),
    )


def _stepped(amount: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (amount / step).to_integral_value(rounding) * step
