"""The section ``[recording]``."""

from decimal import Decimal
from typing import Annotated

import attrs

from config.rules.rules import Flag, Number
from trading.core.decimals import ZERO


@attrs.frozen(kw_only=True)
class RecordingSettings:
    """
    Whether an engine records its sessions.

    Args:
        enabled: Write down what comes from the venue, and every decision.
        max_gb: The recordings of all sessions, in GB (10^9 bytes): the oldest sessions are deleted
            beyond it, and the present one ends when it is that large alone.
    """

    enabled: Annotated[bool, Flag()] = False
    max_gb: Annotated[Decimal, Number(above=ZERO)] = Decimal(20)
