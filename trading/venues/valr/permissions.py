"""The permissions of a VALR key, in VALR's words."""

import enum


class Permission(enum.Enum):
    VIEW = "View access"
    TRADE = "Trade"
    WITHDRAW = "Withdraw"
    TRANSFER = "Internal Transfer"
    LINK_BANK_ACCOUNT = "Link bank account"


FOR_TRADING = frozenset({Permission.VIEW, Permission.TRADE})
"""A key for an engine needs these and no others."""
