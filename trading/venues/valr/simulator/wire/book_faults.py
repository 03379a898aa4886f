"""Faults of the frames that subscribers of the trade socket are sent."""

import attrs
import msgspec

from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.core.listing import Listing, PublicTrade
from trading.venues.valr.simulator.wire.frames import Json
from trading.venues.valr.simulator.wire.shapes import Shapes, number_texts

_IMPOSSIBLE = ("0", "-1", "NaN", "1e400", "Infinity")
_CROSSED_TICKS_MAX = 3
_FAR_FACTOR = 5
_BOOK_KINDS = ('{"type":"OB_L1_', '{"type":"FULL_ORDERBOOK_')
_BOOK_TYPE = "AGGREGATED_ORDERBOOK_UPDATE"


class BookFaults:
    """Decides about each frame, and spoils it."""

    def __init__(self, faults: Faults, shapes: Shapes) -> None:
        self._faults = faults
        self._shapes = shapes

    def swallow_snapshot(self) -> bool:
        return self._faults.strikes(Fault.MISSING_SNAPSHOT)

    def snapshot_delay_s(self) -> float | None:
        """How late a new subscriber gets its snapshot; ``None`` when it comes first."""
        return self._faults.delay_s() if self._faults.strikes(Fault.LATE_SNAPSHOT) else None

    def falsify_checksum(self) -> bool:
        return self._faults.strikes(Fault.WRONG_CHECKSUM)

    def crossing(self, listing: Listing) -> int | None:
        """By how many ticks a bid is to cross the best ask; ``None`` for no such bid."""
        if listing.market.asks.best() is None or not self._faults.strikes(Fault.CROSSED_BOOK):
            return None
        return self._faults.random.randint(0, _CROSSED_TICKS_MAX)

    def changes(self, text: str) -> list[str]:
        """The copies of a book's change that one subscriber gets."""
        if self._faults.strikes(Fault.SEQUENCE_GAP):
            return []
        return [text, text] if self._faults.strikes(Fault.BOOK_TWICE) else [text]

    def trades(self, trade: PublicTrade) -> list[PublicTrade]:
        """A trade as it is sent, perhaps after a phantom one."""
        if not self._faults.strikes(Fault.FAR_TRADE):
            return [trade]
        up = self._faults.random.random() < 0.5  # noqa: PLR2004 - a coin
        price = trade.price * _FAR_FACTOR if up else max(1, trade.price // _FAR_FACTOR)
        last = int(trade.trade_id[-4:], 16) ^ 1
        trade_id = f"{trade.trade_id[:-4]}{last:04x}"
        return [attrs.evolve(trade, price=price, trade_id=trade_id), trade]

    def spoilt(self, frame: Json | str) -> Json | str:
        """A frame as it is sent."""
        return self._shapes.frame(self._impossible(frame))

    def _impossible(self, frame: Json | str) -> Json | str:
        faults = self._faults
        if not (faults.may_strike((Fault.IMPOSSIBLE_NUMBER,)) and _is_book(frame)):
            return frame
        copy = msgspec.json.decode(frame if isinstance(frame, str) else msgspec.json.encode(frame))
        places = list(number_texts(copy))
        if places and faults.strikes(Fault.IMPOSSIBLE_NUMBER):
            holder, key = faults.random.choice(places)
            holder[key] = faults.random.choice(_IMPOSSIBLE)
        return msgspec.json.encode(copy).decode()


def _is_book(frame: Json | str) -> bool:
    return frame.startswith(_BOOK_KINDS) if isinstance(frame, str) else frame["type"] == _BOOK_TYPE
