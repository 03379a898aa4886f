"""Drops whole sides, or their nearest levels: the price band and ping-pong."""

from decimal import Decimal

from trading.core.market import Side
from trading.decisions.decision import Gate
from trading.strategies.pure_market_making.gates import gate
from trading.strategies.pure_market_making.proposal import Modifier, Proposal


def price_band(
    price: Decimal, *, floor: Decimal | None, ceiling: Decimal | None, kind: str = "price"
) -> Modifier:
    """
    Nothing is bought at or above the ceiling, nothing sold at or below the floor.

    Args:
        price: The reference price, whatever its type.
        floor: ``None`` for none.
        ceiling: ``None`` for none.
        kind: The first word of the gates' codes.
    """

    def change(proposal: Proposal) -> Proposal:
        if ceiling is not None and price >= ceiling:
            shut = gate(
                f"{kind}_ceiling",
                Side.BUY,
                "the price of {price} is at or above the ceiling of {ceiling}",
                price=price,
                ceiling=ceiling,
            )
            proposal = proposal.without(Side.BUY, [shut])
        if floor is not None and price <= floor:
            shut = gate(
                f"{kind}_floor",
                Side.SELL,
                "the price of {price} is at or below the floor of {floor}",
                price=price,
                floor=floor,
            )
            proposal = proposal.without(Side.SELL, [shut])
        return proposal

    return change


def ping_pong(*, buys: int, sells: int) -> Modifier:
    """As many of the nearest levels left out as were filled and not yet answered."""

    def change(proposal: Proposal) -> Proposal:
        return Proposal(
            buys=proposal.buys[buys:],
            sells=proposal.sells[sells:],
            gates=(
                *proposal.gates,
                *_left_out(proposal, Side.BUY, buys),
                *_left_out(proposal, Side.SELL, sells),
            ),
            dropped=proposal.dropped + proposal.buys[:buys] + proposal.sells[:sells],
        )

    return change


def _left_out(proposal: Proposal, side: Side, filled: int) -> tuple[Gate, ...]:
    count = min(filled, len(proposal.of(side)))
    if not count:
        return ()
    return (
        gate(
            "ping_pong",
            side,
            "the nearest {count} {side} levels wait: {filled} {side} orders were filled",
            count=count,
            side=side.value,
            filled=filled,
        ),
    )
