"""The policies for leftover orders: our own, which an earlier run has left at the venue."""

import enum


class LeftoverPolicy(enum.Enum):
    CANCEL = "cancel"
    """They are cancelled before anything is quoted."""
    ADOPT = "adopt"
    """The strategy that placed them goes on with them; those of no strategy are cancelled."""
    HALT = "halt"
    """They are cancelled, and nothing is quoted until a person has looked and resumed."""
