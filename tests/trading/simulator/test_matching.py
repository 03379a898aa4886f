"""The book against a model so simple that it is obviously right: a sorted list."""

from hypothesis import given
from hypothesis import strategies as st

from trading.core.market import Side, TimeInForce
from trading.simulator.matching.matching import Incoming, MatchingBook, Placement, Refusal, Resting


class NaiveBook:
    def __init__(self) -> None:
        self.orders: list[Resting] = []

    def place(self, incoming: Incoming) -> tuple[list[tuple[int, int, int]], Refusal | None]:
        assert incoming.quantity is not None
        others = [
            order for order in self._sorted(incoming.side.opposite) if incoming.reaches(order.price)
        ]
        left, taken = incoming.quantity, list[tuple[Resting, int]]()
        for order in others:
            if left:
                taken.append((order, min(left, order.remaining)))
                left -= taken[-1][1]
        if taken and incoming.post_only:
            return [], Refusal.POST_ONLY
        if any(o.owner == incoming.owner and o.owner is not None for o, _ in taken):
            return [], Refusal.SELF_MATCH
        if left and incoming.time_in_force is TimeInForce.FOK:
            return [], Refusal.NOT_FILLABLE
        for order, lots in taken:
            order.remaining -= lots
        self.orders = [order for order in self.orders if order.remaining]
        if left and incoming.price is not None and incoming.time_in_force is TimeInForce.GTC:
            self.orders.append(
                Resting(incoming.number, incoming.owner, incoming.side, incoming.price, left)
            )
        return [(order.number, order.price, lots) for order, lots in taken], None

    def levels(self, side: Side) -> list[tuple[int, int]]:
        totals: dict[int, int] = {}
        for order in self._sorted(side):
            totals[order.price] = totals.get(order.price, 0) + order.remaining
        return list(totals.items())

    def _sorted(self, side: Side) -> list[Resting]:
        sign = -1 if side is Side.BUY else 1
        mine = [order for order in self.orders if order.side is side]
        return sorted(mine, key=lambda order: order.price * sign)


orders = st.tuples(
    st.sampled_from(Side),
    st.one_of(st.none(), st.integers(95, 105)),
    st.integers(1, 20),
    st.sampled_from([None, "ann", "bob"]),
    st.booleans(),
    st.sampled_from(TimeInForce),
)


@given(st.lists(st.one_of(orders, st.integers(0, 40)), max_size=40))
def test_the_book_trades_as_a_sorted_list_would(
    actions: list[tuple[Side, int | None, int, str | None, bool, TimeInForce] | int],
) -> None:
    book, model = MatchingBook(), NaiveBook()
    for number, action in enumerate(actions):
        if isinstance(action, int):
            present = [order.remaining for order in model.orders if order.number == action]
            assert book.cancel(action) == (present[0] if present else None)
            model.orders = [order for order in model.orders if order.number != action]
        else:
            side, price, quantity, owner, post_only, time_in_force = action
            incoming = Incoming(
                number=number,
                owner=owner,
                side=side,
                price=price,
                quantity=quantity,
                post_only=post_only,
                time_in_force=time_in_force,
            )
            expected, refusal = model.place(incoming)
            placement = book.place(incoming)
            assert placement.refusal is refusal
            got = [(e.maker, e.price, e.quantity) for e in placement.executions]
            assert got == expected
        assert list(book.bids.levels()) == model.levels(Side.BUY)
        assert list(book.asks.levels()) == model.levels(Side.SELL)


def _book() -> MatchingBook:
    book = MatchingBook()
    for number, (price, quantity) in enumerate([(100, 5), (101, 10)]):
        book.place(
            Incoming(number=number, owner=None, side=Side.SELL, price=price, quantity=quantity)
        )
    return book


def test_a_budget_buys_whole_lots_and_no_more() -> None:
    placement = _book().place(
        Incoming(number=9, owner="ann", side=Side.BUY, price=None, quantity=None, budget=750)
    )
    assert [(e.price, e.quantity) for e in placement.executions] == [(100, 5), (101, 2)]


def test_a_preview_changes_nothing() -> None:
    book = _book()
    before = list(book.asks.levels())
    incoming = Incoming(number=9, owner="ann", side=Side.BUY, price=101, quantity=7)
    assert book.preview(incoming) == book.preview(incoming) != Placement()
    assert list(book.asks.levels()) == before


def test_changes_are_told_once_and_only_where_the_total_differs() -> None:
    book = _book()
    book.asks.take_changes()
    book.place(Incoming(number=8, owner=None, side=Side.SELL, price=105, quantity=1))
    book.cancel(8)
    book.cancel(0)
    assert book.asks.take_changes() == [(100, 0)]
    assert book.asks.take_changes() == []
