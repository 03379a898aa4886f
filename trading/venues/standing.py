"""A venue's status, and the permissions of our key there."""

import enum

import msgspec


class VenueStatus(enum.Enum):
    ONLINE = "online"
    READ_ONLY = "read-only"
    """Everything that would change something is refused."""


class KeyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """
    What our key may do.

    Args:
        permissions: In the venue's words, for people.
        views: It may look at the account.
        trades: It may place and cancel orders.
        withdraws: It may send money away.
        more: What else it may do that trading does not need, in the venue's words.
        addresses: The addresses it is bound to; ``None`` when it works from anywhere.
    """

    label: str
    permissions: frozenset[str]
    views: bool
    trades: bool
    withdraws: bool
    more: frozenset[str]
    subaccount: bool
    addresses: str | None
