"""What is known of a dataset as a whole: written beside its records, and asked before them."""

import enum
import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.core.decimals import ZERO, parse_decimal
from trading.core.identifiers import Pair
from trading.datasets.record import Kind

FORM = 1
"""The form of dataset that is written; another one is not read."""

GAPS_LISTED_MAX = 1000
"""So many gaps are listed; all are counted, and stand among the records."""


class QueueKind(enum.Enum):
    """How a dataset can tell what is ahead of an order of ours."""

    ORDERS = "by order"
    """Every resting order is known: what is ahead is known exactly."""
    LEVELS = "by level"
    """Totals and trades are known: what is ahead follows from a model."""
    NONE = "none"
    """Books or trades are missing: fills cannot be told from it."""


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """
    A file that a dataset was made of.

    Args:
        name: Without its folder.
        size: In bytes, as it lay there.
        sha256: Likewise, in hexadecimal.
    """

    name: str
    size: int
    sha256: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """
    One file of records.

    Args:
        sha256: Of the packed file, in hexadecimal.
        first_ns: When its first record was seen.
        last_ns: When its last record was seen.
        clear_ns: When its first ``CLEAR`` was seen, from which a book can be kept; ``None``
            without one.
    """

    name: str
    sha256: str
    records: int
    first_ns: int
    last_ns: int
    clear_ns: int | None = None


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """
    How the times of the source were corrected.

    Args:
        difference_min_ns: The smallest receive time minus exchange time in the source; negative
            where the receiver's clock is behind. ``None`` where one of both is not told.
        shift_ns: What was added to every receive time.
        told: Records whose exchange time the source tells; of the others it follows from the
            receive time.
        moved: Records of the book whose exchange time was raised to that of the record before:
            a book's changes happened in the order in which they were told.
        latency_max_ns: The longest time from the exchange to the receiver, after the correction.
    """

    difference_min_ns: int | None = None
    shift_ns: int = 0
    told: int = 0
    moved: int = 0
    latency_max_ns: int = 0


class DatasetMeta(msgspec.Struct, frozen=True, kw_only=True):
    """
    All that is known of a dataset but its records.

    Args:
        importer: The name of the format it came in.
        tick: Price of one tick, in quote currency, as text.
        lot: Quantity of one lot, in base currency, as text.
        sources: In the order in which they were read.
        guessed: What the files did not say, in sentences.
        counts: Records of each kind, by its name; kinds that there are none of are left out.
        skipped: What of the sources is in no record, counted by its reason.
        gaps: When each gap was seen, the first ``GAPS_LISTED_MAX`` of them.
        contents: The sha256 of all records, unpacked, in hexadecimal.
    """

    pair: Pair
    tick: str
    lot: str
    importer: str
    sources: tuple[SourceFile, ...] = ()
    guessed: tuple[str, ...] = ()
    clock: Clock = Clock()
    counts: Mapping[str, int] = {}
    skipped: Mapping[str, int] = {}
    gaps: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()
    contents: str = ""
    form: int = FORM

    @property
    def tick_size(self) -> Decimal:
        return parse_decimal(self.tick)

    @property
    def lot_size(self) -> Decimal:
        return parse_decimal(self.lot)

    @property
    def records(self) -> int:
        return sum(part.records for part in self.parts)

    @property
    def first_ns(self) -> int | None:
        """When its first record was seen; ``None`` of an empty one."""
        return self.parts[0].first_ns if self.parts else None

    @property
    def last_ns(self) -> int | None:
        return self.parts[-1].last_ns if self.parts else None

    @property
    def queue(self) -> QueueKind:
        """How it can tell what is ahead of an order of ours."""
        if self._has(Kind.ADD):
            return QueueKind.ORDERS
        levels = self._has(Kind.LEVEL) or self._has(Kind.SNAPSHOT_LEVEL)
        return QueueKind.LEVELS if levels and self._has(Kind.TRADE) else QueueKind.NONE

    @property
    def digest(self) -> str:
        """A name for what it says, the same however it is packed and divided into parts."""
        told = f"{self.form} {self.pair} {self.tick} {self.lot} {self.contents}"
        return hashlib.sha256(told.encode()).hexdigest()

    def _has(self, kind: Kind) -> bool:
        return self.counts.get(kind.name, 0) > 0


_PART_NAME = re.compile(r"part-[0-9]{4,9}\.zst", re.ASCII)
_END_OF_TIME_NS = 2**63
"""Times are kept in 64 bits."""
_decoder = msgspec.json.Decoder(DatasetMeta)


class WrongMeta(ValueError):
    """What stands beside a dataset's records is not what is written there."""


def encode_meta(meta: DatasetMeta) -> bytes:
    """JSON for people too; ends with a line break."""
    return msgspec.json.format(msgspec.json.encode(meta, order="deterministic"), indent=2) + b"\n"


def decode_meta(text: bytes) -> DatasetMeta:
    """
    Read what ``encode_meta`` wrote.

    Raises:
        WrongMeta: It is something else, or of another form.
    """
    try:
        meta = _decoder.decode(text)
        sizes = meta.tick_size, meta.lot_size
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise WrongMeta(str(error)) from error
    if meta.form != FORM:
        raise WrongMeta(f"it has form {meta.form}, and form {FORM} is read here: import again")
    if min(sizes) <= ZERO:
        raise WrongMeta(f"tick {meta.tick} and lot {meta.lot} have to be more than zero")
    times = [*meta.gaps]
    for part in meta.parts:
        times += [part.first_ns, part.last_ns, part.clear_ns or 0]
    if never := [ns for ns in times if not 0 <= ns < _END_OF_TIME_NS]:
        raise WrongMeta(f"{never[0]} is no time, in nanoseconds since 1970")
    if odd := [part.name for part in meta.parts if not _PART_NAME.fullmatch(part.name)]:
        raise WrongMeta(f"{odd[0][:60]!r} is no name of a part")
    return meta
