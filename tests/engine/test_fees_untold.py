"""An engine whose stream tells fills without their fees (open question U20)."""

from collections.abc import Mapping, Sequence
from typing import Any

import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.whole_engine import start_rig


async def test_a_fill_is_booked_with_the_fee_that_the_list_tells(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(
            nursery, "simulator.rules.tell_fees=false", 'simulator.maker_fee="0.1 %"'
        )
        await rig.until(lambda: len(named(logs, "fill")) >= 5, within_s=300)
    fills, untold = named(logs, "fill"), named(logs, "fee_untold")
    assert all(fill["fee"] > 0 for fill in fills)
    assert {fill["trade"] for fill in fills} <= {one["trade"] for one in untold}
    assert not [entry for entry in logs if entry["log_level"] in {"warning", "error"}]


def named(logs: Sequence[Mapping[str, Any]], event: str) -> Sequence[Mapping[str, Any]]:
    return [entry for entry in logs if entry["event"] == event]
