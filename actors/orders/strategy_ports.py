"""One strategy at the gateway: its wires, its limits, and the checks of its orders."""

import math
from collections.abc import Mapping
from decimal import Decimal

import attrs
import structlog

from actors.ports.facts import FactBoard
from actors.ports.ports import Latest, WallClock
from trading.account.account import AccountView
from trading.core.identifiers import Currency, Pair, StrategyName
from trading.core.instrument import Instrument
from trading.core.market import TopOfBook, Trade
from trading.messages.gateway import WorkingOrders
from trading.readiness.lease import Component, Readiness
from trading.risk import (
    RiskLimits,
)
from trading.strategies.config import StrategyConfig

log = structlog.get_logger()


@attrs.frozen(kw_only=True)
class GatewayPorts:
    """
    The wires and values that the gateway keeps for one strategy.

    Args:
        config: Holds the limits that no order of it may break.
        readiness: Its lease to quote; without it orders are withdrawn and none is taken.
        instrument: The rules its orders must obey.
        top: The pair's book.
        last_trade: Anyone's last trade of the pair.
        working: Its orders as the gateway knows them.
    """

    strategy: StrategyName
    pair: Pair
    config: Latest[StrategyConfig]
    readiness: Latest[Readiness]
    instrument: Latest[Instrument]
    top: Latest[TopOfBook]
    last_trade: Latest[Trade]
    working: Latest[WorkingOrders]

    @property
    def limits(self) -> RiskLimits:
        """What no order of it may break, as of now."""
        config = self.config.read()
        assert config is not None, "the system gives it before anything starts"
        return config.limits


@attrs.frozen(kw_only=True)
class SharedState:
    """
    What the ports of all strategies share.

    Args:
        instruments: The rules of every traded pair: two pairs may share a currency.
        venue_clock: The venue's wall clock, as far as we know how far it is from ours.
        held: What all working orders hold together, by currency.
        rules_doubted: Why each pair's rules may have changed; nothing is placed there
            until they are read anew.
    """

    account: Latest[AccountView]
    facts: FactBoard
    instruments: Mapping[Pair, Latest[Instrument]]
    wall_clock: WallClock
    venue_clock: WallClock
    held: Latest[Mapping[Currency, Decimal]] = attrs.field(factory=Latest)
    rules_doubted: Mapping[Pair, Latest[str]] = attrs.field(factory=dict)

    def doubt_rules(self, pair: Pair, reason: str) -> None:
        """Have a pair's rules read anew; nothing is placed there until then."""
        if (slot := self.rules_doubted.get(pair)) is not None:
            log.warning("rules_doubted", pair=pair, reason=reason)
            slot.put(reason)

    def reconciled(self, disagreement: str) -> None:
        """
        Affirm that the venue's lists agree with ours, until the contrary is known.

        Comparing needs no readiness: otherwise each would wait for the other.

        Args:
            disagreement: Why they do not, or are not known to; empty when they agree.
        """
        if disagreement:
            self.facts.revoke(Component.RECONCILED, disagreement)
        else:
            evidence = "the venue's lists agree with ours"
            self.facts.affirm(Component.RECONCILED, evidence, valid_for_s=math.inf)
