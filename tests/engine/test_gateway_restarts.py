"""One rule more than OTP's: who owns live orders lives again only once those are accounted for."""

from collections.abc import Sequence

import attrs
import pytest
import trio
import trio.testing
from structlog.testing import capture_logs

from actors.net.network import Listening
from actors.net.rate_gate import RateGate
from actors.net.venue_rest import VenueRest
from tests.support.links import LinkedNetwork
from tests.support.memory_network import MemoryNetwork
from tests.support.whole_engine import Rig, quote_first
from trading.messages.account import FillReported
from trading.venues.rate_limits import RateBudget
from trading.venues.valr.simulator.core.settings import DEMO_ACCOUNT

POISON = FillReported(None)  # type: ignore[arg-type]  # makes the gateway raise, a defect of ours


@attrs.frozen
class Beside:
    """The way to the venue of somebody for whom it is never away."""

    network: LinkedNetwork

    async def connect(self, host: str, port: int) -> trio.abc.Stream:
        return await MemoryNetwork.connect(self.network, host, port)

    async def listen(self, host: str, port: int) -> Listening:
        return await self.network.listen(host, port)


@attrs.frozen
class Witness:
    """Asks the venue what is open, by a connection that is not the engine's."""

    rig: Rig

    async def open_orders(self) -> Sequence[str]:
        party = self.rig.party
        rest = VenueRest(
            party.venue,
            Beside(self.rig.network),
            party.rest,
            answer_deadline_s=5,
            gate=RateGate(RateBudget(party.venue.rate_limits())),
        )
        listed = await rest.call(party.venue.open_orders())
        return sorted(report.client_order_id or "foreign" for report in listed)

    async def watch(self, old: Sequence[str], seconds: float) -> list[Sequence[str]]:
        """What was open, twice a second, each time that it was something else."""
        looks: list[Sequence[str]] = [old]
        for _ in range(round(seconds * 2)):
            await trio.sleep(0.5)
            if (now_open := await self.open_orders()) != looks[-1]:
                looks.append(now_open)
        return looks


def assert_never_both(old: Sequence[str], looks: list[Sequence[str]]) -> None:
    """No order of the new life was open beside one of the old, and new ones did come."""
    assert all(not (set(look) & set(old)) or set(look) <= set(old) for look in looks), looks
    assert len(looks[-1]) == 4
    assert not set(looks[-1]) & set(old)


async def test_a_gateway_that_raises_cancels_its_orders_before_a_new_life_places_any(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)
    witness = Witness(rig)
    old = await witness.open_orders()

    with capture_logs() as logs:
        rig.system.wires.order_news.send.send_nowait(POISON)
        looks = await witness.watch(old, 10)

    assert_never_both(old, looks)
    assert rig.restarted() == ["order gateway", "strategies"]
    events = [entry["event"] for entry in logs]
    assert events.index("gateway_last_will") < events.index("sweeping_order")
    assert events.index("sweeping_order") < events.index("reconciled")
    assert events.index("reconciled") < events.index("order_placed")
    nursery.cancel_scope.cancel()


async def test_a_gateway_that_raises_while_rest_says_nothing_cancels_by_the_open_socket(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock
) -> None:
    rig = await quote_first(nursery)
    witness = Witness(rig)
    old = await witness.open_orders()

    rig.network.deaf.add("/v1/")
    rig.system.wires.order_news.send.send_nowait(POISON)
    await trio.sleep(1)

    assert old
    assert not rig.exchange.venue.orders.open_of(DEMO_ACCOUNT.api_key)
    rig.network.deaf.clear()
    assert_never_both(old, await witness.watch(old, 40))
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("away_s", [5.0, 30.0])
async def test_while_the_venue_is_away_the_new_life_places_nothing_beside_what_it_cannot_see(
    nursery: trio.Nursery, autojump_clock: trio.testing.MockClock, away_s: float
) -> None:
    rig = await quote_first(nursery)
    witness = Witness(rig)
    old = await witness.open_orders()

    with capture_logs() as logs:
        rig.network.away = True
        rig.system.wires.order_news.send.send_nowait(POISON)
        meanwhile = await witness.watch(old, away_s)
        rig.network.away = False
        looks = await witness.watch(meanwhile[-1], 20)

    assert all(set(look) <= set(old) for look in meanwhile), "nothing new while nobody could look"
    assert_never_both(old, meanwhile + looks)
    [end] = [
        entry
        for entry in logs
        if entry["event"] == "actor_ended" and entry["actor"] == "order gateway"
    ]
    assert "last will was cut short" in end["cause"]
    events = [entry["event"] for entry in logs]
    assert events.index("reconciled") < events.index("order_placed")
    nursery.cancel_scope.cancel()
