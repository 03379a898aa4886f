"""A session, which is a run in the ledger: its number, its venue, its beginning and its end."""

import attrs
import trio

from actors.ports.ledger_store import LedgerStore
from config.settings import Settings
from engine.environment.state_folder import ledger_path
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from trading.journal import reading
from trading.journal.tables import SESSION_ENDS, SESSIONS

_CLOSED_WITHIN_S = 5.0


@attrs.frozen(kw_only=True)
class LedgerSession:
    """
    One session.

    Args:
        number: Part of every client order id; greater than that of any run before.
        venue: Where its orders are: only orders and fills of that venue are remembered.
    """

    store: LedgerStore
    number: int
    venue: str

    async def end(self, world: World, *, exit_code: int, ended_by: str) -> None:
        """
        Write down how the run ended, and close the ledger.

        Raises:
            Fatal: It cannot be written.
        """
        try:
            end = SESSION_ENDS.insert(self.number, world.wall_clock(), exit_code, ended_by)
            await self.store.commit([end])
        finally:
            await self.store.aclose()


async def begin_session(settings: Settings, world: World, party: VenueConnection) -> LedgerSession:
    """
    Open the ledger and begin a session in it.

    Raises:
        Fatal: The ledger cannot be used.
    """
    store = await world.disk.open_ledger(ledger_path(settings.engine))
    try:
        started_at_ns = world.wall_clock()
        # A wall clock that was set back must not give out the numbers of a former run again.
        number = max(await store.read(reading.last_session) + 1, started_at_ns // 1_000_000)
        simulated = int(settings.venue.simulated)
        start = (number, settings.engine.name, party.identity, simulated, started_at_ns)
        await store.commit([SESSIONS.insert(*start)])
    except BaseException:
        # Broken off before there is a session that could be ended: the file is let go all the same.
        with trio.move_on_after(_CLOSED_WITHIN_S, shield=True):
            await store.aclose()
        raise
    return LedgerSession(store=store, number=number, venue=party.identity)
