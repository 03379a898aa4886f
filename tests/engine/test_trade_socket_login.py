"""An engine at a venue that does not say AUTHENTICATED on its trade socket."""

import trio
from structlog.testing import capture_logs
from trio.testing import MockClock

from tests.support.whole_engine import start_rig


async def test_an_engine_quotes_where_the_trade_socket_never_confirms_the_key(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    with capture_logs() as logs:
        rig = await start_rig(nursery, "simulator.rules.tell_login_on_trade_socket=false")
        took_s = await rig.until(rig.quoting, within_s=20)
        await trio.sleep(120)
    assert took_s > rig.settings.venue.connect_deadline_s
    assert await rig.open_orders()
    warnings = [entry for entry in logs if entry["event"] == "login_unconfirmed"]
    assert [warning["socket"] for warning in warnings] == ["trade"]
