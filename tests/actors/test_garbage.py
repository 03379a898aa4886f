"""When cyclic garbage is collected, and what is left alone."""

import gc
import weakref
from collections.abc import Iterator

import attrs
import pytest
import trio
from trio.testing import MockClock

from actors.ports.ports import Latest
from actors.watch.garbage import GarbageActor
from engine.process.garbage import SettledCollector
from tests.support.builders import ready
from tests.support.lives import begin
from trading.readiness.lease import Readiness


@attrs.define
class Noted:
    """A collector that notes what it is told."""

    told: list[str] = attrs.field(factory=list)

    def begin(self) -> None:
        self.told.append("begin")

    def settle(self) -> float:
        self.told.append("new")
        return 0.0

    def collect_all(self) -> float:
        self.told.append("all")
        return 0.0

    def end(self) -> None:
        self.told.append("end")


async def test_all_is_collected_once_whenever_quoting_has_stopped(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    lease, noted = Latest[Readiness](), Noted()
    life = await begin(nursery, GarbageActor(collector=noted, leases=[lease]))
    await trio.sleep(35)
    assert noted.told == ["begin"]

    lease.put(ready(valid_until=60))
    await trio.sleep(20)
    assert noted.told == ["begin", "new", "new"]
    await trio.sleep(40)
    await life.end()
    assert noted.told == ["begin", "new", "new", "all", "end"]


class Knot:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def collector() -> Iterator[SettledCollector]:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    collector = SettledCollector()
    collector.begin()
    yield collector
    collector.end()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() <= frozen


def test_what_is_new_and_in_a_knot_goes_at_once(collector: SettledCollector) -> None:
    knot = weakref.ref(Knot())
    collector.settle()
    assert knot() is None


def test_what_has_lived_for_long_goes_when_nothing_refers_to_it_or_all_is_collected(
    collector: SettledCollector,
) -> None:
    knot, plain = Knot(), [{"a": 1}]
    seen = weakref.ref(knot)
    collector.settle()
    frozen = gc.get_freeze_count()
    del plain
    assert gc.get_freeze_count() < frozen
    del knot
    collector.settle()
    assert seen() is not None
    collector.collect_all()
    assert seen() is None
