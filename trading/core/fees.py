"""A venue's fees for a trade."""

from decimal import Decimal

import attrs


@attrs.frozen(kw_only=True)
class Fees:
    """Fractions of the notional: 0.001 is 0.1 %; a negative maker fee is a rebate."""

    maker: Decimal
    taker: Decimal
