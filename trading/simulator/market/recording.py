"""
Reads recordings of Binance's public stream: raw lines to snapshots, book changes and trades.

A line is the local receive time in nanoseconds, a space, and the exchange's JSON. The exchange's
own time is ``T`` of a trade, when it was matched, and ``E`` of a book change, which sums up what
happened until then.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from decimal import Decimal

import attrs
import msgspec

from trading.core.decimals import ZERO, parse_decimal
from trading.core.errors import Fatal, FatalReason
from trading.core.market import Side
from trading.simulator.core.flows import RecordedFlow

_TEXTS_KEPT_MAX = 200_000
"""Price and quantity texts repeat; this many are remembered before the memory begins again."""
_LINE_EXCERPT_LENGTH_MAX = 120
_NS_DIGITS_MAX = 19
_NS_PER_MS = 1_000_000
_AMOUNT_LIMIT = Decimal(1_000_000_000_000)
_EARLY_CHANGES_MAX = 1000
"""Book changes kept from before the snapshot: at ten a second far more than its round trip."""


class MalformedRecording(Fatal):
    """A recording breaks its format: reading on would simulate a wrong market."""

    def __init__(self, message: str) -> None:
        super().__init__(f"bad recording: {message}", FatalReason.CONFIGURATION)


@attrs.frozen(kw_only=True)
class RecordedSnapshot:
    """The whole book; levels are (ticks, lots)."""

    at_ns: int
    last_update: int
    bids: tuple[tuple[int, int], ...]
    asks: tuple[tuple[int, int], ...]


@attrs.frozen(kw_only=True)
class RecordedDepth:
    """
    Levels whose total changed, as (ticks, lots); zero lots removes one.

    Args:
        exch_ns: When the exchange says it was, nanoseconds since the epoch; 0 where it does not.
    """

    at_ns: int
    exch_ns: int = 0
    first_update: int
    last_update: int
    bids: tuple[tuple[int, int], ...]
    asks: tuple[tuple[int, int], ...]


@attrs.frozen(kw_only=True)
class RecordedTrade:
    """
    A trade; price in ticks, quantity in lots.

    Args:
        exch_ns: When the exchange says it was, nanoseconds since the epoch; 0 where it does not.
    """

    at_ns: int
    exch_ns: int = 0
    price: int
    quantity: int
    taker_side: Side


Recorded = RecordedSnapshot | RecordedDepth | RecordedTrade

_Levels = list[tuple[str, str]]


class _Envelope(msgspec.Struct):
    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()
    lastUpdateId: int | None = None  # noqa: N815 - the wire's name
    bids: _Levels = []
    asks: _Levels = []


class _Depth(msgspec.Struct):
    U: int
    u: int
    b: _Levels
    a: _Levels
    E: int = 0


class _Trade(msgspec.Struct):
    p: str
    q: str
    m: bool
    T: int = 0


_envelopes = msgspec.json.Decoder(_Envelope)
_depths = msgspec.json.Decoder(_Depth)
_trades = msgspec.json.Decoder(_Trade)


class RecordingParser:
    """Turns lines into values in whole ticks and lots of the recording."""

    def __init__(self, flow: RecordedFlow) -> None:
        self._tick_size = flow.tick_size
        self._lot_size = flow.lot_size
        self._prices: dict[str, int] = {}
        self._quantities: dict[str, int] = {}

    def parse(self, line: bytes) -> Recorded | None:
        """
        One line's meaning; ``None`` for streams that add nothing.

        Raises:
            MalformedRecording: It is not a line of a recording.
        """
        stamp, _, text = line.strip().partition(b" ")
        if not (stamp.isdigit() and len(stamp) <= _NS_DIGITS_MAX):
            raise MalformedRecording(f"no receive time in {_excerpt(line)}")
        try:
            return self._parse(int(stamp), text)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise MalformedRecording(f"{error} in {_excerpt(line)}") from error

    def _parse(self, at_ns: int, text: bytes) -> Recorded | None:
        envelope = _envelopes.decode(text)
        kind = envelope.stream.partition("@")[2]
        if kind.startswith("depth"):
            depth = _depths.decode(envelope.data)
            return RecordedDepth(
                at_ns=at_ns,
                exch_ns=depth.E * _NS_PER_MS,
                first_update=depth.U,
                last_update=depth.u,
                bids=self._levels(depth.b),
                asks=self._levels(depth.a),
            )
        if kind == "trade":
            trade = _trades.decode(envelope.data)
            return RecordedTrade(
                at_ns=at_ns,
                exch_ns=trade.T * _NS_PER_MS,
                price=self._price(trade.p),
                quantity=self._quantity(trade.q),
                taker_side=Side.SELL if trade.m else Side.BUY,
            )
        if envelope.lastUpdateId is not None:
            return RecordedSnapshot(
                at_ns=at_ns,
                last_update=envelope.lastUpdateId,
                bids=self._levels(envelope.bids),
                asks=self._levels(envelope.asks),
            )
        if envelope.stream:
            return None
        raise ValueError("no message of Binance's raw streams, which alone are replayed,")

    def _levels(self, levels: _Levels) -> tuple[tuple[int, int], ...]:
        return tuple((self._price(price), self._quantity(quantity)) for price, quantity in levels)

    def _price(self, text: str) -> int:
        ticks = self._prices.get(text)
        if ticks is None:
            value = _amount(text)
            ticks = int(value // self._tick_size)
            if ticks == 0 or ticks * self._tick_size != value:
                raise ValueError(f"{text} is not a price on a tick of {self._tick_size}")
            _remember(self._prices, text, ticks)
        return ticks

    def _quantity(self, text: str) -> int:
        """Rounded down to lots, which a few old orders are finer than; but no level vanishes."""
        lots = self._quantities.get(text)
        if lots is None:
            value = _amount(text)
            lots = max(int(value // self._lot_size), 1 if value > ZERO else 0)
            _remember(self._quantities, text, lots)
        return lots


def _amount(text: str) -> Decimal:
    value = parse_decimal(text)
    if not ZERO <= value < _AMOUNT_LIMIT:
        raise ValueError(f"{text} is out of bounds")
    return value


def _remember(memory: dict[str, int], text: str, steps: int) -> None:
    if len(memory) >= _TEXTS_KEPT_MAX:
        memory.clear()
    memory[text] = steps


class _Continuity:
    """Checks that book changes follow on each other without a gap."""

    def __init__(self) -> None:
        self._last_update: int | None = None
        self._overlap_allowed = False

    @property
    def begun(self) -> bool:
        return self._last_update is not None

    def begin(self, snapshot: RecordedSnapshot) -> None:
        self._last_update = snapshot.last_update
        # Only the first change after a snapshot may begin within it.
        self._overlap_allowed = True

    def admits(self, depth: RecordedDepth) -> bool:
        """Whether a change is news; ``False`` when the snapshot holds it already."""
        assert self._last_update is not None
        if depth.last_update <= self._last_update:
            return False
        expected = self._last_update + 1
        if depth.first_update > expected or (
            depth.first_update < expected and not self._overlap_allowed
        ):
            raise MalformedRecording(
                f"book change {depth.first_update} follows {self._last_update}"
            )
        self._last_update, self._overlap_allowed = depth.last_update, False
        return True


def read_recording(lines: Iterable[bytes], flow: RecordedFlow) -> Iterator[Recorded]:
    """
    The recording's values from the first snapshot on, which comes first.

    A snapshot is received after changes that it does not hold yet, so the last changes before it
    are kept, and follow it where they are news.

    Raises:
        MalformedRecording: A line cannot be read, or a book change is missing.
    """
    parser = RecordingParser(flow)
    continuity = _Continuity()
    early: deque[RecordedDepth] = deque(maxlen=_EARLY_CHANGES_MAX)
    for line in lines:
        recorded = parser.parse(line)
        match recorded:
            case RecordedSnapshot():
                continuity.begin(recorded)
                yield recorded
                changes = (attrs.evolve(change, at_ns=recorded.at_ns) for change in early)
                yield from (change for change in changes if continuity.admits(change))
                early.clear()
            case RecordedDepth() if not continuity.begun:
                early.append(recorded)
            case RecordedDepth():
                if continuity.admits(recorded):
                    yield recorded
            case RecordedTrade() if continuity.begun:
                yield recorded
            case _:
                pass


def _excerpt(line: bytes) -> str:
    return repr(line[:_LINE_EXCERPT_LENGTH_MAX])
