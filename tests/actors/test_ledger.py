"""Who makes everything durable: receipts, restarts, and what a disk may do to it."""

from decimal import Decimal

import pytest
import trio
from msgspec.structs import replace
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.builders import DOGE, DOGE_RULES, MAKER, a_balance, a_fill, an_order
from tests.support.inline_ledger import DISK_FULL, IO_ERROR, READ_ONLY
from tests.support.ledger_rig import Books
from tests.support.lives import begin
from trading.core.errors import Fatal, FatalReason
from trading.core.identifiers import ClientOrderId, StrategyName, TradeId
from trading.core.instrument import Currencies
from trading.journal import reading
from trading.journal.entries import (
    BalanceRecorded,
    FillBooked,
    Halted,
    OrderRecorded,
    OrdersIntended,
    Resumed,
)
from trading.orders.order import OrderStatus


@pytest.fixture
def books() -> Books:
    return Books()


async def test_orders_and_fills_are_added_up(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    await begin(nursery, books.actor)
    order = an_order()
    await books.book(
        OrderRecorded(order, 0.0),
        OrderRecorded(replace(order, status=OrderStatus.FILLED), 1.0),
        FillBooked(a_fill(), 1.0),
        FillBooked(a_fill(), 2.0),
    )
    figures = books.figures
    assert (figures.orders_placed, figures.orders_filled, figures.fills) == (1, 1, 1)
    assert figures.bought == Decimal(40)


async def test_a_pair_that_is_suspended_meanwhile_does_not_break_it(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    books.instrument.withdraw()
    await begin(nursery, books.actor)
    await books.book(FillBooked(a_fill(), 1.0))
    assert books.figures.fills == 1


async def test_a_fill_that_comes_before_the_rules_is_durable_at_once_and_counted_later(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    books.instrument = type(books.instrument)()
    await begin(nursery, books.actor)
    await books.book(FillBooked(a_fill(1), 1.0))
    assert books.performance.read() is None
    books.instrument.put(DOGE_RULES)
    await books.book(FillBooked(a_fill(2), 1.0))
    assert books.figures.fills == 2


async def test_an_entry_of_no_strategy_of_ours_is_reported_but_durable(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    await begin(nursery, books.actor)
    order_id = ClientOrderId("qw-test-other-1-1")
    stranger = an_order(strategy=StrategyName("other"), client_order_id=order_id)
    with capture_logs() as logs:
        await books.book(OrderRecorded(stranger, 0.0), OrderRecorded(an_order(), 0.0))
    assert [entry["event"] for entry in logs] == ["entry_of_no_strategy"]
    assert books.figures.orders_placed == 1
    assert order_id in {order.client_order_id for order in books.known.orders}


async def test_a_receipt_is_given_once_the_commit_is_over_and_not_before(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    await begin(nursery, books.actor)
    books.trouble.slow_s = 5
    receipt = books.post(OrdersIntended((an_order(),), 0.0))
    with trio.move_on_after(4.9) as patience:
        await receipt.wait()
    assert patience.cancelled_caught
    await receipt.wait()
    assert trio.current_time() == pytest.approx(5)


async def test_what_waits_during_a_commit_is_committed_together(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    await begin(nursery, books.actor)
    books.trouble.slow_s = 1
    receipts = [books.post(OrdersIntended((an_order(n),), 0.0)) for n in range(100)]
    barrier = books.post()
    await barrier.wait()
    assert trio.current_time() == pytest.approx(1)
    for receipt in receipts:
        await receipt.wait()
    assert books.trouble.commits == 1


async def test_a_barrier_without_anything_before_it_needs_no_commit(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    await begin(nursery, books.actor)
    await books.post().wait()
    assert books.trouble.commits == 0


@pytest.mark.parametrize("error", [DISK_FULL, READ_ONLY, IO_ERROR], ids=str)
async def test_a_commit_that_fails_is_fatal_and_gives_no_receipt(
    autojump_clock: MockClock, books: Books, error: Exception
) -> None:
    books.trouble.error, books.trouble.from_commit = type(DISK_FULL)(str(error)), 2
    late = None
    with pytest.RaisesGroup(pytest.RaisesExc(Fatal, match=str(error))) as caught:
        async with trio.open_nursery() as nursery:
            await begin(nursery, books.actor)
            await books.book(OrdersIntended((an_order(1),), 0.0))
            late = books.post(OrdersIntended((an_order(2),), 0.0))
            await late.wait()
    fatal = caught.value.exceptions[0]
    assert isinstance(fatal, Fatal)
    assert fatal.reason is FatalReason.LEDGER
    assert [order.client_order_id for order in books.known.orders] == ["qw-test-maker-1-1"]
    assert books.trouble.commits == 2  # a disk that failed is not tried again on the way out


async def test_a_ledger_that_stays_locked_ends_it_with_what_is_safe_to_do(
    autojump_clock: MockClock, books: Books
) -> None:
    books.trouble.locked = True
    began = trio.current_time()
    with pytest.RaisesGroup(pytest.RaisesExc(Fatal, match="another program")) as caught:
        async with trio.open_nursery() as nursery:
            await begin(nursery, books.actor)
            await books.post(OrdersIntended((an_order(),), 0.0)).wait()
    fatal = caught.value.exceptions[0]
    assert isinstance(fatal, Fatal)
    assert fatal.reason is FatalReason.PASSING
    assert trio.current_time() - began == pytest.approx(300, abs=5)


async def test_a_new_life_knows_all_that_the_one_before_had_committed(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    filled = an_order(2, status=OrderStatus.FILLED, filled_quantity=Decimal(40))
    await books.book(
        OrdersIntended((an_order(1), an_order(2)), 0.0, Decimal("0.055")),
        OrderRecorded(an_order(1, status=OrderStatus.OPEN), 0.0),
        OrderRecorded(filled, 1.0),
        FillBooked(a_fill(traded_at_ms=123), 0.0),
    )
    before, figures = books.known, books.figures
    await life.end()
    await begin(nursery, books.actor)
    assert books.known == before
    assert books.figures == figures
    assert before.ended == (filled,)
    assert before.trade_ids == {TradeId("trade-1")}
    assert before.last_fill_at_ms == 123


async def test_what_is_posted_until_the_end_of_a_life_is_committed_by_its_last_will(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    books.trouble.slow_s = 1
    receipts = [books.post(OrdersIntended((an_order(1),), 0.0))]
    await trio.sleep(0.5)
    receipts.append(books.post(OrdersIntended((an_order(2),), 0.0)))
    await life.end()
    for receipt in receipts:
        await receipt.wait()
    await begin(nursery, books.actor)
    assert len(books.known.orders) == 2


async def test_a_last_will_that_is_cut_short_says_what_is_lost(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    books.trouble.slow_s = 1000
    books.post(OrdersIntended((an_order(1),), 0.0))
    with capture_logs() as logs:
        await life.end()
    assert [(entry["event"], entry["lost"]) for entry in logs] == [("ledger_last_will", 1)]


async def test_orders_of_a_former_session_on_the_same_venue_are_remembered_in_our_time(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    await trio.sleep(100)
    await books.book(OrdersIntended((an_order(1, created_at=90.0, changed_at=95.0),), 100.0))
    await life.end()
    # The next process: its monotonic clock begins elsewhere, and 50 s have gone by.
    books.wall_ns += (50 - 0) * 10**9
    books.open_session(2)
    await begin(nursery, books.actor)
    (order,) = books.known.orders
    assert order == an_order(1, created_at=40.0, changed_at=45.0)


async def test_a_wall_clock_that_was_set_back_makes_no_order_younger_than_now(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    await books.book(OrdersIntended((an_order(1),), 0.0))
    await life.end()
    books.wall_ns -= 3600 * 10**9
    await begin(nursery, books.actor)
    assert books.known.orders[0].created_at == trio.current_time()


async def test_orders_and_fills_on_another_venue_are_not_remembered_but_a_halt_is(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    await books.book(
        OrdersIntended((an_order(1),), 0.0),
        OrderRecorded(an_order(2, status=OrderStatus.CANCELLED), 0.0),
        FillBooked(a_fill(), 0.0),
        Halted("the operator said so", 0.0),
    )
    await life.end()
    books.open_session(2, "simulated 2")
    await begin(nursery, books.actor)
    known = books.known
    assert (known.orders, known.ended, known.trade_ids) == ((), (), frozenset())
    assert known.last_fill_at_ms is None
    assert known.halt == "the operator said so"


async def test_a_halt_stands_until_somebody_resumes(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    await books.book(Halted("drawdown", 0.0))
    assert books.known.halt == "drawdown"
    await life.end()
    life = await begin(nursery, books.actor)
    assert books.known.halt == "drawdown"
    await books.book(Resumed(1.0))
    assert books.known.halt == ""
    await life.end()
    await begin(nursery, books.actor)
    assert books.known.halt == ""


async def test_balances_and_the_pairs_currencies_are_kept(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    await begin(nursery, books.actor)
    old, new = a_balance("USDT", "100", 1), a_balance("USDT", "99.5", 2)
    await books.book(BalanceRecorded(old, 0.0), BalanceRecorded(new, 1.0))
    held = await books.store.read(lambda query: reading.balances(query, books.venue))
    assert list(held.values()) == [new]
    pairs = await books.store.read(reading.currencies)
    assert pairs == {DOGE: Currencies(base=DOGE_RULES.base, quote=DOGE_RULES.quote)}


async def test_foreign_words_that_are_no_text_harm_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock, books: Books
) -> None:
    life = await begin(nursery, books.actor)
    rejected = an_order(1, status=OrderStatus.REJECTED, reason="no\ud800 \x00 'quotes'; --")
    await books.book(OrderRecorded(rejected, 0.0))
    await life.end()
    await begin(nursery, books.actor)
    assert books.known.ended[0].reason == "no? \x00 'quotes'; --"
    assert books.known.ended[0].strategy == MAKER
