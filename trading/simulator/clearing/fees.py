"""Fees and maker rewards: what one side of a trade costs beyond the trade itself."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs

from trading.core.decimals import ZERO
from trading.core.fees import Fees
from trading.core.identifiers import Currency
from trading.core.market import Side
from trading.simulator.core.pair import SimulatedPair


@attrs.frozen(kw_only=True)
class Charge:
    """
    The fee or the reward of one side of a trade.

    Args:
        fee: Taken from what is received.
        reward: Paid on top, to makers where the maker fee is negative.
    """

    fee: Decimal
    fee_currency: Currency
    reward: Decimal = ZERO
    reward_currency: Currency | None = None


@attrs.frozen
class FeeSchedule:
    """
    The present fees and their rounding, which favours the exchange.

    Args:
        step: To which fees and rewards are kept.
    """

    fees: Fees
    step: Decimal

    def charge(
        self, pair: SimulatedPair, *, side: Side, maker: bool, quantity: Decimal, value: Decimal
    ) -> Charge:
        """
        The fee or reward of one side of a trade.

        Args:
            quantity: In base currency.
            value: Price times quantity, in quote currency.
        """
        buying = side is Side.BUY
        received, received_currency = (quantity, pair.base) if buying else (value, pair.quote)
        fraction = self.fees.maker if maker else self.fees.taker
        if fraction >= ZERO:
            fee = (received * fraction).quantize(self.step, ROUND_CEILING)
            return Charge(fee=fee, fee_currency=received_currency)
        paid, paid_currency = (value, pair.quote) if buying else (quantity, pair.base)
        reward = (paid * -fraction).quantize(self.step, ROUND_FLOOR)
        return Charge(
            fee=ZERO, fee_currency=received_currency, reward=reward, reward_currency=paid_currency
        )
