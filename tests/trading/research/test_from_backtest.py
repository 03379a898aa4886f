"""A backtest's outcome as a result: the numbers are those of its recording."""

from decimal import Decimal

from tests.support.backtest_rig import Once, a_bid, an_ask, run
from tests.support.builders import DOGE, DOGE_RULES, MAKER
from tests.support.recorded_market import S, bid, book, sold
from tests.support.runs import a_head
from trading.research.dataset_mids import mids_of
from trading.research.figures import Figures, figures, mid_path
from trading.research.from_backtest import Circumstances, result_of
from trading.research.result import Holdings, decode_result, encode_result
from trading.research.stated import NotStated, stated

BEGIN = 1000
ROWS = [
    *book(BEGIN, bids={10_000: 100, 9_990: 50}, asks={10_010: 80}),
    sold(BEGIN + 10, 10_000, 120),
    bid(BEGIN + 20, 10_000, 0),
    bid(BEGIN + 90, 9_000, 1),
]


def figures_of_a_bid() -> Figures:
    outcome = run(ROWS, Once((a_bid(10_000, 40), an_ask(10_020, 10))))
    about = Circumstances(
        head=a_head(models={"queue": outcome.queue, "latency": outcome.latency}),
        strategies={MAKER: DOGE},
        instruments={DOGE: DOGE_RULES},
        mids={DOGE: mids_of(ROWS, DOGE_RULES.tick_size)},
    )
    result = result_of(outcome, about)
    assert decode_result(encode_result(result)) == result
    [of_maker] = result.runs
    assert of_maker.start == Holdings(Decimal(10_000), Decimal(1_000))
    return figures(of_maker, mid_path(of_maker))


def test_what_a_backtest_filled_is_judged_by_its_recording() -> None:
    """20 were bought at 0.1 when the mid price was 0.10005; it is 0.1 once that bid is gone."""
    found = figures_of_a_bid()
    parts = stated(found.identity)
    assert parts.captured == Decimal("0.00005") * 20
    assert parts.inventory == (Decimal("0.1") - Decimal("0.10005")) * 20
    assert parts.change.traded == 0
    assert stated(found.markouts["buy"][0]).money == Decimal("0.001")
    assert stated(found.markouts["buy"][2]).money == 0
    assert found.makers == 1


def test_levels_and_the_queue_are_told_and_cancels_are_not() -> None:
    found = figures_of_a_bid()
    assert found.orders.by_level
    queue = stated(found.queue)
    assert (queue.known, queue.at_placing) == ("risk_averse", (0.0, 0.0, 100.0))
    assert isinstance(found.orders.cancels, NotStated)


def test_the_time_of_a_run_is_the_recordings() -> None:
    found = figures_of_a_bid()
    assert (found.from_ns, found.to_ns) == (BEGIN * S, (BEGIN + 90) * S)
