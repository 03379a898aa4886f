"""VALR's public REST bodies, field by field."""

import msgspec


class ServerTime(msgspec.Struct, rename="camel"):
    epoch_time: int
    time: str
    """With nanoseconds; ``epochTime`` has whole seconds only."""


class Status(msgspec.Struct):
    status: str


class CurrencyRow(msgspec.Struct, rename="camel"):
    short_name: str
    """The currency's code; the rand's ``symbol`` is ``R``, its code ``ZAR``."""
    is_active: bool
    long_name: str = ""
    decimal_places: str | int | None = None


class OrderTypesRow(msgspec.Struct, rename="camel"):
    currency_pair: str
    order_types: list[str]


class BookEntry(msgspec.Struct, rename="camel"):
    price: str
    quantity: str
    order_count: int = 0
    id: str | None = None
    position_at_price: int | None = None


class Book(msgspec.Struct, rename="pascal"):
    asks: list[BookEntry]
    bids: list[BookEntry]
    last_change: str
    sequence_number: int


class Bucket(msgspec.Struct, rename="camel"):
    currency_pair_symbol: str
    bucket_period_in_seconds: int
    start_time: str
    open: str
    high: str
    low: str
    close: str
    volume: str = "0"
    quote_volume: str | None = None


class ApiKey(msgspec.Struct, rename="camel"):
    permissions: list[str]
    label: str = ""
    is_sub_account: bool = False
    allowed_ip_address_cidr: str | None = None
