"""While the venue does not answer, orders in doubt are asked about less and less often."""

import itertools

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.whole_engine import quote_first


async def test_look_ups_without_an_answer_grow_rare_and_an_open_stream_ends_the_pause(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    rig = await quote_first(nursery)
    asked_at: list[float] = []
    with capture_logs() as logs:
        rig.network.away = True
        await rig.network.cut("/ws/account")
        for _ in range(600):
            await trio.sleep(0.1)
            if any(entry["event"] == "order_not_looked_up" for entry in logs):
                asked_at.append(trio.current_time())
                logs.clear()
        rig.network.away = False
        await rig.until(lambda: rig.readiness.ready and rig.quoting(), within_s=60)
    pauses = [after - before for before, after in itertools.pairwise(asked_at)]
    assert len(asked_at) < 16
    assert pauses[0] < 3
    assert pauses[-1] == pytest.approx(8, abs=0.5)
    nursery.cancel_scope.cancel()
