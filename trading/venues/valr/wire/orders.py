"""VALR's REST answers about orders, field by field."""

import msgspec

from trading.venues.valr.wire.rest import ApiError


class Placed(msgspec.Struct, rename="camel"):
    """Of a placement or a modification: the order's, or the modification's, id."""

    id: str
    customer_order_id: str | None = None


class CancelledOrder(msgspec.Struct, rename="camel"):
    order_id: str


class Outcome(msgspec.Struct, rename="camel"):
    """One leg of a batch; a refused one has neither type nor id: its place tells which it is."""

    accepted: bool
    order_id: str | None = None
    customer_order_id: str | None = None
    error: ApiError | None = None


class BatchOutcomes(msgspec.Struct, rename="camel"):
    outcomes: list[Outcome]
    batch_id: int | str | None = None
    """An int64 above 2^53."""
