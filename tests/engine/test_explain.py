"""Why nothing is quoted, from end to end; and the change that is named brings the quotes."""

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from engine.control.protocol import Ask
from engine.views.status_view import explain_view, status_view
from tests.engine.test_status import asked
from tests.support.whole_engine import Rig, start_rig
from trading.readiness.lease import Component


async def side_of(rig: Rig, side: str = "buy") -> dict[str, Any]:
    found: dict[str, Any] = (await asked(rig, Ask.EXPLAIN))["strategies"]["doge"]["sides"][side]
    return found


async def refused(nursery: trio.Nursery, *overrides: str) -> tuple[Rig, dict[str, Any]]:
    """An engine that does not quote its bids, and why."""
    rig = await start_rig(nursery, "strategies.doge.order_levels=1", *overrides)
    await trio.sleep(6)
    side = await side_of(rig)
    assert not side["quoting"]
    return rig, side


def settings_that_open(side: dict[str, Any]) -> list[str]:
    """What the gates of a side say should be set, as overrides."""
    found = []
    for gate in side["gates"]:
        what, value = gate["opening"]["what"], gate["opening"]["value"]
        if what:
            quoted = f'"{value}"' if value.endswith("%") else value
            found.append(f"strategies.doge.{what}={quoted}")
    return found


@pytest.mark.parametrize(
    ("shut", "origin", "code"),
    [
        ("strategies.doge.price_ceiling=0.05", "strategy", "price_ceiling"),
        ("strategies.doge.limits.max_order_notional=1", "limits", "notional_limit"),
        ("strategies.doge.limits.max_base_holding=20010", "limits", "base_holding_high"),
        ("strategies.doge.limits.min_quote_holding=99999", "limits", "quote_holding_low"),
    ],
)
async def test_the_setting_that_is_named_as_the_smallest_change_brings_the_quotes(
    nursery: trio.Nursery, autojump_clock: MockClock, shut: str, origin: str, code: str
) -> None:
    async with trio.open_nursery() as first:
        _, side = await refused(first, shut)
        [gate] = [gate for gate in side["gates"] if gate["code"] == code]
        assert gate["from"] == origin
        assert gate["inputs"]
        assert 0 <= gate["age_s"] <= 6
        [quote] = side["wanted"] or side["otherwise"]
        assert quote["quantity"] == "40"
        first.cancel_scope.cancel()

    # The market moves a little meanwhile; the same seed and time make it the same.
    rig = await start_rig(
        nursery, "strategies.doge.order_levels=1", shut, *settings_that_open(side)
    )
    if origin == "strategy":
        await trio.sleep(6)
    else:  # before any is filled: the next one would be beyond so narrow a limit again
        await rig.until(rig.quoting, 6)
    assert code not in {gate["code"] for gate in (await side_of(rig))["gates"]}
    nursery.cancel_scope.cancel()


async def test_what_would_be_quoted_otherwise_stands_below_a_limits_refusal(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    _, side = await refused(nursery, "strategies.doge.limits.max_order_notional=1")
    [quote] = side["wanted"]
    assert quote["quantity"] == "40"
    assert 0 < float(quote["spread"]) < 0.002
    assert side["input_ages_s"]["top of book"] < 5
    nursery.cancel_scope.cancel()


async def test_a_missing_component_says_what_it_waits_for_and_since_when(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await rig.until(rig.quoting, within_s=10)
    rig.network.away = True
    await rig.network.cut("/ws/account")
    await trio.sleep(4)
    [gate] = [
        gate
        for gate in (await side_of(rig))["gates"]
        if gate["code"] == Component.USER_STREAM.value
    ]
    assert "a login" in gate["opening"]["words"]
    assert "no route to host" in gate["inputs"]["last error"]
    assert gate["inputs"]["missing for"].startswith("4.")
    known = (await asked(rig))["strategies"]["doge"]["components"][Component.USER_STREAM.value]
    assert known["known_by"] == "account socket"
    assert not known["holds"]
    assert known["since_s"] == pytest.approx(4, abs=0.2)
    nursery.cancel_scope.cancel()


async def test_time_is_counted_by_side_and_gate_and_shown(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery, "strategies.doge.price_ceiling=0.05")
    await trio.sleep(30)
    status = await asked(rig)
    times = status["strategies"]["doge"]["quoting"]
    assert times["buy"]["seconds"] == 0
    assert times["buy"]["not_quoting_s"]["price_ceiling"] == pytest.approx(29, abs=1)
    assert times["sell"]["share"] > 0.8
    assert times["sell"]["not_quoting_s"]["not_ready"] < 2
    for view in (status_view(status), explain_view(await asked(rig, Ask.EXPLAIN))):
        assert view is not None
    nursery.cancel_scope.cancel()


async def test_messages_are_counted_and_their_rates_shown(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await start_rig(nursery)
    await trio.sleep(20)
    status = await asked(rig)
    book, top = status["mailboxes"]["book DOGEUSDT"], status["newest"]["doge top of book"]
    assert book["messages"] > 100
    assert book["per_s"] == pytest.approx(book["messages"] / 20, rel=0.6)
    assert top["per_s"] > 1
    assert book["found_full"] == 0
    nursery.cancel_scope.cancel()
