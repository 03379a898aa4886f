"""What the rules of alerts look at: one engine at one moment, and what its log has told since."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from trading.core.identifiers import StrategyName


class StrategyObserved(msgspec.Struct, frozen=True, kw_only=True):
    """
    One strategy.

    Args:
        quoting: Whether an order of it is at the venue.
        cause: What keeps it from quoting, in a word; empty while it quotes.
        profit: Realised and unrealised, of this session, in quote currency; ``None`` while unknown.
        fills: Of this session.
        quoted_s: Seconds in which it has quoted, the mean of both sides.
        max_daily_loss: In quote currency; ``None`` for no limit.
        max_drawdown: In quote currency; ``None`` for no limit.
    """

    pair: str
    quoting: bool
    cause: str = ""
    profit: Decimal | None = None
    fills: int = 0
    quoted_s: float = 0.0
    max_daily_loss: Decimal | None = None
    max_drawdown: Decimal | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """
    An event of the log.

    Args:
        about: The strategy, destination or the like that it names; empty for none.
        text: Its fields in words.
    """

    event: str
    about: str = ""
    text: str = ""


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """
    The engine at one moment.

    Args:
        now: Monotonic seconds.
        wall: Seconds since the epoch.
        halt: Why nothing may be quoted; empty while quoting is allowed.
        stopping: Whether the run is ending.
        ledger: What is wrong with the ledger; empty while it can be written.
        restarts: How often any actor has begun anew.
        restarted: The actor that did so last.
        given_up: Actors that are not started any more.
        heard: What the log has told since the last observation.
    """

    now: float
    wall: float
    halt: str = ""
    stopping: bool = False
    ledger: str = ""
    restarts: int = 0
    restarted: str = ""
    given_up: tuple[str, ...] = ()
    strategies: Mapping[StrategyName, StrategyObserved] = msgspec.field(default_factory=dict)
    heard: tuple[Heard, ...] = ()
