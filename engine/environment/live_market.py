"""A real venue's market, told while it happens, for the simulated exchange to trade on."""

from collections.abc import Callable, Iterable, Mapping

import trio

from actors.ports.ports import Wakeup
from engine.environment.venue_connection import began_at
from engine.environment.world import World
from trading.core.errors import Fatal, FatalReason
from trading.core.identifiers import Pair
from trading.datasets.importers.frames import FrameReader, Frames, stamped
from trading.datasets.importers.notes import Asked, Notes
from trading.datasets.importers.scale import Scale
from trading.simulator.market.live_clocks import LiveClocks
from trading.simulator.market.two_clocks import Row
from trading.venues.valr.book_rules import RULES
from trading.venues.valr.codec.market import decode_market
from trading.venues.valr.recorded import changed_at_ms
from trading.venues.valr.simulator.exchange import SimulatedExchange

_FRAMES = Frames(decode_market, changed_at_ms, RULES)
_NS = 1_000_000_000


class LiveMarkets:
    """
    Turns frames into records, and gives them to the markets of an exchange at once.

    Args:
        steps: Tick and lot of each pair, as the exchange lists it.

    Attributes:
        clocks: Of each market.
        stirred: Rung when something was told.
    """

    def __init__(self, steps: Mapping[Pair, Scale]) -> None:
        self.clocks = {pair: LiveClocks() for pair in steps}
        self.stirred = Wakeup()
        self._readers = {
            pair: FrameReader(_FRAMES, Asked(pair, scale, Notes())) for pair, scale in steps.items()
        }
        self._now_ns: Callable[[], int] = _never

    def attach(self, exchange: SimulatedExchange, world: World) -> None:
        """Go by an exchange's clock from now on."""
        began = began_at(exchange, world)

        def now_ns() -> int:
            return exchange.epoch_ns + round((trio.current_time() - began) * _NS)

        self._now_ns = now_ns

    def write(self, line: str) -> None:
        """
        Take a frame's line.

        Raises:
            Fatal: A price or a quantity fits none of the steps that the pair is listed with.
        """
        seen_ns, frame = stamped(line.rstrip("\n").encode())
        for pair, reader in self._readers.items():
            try:
                self._push(pair, list(reader.take(seen_ns, frame)))
            except ValueError as error:
                raise Fatal(
                    f"the live market of {pair} is not as it is listed: {error}; list it in"
                    f" [simulator.pairs.{pair}] with the venue's own tick and lot",
                    FatalReason.CONFIGURATION,
                ) from error

    def lost(self) -> None:
        """Note that nothing is known of the market before its next whole book."""
        for pair, reader in self._readers.items():
            self._push(pair, list(reader.lose(self._now_ns())))

    def _push(self, pair: Pair, rows: Iterable[Row]) -> None:
        told = list(rows)
        if told:
            self.clocks[pair].push(told, self._now_ns())
            self.stirred.ring()


def _never() -> int:
    raise AssertionError("nothing is told before the exchange is there")
