"""What the gateway's core sees around it at the moment of an event: the newest values of others."""

from collections.abc import Mapping

import attrs
import msgspec

from trading.account.account import AccountView
from trading.core.identifiers import Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import TopOfBook, Trade
from trading.readiness.lease import Readiness
from trading.risk import RiskLimits


class PairSeen(msgspec.Struct, frozen=True, kw_only=True):
    """
    One pair.

    Args:
        instrument: The rules that hold now; ``None`` while they are not known.
        rules: The last that were known: base and quote stay the same when a pair is suspended.
        doubt: What the venue has said that speaks against the rules; empty for nothing.
        book_at: Monotonic seconds at which its book was last confirmed.
    """

    instrument: Instrument | None = None
    rules: Instrument | None = None
    doubt: str = ""
    book_at: float = float("-inf")


class StrategySeen(msgspec.Struct, frozen=True, kw_only=True):
    """
    One strategy.

    Args:
        limits: What no order of it may break.
        readiness: Its lease to quote; ``None`` before there was any.
        top: The best of its pair's book; ``None`` while there is none to trust.
        last_trade: Anyone's last trade of the pair.
    """

    pair: Pair
    limits: RiskLimits
    readiness: Readiness | None = None
    top: TopOfBook | None = None
    last_trade: Trade | None = None


@attrs.frozen(kw_only=True)
class Seen:
    """
    Everything around the gateway, of one moment.

    Args:
        pairs: Every traded pair: two may share a currency.
        account: Balances; ``None`` while they are not known.
        stopping: Why the run is ending; empty while it is not.
        halt: Why nothing may be quoted until a person resumes; empty while quoting is allowed.
        flat: Whether the proof that nothing is left at the venue stands.
        wall_ns: Our wall clock, in nanoseconds since the epoch.
        venue_ns: The venue's, as far as we know how far it is from ours.
    """

    strategies: Mapping[StrategyName, StrategySeen]
    pairs: Mapping[Pair, PairSeen]
    account: AccountView | None = None
    stopping: str = ""
    halt: str = ""
    flat: bool = False
    wall_ns: int = 0
    venue_ns: int = 0

    @property
    def withdrawn(self) -> str:
        """Why nothing may be quoted at all; empty while quoting is allowed."""
        return self.stopping or self.halt

    @property
    def venue_ms(self) -> int:
        """The venue's wall clock, milliseconds since the epoch."""
        return self.venue_ns // 1_000_000

    def of(self, strategy: StrategyName) -> PairSeen:
        """A strategy's pair."""
        return self.pairs[self.strategies[strategy].pair]

    def doubtful(self, pair: Pair) -> str:
        """Why a pair's rules may have changed; empty when nothing speaks against them."""
        doubt = self.pairs[pair].doubt
        return f"the pair's rules are to be read anew, for the venue says: {doubt}" if doubt else ""

    def doubting(self, pair: Pair, reason: str) -> "Seen":
        """With a doubt about a pair's rules; the same for a pair that is not traded."""
        if pair not in self.pairs:
            return self
        doubted = msgspec.structs.replace(self.pairs[pair], doubt=reason)
        return attrs.evolve(self, pairs={**self.pairs, pair: doubted})

    def not_permitted(self, strategy: StrategyName, now: float) -> str:
        """Why a strategy may not have orders at the venue; empty when it may."""
        if self.withdrawn:
            return self.withdrawn
        readiness = self.strategies[strategy].readiness
        if readiness is None or not readiness.ready:
            missing = "readiness is not known" if readiness is None else readiness.reasons
            return f"not ready: {missing}"
        return "" if readiness.holds_at(now) else "not ready: the lease has lapsed"
