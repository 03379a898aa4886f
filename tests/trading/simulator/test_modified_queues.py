"""The queue of a price after placing, shrinking, moving and cancelling, against a plain list."""

from hypothesis import given
from hypothesis import strategies as st

from trading.core.market import Side
from trading.simulator.matching.matching import Incoming, MatchingBook

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["place", "reduce", "move", "cancel"]),
        st.integers(0, 9),
        st.integers(95, 99),
        st.integers(1, 5),
    ),
    max_size=40,
)


class Queues:
    """Bids as one list in the order of their coming; priority is by price, then by place."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int]] = []

    def replace(self, number: int, price: int, lots: int, *, keep: bool) -> None:
        index = [row[1] for row in self.rows].index(number)
        del self.rows[index]
        self.rows.insert(index if keep else len(self.rows), (price, number, lots))

    def best_first(self) -> list[tuple[int, int, int]]:
        return sorted(self.rows, key=lambda row: -row[0])


@given(_STEPS)
def test_less_keeps_its_place_and_all_else_goes_to_the_back(
    steps: list[tuple[str, int, int, int]],
) -> None:
    book, model = MatchingBook(), Queues()
    for count, (action, choice, price, lots) in enumerate(steps, start=1):
        if action == "place":
            book.place(
                Incoming(number=count, owner="ann", side=Side.BUY, price=price, quantity=lots)
            )
            model.rows.append((price, count, lots))
        elif model.rows:
            old_price, number, old_lots = model.rows[choice % len(model.rows)]
            if action == "reduce" and lots < old_lots:
                book.reduce(number, lots)
                model.replace(number, old_price, lots, keep=True)
            elif action == "move":
                book.move(number, price, lots)
                model.replace(number, price, lots, keep=False)
            elif action == "cancel":
                book.cancel(number)
                model.rows = [row for row in model.rows if row[1] != number]
        assert list(book.orders(Side.BUY)) == model.best_first()
        totals: dict[int, int] = {}
        for row_price, _, row_lots in model.rows:
            totals[row_price] = totals.get(row_price, 0) + row_lots
        assert dict(book.bids.levels()) == totals
