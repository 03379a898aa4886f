"""Reports of the ledger, as sheets: orders, fills, and the results of each pair."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from engine.views.report import Cell, Report
from engine.views.time_args import moment_text
from trading.core.identifiers import Currency, Pair, strategy_of
from trading.core.instrument import Currencies
from trading.core.market import Balance
from trading.journal import reading, whole
from trading.journal.history import PairHistory, PriceSeen, pair_histories
from trading.journal.stored import Session, StoredFill, StoredOrder
from trading.journal.whole import Whole

_ORDER_COLUMNS = (
    *("decided_at", "changed_at", "order", "strategy", "pair", "side", "price", "quantity"),
    *("filled", "status", "venue_order", "reason"),
)
_FILL_COLUMNS = (
    *("traded_at", "booked_at", "trade", "order", "strategy", "pair", "side", "price"),
    *("quantity", "fee", "fee_currency", "venue_order", "venue", "base", "quote", "total"),
)
_HISTORY_COLUMNS = (
    *("pair", "trades", "bought", "sold", "fees", "inventory_change", "position"),
    *("average_cost", "price", "realised_profit", "unrealised_profit", "profit_against_hold"),
    *("inventory", "base", "quote", "last_trade_at", "venue"),
)
_CENTS = Decimal("1e-8")
"""An average cost has no exact decimal, nor has what follows from it."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """
    The selection of a report.

    Args:
        session: The newest.
        venue: ``None`` for all.
        since_ns: By the wall clock; 0 for everything.
    """

    files: Whole
    session: Session
    venue: str | None
    since_ns: int

    @property
    def since_ms(self) -> int:
        """The first whole millisecond that counts."""
        return -(-self.since_ns // 1_000_000)


def orders_sheet(asked: Asked, *, ended_too: bool) -> Report:
    """Orders in their newest state, oldest first."""
    stored = whole.orders(
        asked.files, venue=asked.venue, since_ns=asked.since_ns, ended_too=ended_too
    )
    return _sheet(
        "orders",
        _ORDER_COLUMNS,
        map(_order_row, stored),
        asked,
        hidden=("decided_at", "strategy", "venue_order"),
        nothing="no orders" if ended_too else "no working orders",
    )


def fills_sheet(asked: Asked) -> Report:
    """Fills, in the order in which they were booked."""
    stored = whole.fills(asked.files, venue=asked.venue, since_ms=asked.since_ms)
    currencies = reading.currencies(asked.files.ledger)
    return _sheet(
        "fills",
        _FILL_COLUMNS,
        (_fill_row(each, currencies.get(each.fill.pair)) for each in stored),
        asked,
        nothing="no fills",
        hidden=("booked_at", "trade", "strategy", "venue_order", "venue", "base", "quote"),
    )


def history_sheet(asked: Asked) -> Report:
    """The sums of each pair's fills."""
    files, since_ms = asked.files, asked.since_ms

    def newest_price(venue: str, pair: Pair) -> PriceSeen | None:
        seen = whole.mid_price(files, venue, pair)
        return None if seen is None else PriceSeen(price=seen[1], at_ns=seen[0])

    histories = pair_histories(
        whole.fills(files, venue=asked.venue, before_ms=since_ms) if since_ms else (),
        whole.fills(files, venue=asked.venue, since_ms=since_ms),
        reading.currencies(files.ledger),
        newest_price,
    )
    held = {venue: whole.balances(files, venue) for venue in {each.venue for each in histories}}
    return _sheet(
        "pairs",
        _HISTORY_COLUMNS,
        [_history_row(each, held[each.venue]) for each in histories],
        asked,
        nothing="nothing was traded",
        hidden=("venue", "base", "quote", "average_cost", "last_trade_at"),
        by_currency=True,
    )


def _order_row(order: StoredOrder) -> Sequence[Cell]:
    return (
        moment_text(order.decided_at_ns),
        moment_text(order.changed_at_ns),
        order.client_order_id,
        order.strategy,
        order.pair,
        order.side.value,
        order.price,
        order.quantity,
        order.filled_quantity,
        order.status.value,
        order.venue_order_id,
        order.reason,
    )


def _fill_row(stored: StoredFill, currencies: Currencies | None) -> Sequence[Cell]:
    """``total`` is price times quantity, in quote currency, before the fee."""
    fill = stored.fill
    assert fill.client_order_id is not None, "the ledger has no other fills"
    return (
        moment_text(fill.traded_at_ms * 1_000_000),
        moment_text(stored.booked_at_ns),
        fill.trade_id,
        fill.client_order_id,
        strategy_of(fill.client_order_id),
        fill.pair,
        fill.side.value,
        fill.price,
        fill.quantity,
        fill.fee,
        fill.fee_currency,
        fill.venue_order_id,
        stored.venue,
        None if currencies is None else currencies.base,
        None if currencies is None else currencies.quote,
        fill.price * fill.quantity,
    )


def _history_row(history: PairHistory, balances: Mapping[Currency, Balance]) -> Sequence[Cell]:
    average = history.average_cost
    held = [name for name in (history.base, history.quote) if name in balances]
    return (
        history.pair,
        history.trades,
        history.bought,
        history.sold,
        history.fees,
        history.inventory_change,
        history.position,
        None if average is None else average.quantize(_CENTS),
        history.price,
        history.realised_profit.quantize(_CENTS),
        history.unrealised_profit.quantize(_CENTS),
        history.profit_against_hold.quantize(_CENTS),
        {str(name): balances[name].total for name in held},
        history.base,
        history.quote,
        moment_text(history.last_trade_at_ms * 1_000_000),
        history.venue,
    )


def _sheet(
    name: str,
    columns: tuple[str, ...],
    rows: Iterable[Sequence[Cell]],
    asked: Asked,
    *,
    hidden: tuple[str, ...],
    nothing: str,
    by_currency: bool = False,
) -> Report:
    session = asked.session
    began = moment_text(session.started_at_ns)
    ended = f"ended by {session.ended_by}" if session.ended_by else "still runs or was killed"
    return Report(
        name=name,
        columns=columns,
        rows=(dict(zip(columns, row, strict=True)) for row in rows),
        by_currency=by_currency,
        about={
            "engine": session.engine,
            "venue": asked.venue,
            "session": session.session,
            "session_started_at": began,
            "session_ended_by": session.ended_by or None,
        },
        caption=(
            f"{session.engine} on {asked.venue or 'all venues'}; its last session began {began}"
            f" and {ended}"
        ),
        nothing=nothing,
        short=tuple(column for column in columns if column not in hidden),
    )
