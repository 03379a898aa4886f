"""The check that trades: what was bought is sold back, or it is said that it was not."""

from decimal import Decimal

import pytest
import trio

from engine.cli.conformance import exit_code
from engine.conformance.order_desk import OrderDesk
from engine.conformance.report import as_json, verdict_line
from engine.conformance.running import Choice
from engine.process.exit_codes import ExitCode
from engine.system.running import StopRequest
from tests.support.conformance_rig import Rig
from trading.core.errors import Outage
from trading.core.market import Side
from trading.journal import reading
from trading.journal.stored import StoredFill
from trading.orders.order import OrderStatus
from trading.venues.valr.conformance.check import Level, Verdict
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT

FILLING = Choice(level=Level.ORDERS, only=frozenset({"orders.filled"}), fill=True)


def booked(rig: Rig) -> list[StoredFill]:
    return rig.ledger().read(lambda query: reading.fills(query, venue=None))


def sides(rig: Rig) -> list[Side]:
    return sorted({stored.fill.side for stored in booked(rig)}, key=lambda side: side.value)


def break_the_inverse(
    monkeypatch: pytest.MonkeyPatch, trouble: type[BaseException], stop: StopRequest | None = None
) -> None:
    """Have the order that sells fail before it leaves, or have a stop asked for then."""
    whole = OrderDesk.small

    async def small(self: OrderDesk, **changed: object) -> object:
        if changed.get("side") is Side.SELL:
            if stop is not None:
                stop.ask("SIGINT")
                await trio.sleep_forever()
            raise trouble("the line is gone")
        return await whole(self, **changed)

    monkeypatch.setattr(OrderDesk, "small", small)


async def test_what_was_bought_is_sold_back_though_no_event_comes(autojump_clock: object) -> None:
    rig = Rig(overrides=['simulator.faults.drop="100 %"'], choice=FILLING)
    report = (await rig.run()).report
    [result] = report.results
    assert sides(rig) == [Side.BUY, Side.SELL]
    assert result.verdict is Verdict.NOT_SEEN
    assert "not filled" not in result.because
    assert (report.left, report.holdings) == ("", "")


async def test_a_run_that_sells_back_has_changed_no_holdings(autojump_clock: object) -> None:
    rig = Rig(choice=FILLING)
    report = (await rig.run()).report
    assert [result.verdict for result in report.results] == [Verdict.AS_EXPECTED]
    assert report.holdings == ""
    assert as_json(report)["holdings"] == ""
    assert verdict_line(report).endswith("flat: no order of ours is left")


@pytest.mark.parametrize("trouble", [Outage, ZeroDivisionError])
async def test_what_was_bought_and_not_sold_back_is_told_in_words(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch, trouble: type[BaseException]
) -> None:
    break_the_inverse(monkeypatch, trouble)
    rig = Rig(choice=FILLING)
    report = (await rig.run()).report
    assert sides(rig) == [Side.BUY]
    said = report.holdings
    assert said.startswith("bought ")
    assert said.endswith(" DOGE, not sold back")
    assert Decimal(said.split()[1]) > 0
    assert report.left == ""
    assert exit_code(report) is ExitCode.FAILURE
    assert as_json(report)["holdings"] == said
    assert verdict_line(report).endswith(f"no order of ours is left, but {said}")


async def test_a_stop_between_buying_and_selling_tells_what_was_bought(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = StopRequest()
    break_the_inverse(monkeypatch, Outage, stop)
    rig = Rig(choice=FILLING)
    report = (await rig.run(stop)).report
    assert report.broken_off
    assert sides(rig) == [Side.BUY]
    assert report.holdings.endswith("not sold back")
    assert exit_code(report) is ExitCode.FAILURE


async def test_a_stop_at_any_moment_tells_what_was_bought_and_books_it(
    autojump_clock: object,
) -> None:
    seen = set()
    for tenth in range(2, 40, 2):
        stop, rig = StopRequest(), Rig(choice=FILLING)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_ask_later, stop, tenth / 10)
            report = (await rig.run(stop)).report
            nursery.cancel_scope.cancel()
        listed = list(rig.exchanges[-1].venue.orders.fills_of(DEMO_ACCOUNT.api_key))
        assert len(booked(rig)) == len(listed)
        only_bought = sides(rig) == [Side.BUY]
        assert report.left == ""
        assert report.holdings.endswith("not sold back") is only_bought
        assert (exit_code(report) is ExitCode.FAILURE) is only_bought
        seen.add(tuple(sides(rig)))
    assert seen == {(), (Side.BUY,), (Side.BUY, Side.SELL)}


async def _ask_later(stop: StopRequest, after_s: float) -> None:
    await trio.sleep(after_s)
    stop.ask("SIGINT")


async def test_nothing_is_bought_where_the_budget_does_not_last_for_selling_it(
    autojump_clock: object,
) -> None:
    for budget in range(2, 40, 3):
        rig = Rig(choice=FILLING, budget=Decimal(budget))
        report = (await rig.run()).report
        assert report.holdings == ""
        assert sides(rig) in ([], [Side.BUY, Side.SELL])
        assert report.results[0].verdict in {Verdict.NOT_TRIED, Verdict.AS_EXPECTED}


async def test_an_order_is_never_said_to_be_unfilled_that_the_venue_says_was(
    autojump_clock: object,
) -> None:
    rig = Rig(
        overrides=['simulator.faults.drop="100 %"', "simulator.rules.lookup_delay_s=12"],
        choice=FILLING,
    )
    report = (await rig.run()).report
    orders = rig.ledger().read(
        lambda query: reading.orders(query, venue=None, since_ns=0, ended_too=True)
    )
    assert {order.status for order in orders} == {OrderStatus.FILLED}
    assert report.left == ""
    assert sides(rig) == [Side.BUY]
    assert report.holdings.endswith("not sold back")
