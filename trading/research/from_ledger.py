"""A run's values from what the ledger says of a session."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.identifiers import Currency, Pair, StrategyName, strategy_of
from trading.core.instrument import Currencies
from trading.journal.stored import Session, StoredFill, StoredOrder
from trading.orders.order import AT_VENUE, OrderStatus
from trading.research.dataset_mids import mids_at_decisions
from trading.research.result import Holdings, Run, RunFill, RunOrder

_MS = 1_000_000
_NAMELESS = Currencies(base=Currency(""), quote=Currency(""))
_STRAY = StrategyName("?")


@attrs.frozen(kw_only=True)
class SessionRows:
    """
    All that a ledger has of a session.

    Args:
        events: Orders after each of their events, as written.
        fills: As booked.
        held: What the account held of each currency before the first fill, where that is known.
        now_ns: The end of a session that has none: the wall clock.
    """

    session: Session
    events: Iterable[StoredOrder]
    fills: Sequence[StoredFill]
    currencies: Mapping[Pair, Currencies]
    held: Mapping[Currency, Decimal]
    now_ns: int


def runs_of(rows: SessionRows) -> list[Run]:
    """
    One run for each strategy and pair of a session.

    The mid prices are those by which orders were decided. What was held is told only where a
    currency is one strategy's alone.
    """
    orders = _orders(rows.events)
    fills: dict[tuple[StrategyName, Pair], list[StoredFill]] = {}
    for stored in rows.fills:
        fills.setdefault((_strategy(stored), stored.fill.pair), []).append(stored)
    places = sorted({(one.strategy, one.pair) for one in orders} | fills.keys())
    users: dict[Currency, int] = {}
    for _, pair in places:
        names = rows.currencies.get(pair, _NAMELESS)
        for currency in (names.base, names.quote):
            users[currency] = users.get(currency, 0) + 1
    return [
        _run(
            rows,
            [order for order in orders if (order.strategy, order.pair) == place],
            fills.get(place, []),
            place,
            users,
        )
        for place in places
    ]


def _strategy(stored: StoredFill) -> StrategyName:
    order_id = stored.fill.client_order_id
    return _STRAY if order_id is None else strategy_of(order_id)


def _run(
    rows: SessionRows,
    orders: Sequence["_Life"],
    fills: Sequence[StoredFill],
    place: tuple[StrategyName, Pair],
    users: Mapping[Currency, int],
) -> Run:
    names = rows.currencies.get(place[1], _NAMELESS)
    begin = rows.session.started_at_ns
    alone = users[names.base] == 1 and users[names.quote] == 1
    start = None
    if alone and names.base in rows.held and names.quote in rows.held:
        start = Holdings(rows.held[names.base], rows.held[names.quote])
    made = sorted((_fill(stored) for stored in fills), key=lambda fill: fill.at_ns)
    end = rows.session.ended_at_ns or rows.now_ns
    return Run(
        strategy=place[0],
        pair=place[1],
        base=names.base,
        quote=names.quote,
        from_ns=begin,
        to_ns=max(begin, end),
        orders=tuple(order.told() for order in orders),
        fills=tuple(made),
        start=start,
        mids=mids_at_decisions(
            (order.first.decided_at_ns, order.first.mid_price)
            for order in orders
            if order.first.mid_price is not None
        ),
    )


def _fill(stored: StoredFill) -> RunFill:
    fill = stored.fill
    return RunFill(
        at_ns=fill.traded_at_ms * _MS,
        side=fill.side,
        price=fill.price,
        quantity=fill.quantity,
        fee=fill.fee,
        fee_currency=fill.fee_currency,
        order_id=fill.client_order_id or fill.venue_order_id,
    )


@attrs.define
class _Life:
    """An order's events so far."""

    first: StoredOrder
    newest: StoredOrder
    placed_ns: int | None = None
    ended_ns: int | None = None
    cancel_sent_ns: int | None = None
    filled_at_cancel: Decimal | None = None

    @property
    def strategy(self) -> StrategyName:
        return self.first.strategy

    @property
    def pair(self) -> Pair:
        return self.first.pair

    def take(self, event: StoredOrder) -> None:
        self.newest = event
        at_venue = event.status in AT_VENUE or event.filled_quantity > ZERO
        if at_venue and self.placed_ns is None:
            self.placed_ns = event.changed_at_ns
        if event.status is OrderStatus.CANCEL_PENDING and self.cancel_sent_ns is None:
            self.cancel_sent_ns = event.changed_at_ns
            self.filled_at_cancel = event.filled_quantity
        if not event.status.terminal:
            self.ended_ns = None  # an order that was given up has turned up again
        elif self.ended_ns is None:
            self.ended_ns = event.changed_at_ns

    def told(self) -> RunOrder:
        ended_ns = self.ended_ns
        if ended_ns is not None and self.placed_ns is not None:
            # The wall clock may have been set back meanwhile, or a fill told after the end.
            ended_ns = max(ended_ns, self.placed_ns)
        return RunOrder(
            order_id=self.first.client_order_id,
            side=self.first.side,
            price=self.first.price,
            quantity=self.newest.quantity,
            filled=self.newest.filled_quantity,
            decided_ns=self.first.decided_at_ns,
            placed_ns=self.placed_ns,
            ended_ns=ended_ns,
            status=self.newest.status.value,
            reason=self.newest.reason,
            mid_price=self.first.mid_price,
            cancel_sent_ns=self.cancel_sent_ns,
            filled_at_cancel=self.filled_at_cancel,
        )


def _orders(events: Iterable[StoredOrder]) -> list[_Life]:
    lives: dict[str, _Life] = {}
    for event in events:
        life = lives.get(event.client_order_id)
        if life is None:
            life = lives[event.client_order_id] = _Life(first=event, newest=event)
        life.take(event)
    return list(lives.values())
