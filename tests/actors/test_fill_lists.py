"""Fills where a venue lists them pair by pair, each list with a cursor of its own."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from msgspec.structs import replace
from trio.testing import MockClock

from actors.orders.playing import ScriptPlayer
from tests.support.builders import DOGE, a_quote
from tests.support.simulated_venue import SimulatedVenue, wall_clock
from trading.core.errors import Outage
from trading.core.identifiers import Pair
from trading.core.listed import Listed
from trading.gateway.fill_reading import FillReading, FillReadings, FillsRead
from trading.orders.order import Fill
from trading.venues.interface import Call, FillList
from trading.venues.valr.rest.orders import fills_of

BTC = Pair("BTCUSDT")


def going_on_from_the_last_trade(pair: Pair) -> FillList:
    """One row a page, and the next page by the id of the last trade: VALR's list of a pair."""

    def page(_read: int, last: Fill | None) -> Call[Listed[Fill]]:
        return fills_of(pair, limit=1, before_id=None if last is None else last.trade_id)

    return page


class Reader:
    """Reads some lists of fills at a venue."""

    def __init__(self, site: SimulatedVenue, lists: Sequence[FillList]) -> None:
        self._player = ScriptPlayer(site.rest, wall_clock)
        turn = self._player.turn
        self._readings = FillReadings(
            lists=[FillReading(turn=turn, fill_list=one, since_ms=None) for one in lists]
        )

    async def look(self) -> FillsRead:
        return await self._player.play(self._readings.look())

    @property
    def under_way(self) -> bool:
        return self._readings.under_way


async def trade(site: SimulatedVenue, *quantities: int) -> None:
    near = a_quote(price="0.1", quantity=str(sum(quantities)))
    await site.order(near)
    for quantity in quantities:
        await site.trade_against(replace(near, quantity=Decimal(quantity)))


async def test_each_list_is_read_to_its_end_by_its_own_cursor(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    await trade(site, 10, 20, 30)
    found = Reader(site, [going_on_from_the_last_trade(pair) for pair in (DOGE, BTC)])
    read = await found.look()
    assert [fill.quantity for fill in read.fills] == [30, 20, 10]
    assert not read.unread
    assert not found.under_way


async def test_what_one_list_has_told_is_not_lost_when_another_cannot_be_had(
    autojump_clock: MockClock, site: SimulatedVenue
) -> None:
    await trade(site, 10, 20)
    away = True

    def sometimes_away(read: int, last: Fill | None) -> Call[Listed[Fill]]:
        if away:
            raise Outage("no connection")
        return going_on_from_the_last_trade(BTC)(read, last)

    found = Reader(site, [going_on_from_the_last_trade(DOGE), sometimes_away])
    with pytest.raises(Outage):
        await found.look()
    away = False
    read = await found.look()
    assert {fill.quantity for fill in read.fills} == {10, 20}
