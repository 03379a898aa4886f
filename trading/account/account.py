"""Balances and fees of the account, as the venue last said."""

from collections.abc import Iterable, Mapping

import msgspec

from trading.core.fees import Fees
from trading.core.identifiers import Currency, Pair
from trading.core.market import Balance


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """
    Balances and fees.

    Args:
        balances: By currency; a currency that is not there is not held.
        fees: By pair.
        confirmed_at: Monotonic seconds of the last whole list of balances.
    """

    balances: Mapping[Currency, Balance]
    fees: Mapping[Pair, Fees]
    confirmed_at: float


def newer_balances(
    known: Mapping[Currency, Balance], heard: Iterable[Balance]
) -> dict[Currency, Balance]:
    """The known balances, updated with those heard since; an older one changes nothing."""
    merged = dict(known)
    for balance in heard:
        before = merged.get(balance.currency)
        if before is None or balance.updated_at_ms >= before.updated_at_ms:
            merged[balance.currency] = balance
    return merged
