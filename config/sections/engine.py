"""The section ``[engine]``."""

from decimal import Decimal
from typing import Annotated

import attrs

from config.rules.rules import Choice, Name, Seconds, Span, Text, Whole
from trading.orders.leftovers import LeftoverPolicy


@attrs.frozen(kw_only=True)
class EngineSettings:
    """
    The engine itself.

    Args:
        name: Part of every client order id: by it the engine knows its own orders again.
        state_directory: What is kept from run to run lies here, in a folder with the engine's name.
            Once loaded it is a whole path, like all others: a relative one begins at the
            configuration's folder, whichever folder one stands in.
        seed: Of everything that is random.
        stop_deadline_s: How long a stop may take to prove that no order is left.
        give_up_after_s: How long to try a venue that was never reached.
        initialisation_deadline_s: A component of readiness that is missing for longer is asked for
            anew.
        metrics_port: Where Prometheus may look, on this machine's loopback address; ``None`` for
            nowhere.
        leftover_orders: What becomes of orders that an earlier run has left at the venue.
        minimum_order_refresh_time: No strategy may refresh faster than this many seconds.
    """

    name: Annotated[str, Name()]
    state_directory: Annotated[str, Text()] = "state"
    seed: Annotated[int, Whole(at_least=0, at_most=2**53 - 1)] = 1
    stop_deadline_s: Annotated[float, Seconds(at_least=Decimal(1), at_most=Decimal(60))] = 8.0
    give_up_after_s: Annotated[float, Seconds(at_least=Decimal(1))] = 60.0
    initialisation_deadline_s: Annotated[
        float, Seconds(at_least=Decimal(1), at_most=Decimal(3600))
    ] = 15.0
    metrics_port: Annotated[int, Whole(at_least=1, at_most=65_535)] | None = None
    leftover_orders: Annotated[LeftoverPolicy, Choice(LeftoverPolicy)] = LeftoverPolicy.CANCEL
    minimum_order_refresh_time: Span = 1.0
