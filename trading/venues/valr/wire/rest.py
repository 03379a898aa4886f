"""VALR's REST bodies that no socket sends, field by field; see ``wire`` for those they share."""

import msgspec

from trading.venues.valr.wire.frames import MarketSummaryData


class PairRules(msgspec.Struct, rename="camel"):
    symbol: str
    base_currency: str
    quote_currency: str
    active: bool
    min_base_amount: str
    max_base_amount: str
    min_quote_amount: str
    max_quote_amount: str
    tick_size: str
    base_decimal_places: str


class AccountBalance(msgspec.Struct, rename="camel"):
    currency: str
    available: str
    reserved: str
    total: str
    updated_at: str | None = None


class AccountName(msgspec.Struct):
    id: str
    """``"0"`` is the primary account."""
    label: str = ""


class AccountBalances(msgspec.Struct):
    """One account's part of the list of all accounts' balances; zero ones are left out."""

    account: AccountName
    balances: list[msgspec.Raw]


class PairFees(msgspec.Struct, rename="camel"):
    """Percent, not fractions; a side is absent where the pair does not have it."""

    currency_pair: str
    maker_percentage: str | None = None
    taker_percentage: str | None = None


class ApiError(msgspec.Struct):
    """An error body; also found under a 2xx status."""

    code: int | None = None
    message: str | None = None

    @property
    def words(self) -> str:
        """The venue's reason, where it gives one."""
        return self.message or "no reason given"


class SummaryRow(MarketSummaryData, rename="camel", kw_only=True):
    """A row of the market summary; times can be tens of seconds old, prices can be zero."""

    currency_pair: str


class TransactionKind(msgspec.Struct, rename="camel"):
    type: str
    description: str


class Transaction(msgspec.Struct, rename="camel"):
    """A row of the account's ledger at VALR."""

    transaction_type: TransactionKind
    event_at: str
    id: str
    debit_currency: str | None = None
    debit_value: str | None = None
    credit_currency: str | None = None
    credit_value: str | None = None
    fee_currency: str | None = None
    fee_value: str | None = None


class BorrowInterest(msgspec.Struct, rename="camel"):
    """A row of the interest paid on borrowed currency."""

    currency: str
    interest_amount: str
    quantity: str
    created_at: str
