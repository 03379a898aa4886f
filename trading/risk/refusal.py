"""Why an order may not leave: a code to count, a sentence to read, a setting to change."""

import enum
from typing import Self

import attrs

from trading.core.identifiers import StrategyName
from trading.decisions.remedy import Remedy

_OWN = "strategies.NAME."


class RefusalCode(enum.Enum):
    """
    Each way in which an order can be refused.

    A member is its word, what it means, and the setting that would change it (NAME stands for the
    strategy's) as ``key``; the table in docs/risk.md is made of them.
    """

    meaning: str
    key: str | None

    def __new__(cls, word: str, meaning: str, setting: str | None) -> Self:
        member = object.__new__(cls)
        member._value_ = word
        member.meaning = meaning
        member.key = setting
        return member

    # What is no order at all.
    MISDIRECTED = "misdirected", "it is another pair's or another strategy's order", None
    ABSURD_NUMBER = "absurd_number", "a number is not finite, not above zero, or absurdly big", None
    NOT_AMENDABLE = "not_amendable", "the order to change is not known to be working", None
    # What the venue does not take.
    PAIR_INACTIVE = "pair_inactive", "the venue takes no orders for the pair", f"{_OWN}pair"
    PRICE_NOT_POSITIVE = "price_not_positive", "the price is zero or below", None
    PRICE_OFF_TICK = "price_off_tick", "the price is between two ticks", None
    QUANTITY_OFF_LOT = "quantity_off_lot", "the quantity is between two lots", f"{_OWN}order_amount"
    QUANTITY_TOO_SMALL = (
        "quantity_too_small",
        "the quantity is below the venue's minimum",
        f"{_OWN}order_amount",
    )
    QUANTITY_TOO_LARGE = (
        "quantity_too_large",
        "the quantity is above the venue's maximum",
        f"{_OWN}order_amount",
    )
    NOTIONAL_TOO_SMALL = (
        "notional_too_small",
        "price times quantity is below the venue's minimum",
        f"{_OWN}order_amount",
    )
    NOTIONAL_TOO_LARGE = (
        "notional_too_large",
        "price times quantity is above the venue's maximum",
        f"{_OWN}order_amount",
    )
    WOULD_TAKE = "would_take", "it is post-only and would trade at once", None
    BALANCE_TOO_LOW = (
        "balance_too_low",
        "what is free on the account does not cover it",
        f"{_OWN}order_amount",
    )
    # What cannot be judged right now.
    BOOK_UNKNOWN = "book_unknown", "there is no book to trust", None
    BOOK_STALE = (
        "book_stale",
        "the book has not been confirmed for too long",
        f"{_OWN}limits.max_book_age_s",
    )
    BOOK_CROSSED = "book_crossed", "the best bid is not below the best ask", None
    CLOCK_UNSURE = (
        "clock_unsure",
        "the venue's clock is not known well enough",
        "venue.clock_uncertainty_max_s",
    )
    # What the strategy may not do.
    FAR_FROM_MID = (
        "far_from_mid",
        "the price is too far from the mid price",
        f"{_OWN}limits.price_collar",
    )
    FAR_FROM_LAST_TRADE = (
        "far_from_last_trade",
        "the price is too far from the last trade's",
        f"{_OWN}limits.last_trade_collar",
    )
    SELF_CROSS = "self_cross", "it would trade with an order of our own", None
    NOTIONAL_LIMIT = (
        "notional_limit",
        "price times quantity is above what one order may be worth",
        f"{_OWN}limits.max_order_notional",
    )
    TOO_MANY_ORDERS = (
        "too_many_orders",
        "the side has as many working orders as it may have",
        f"{_OWN}limits.max_orders_per_side",
    )
    BASE_HOLDING_LOW = (
        "base_holding_low",
        "if every ask filled, too little base currency would be left",
        f"{_OWN}limits.min_base_holding",
    )
    BASE_HOLDING_HIGH = (
        "base_holding_high",
        "if every bid filled, there would be too much base currency",
        f"{_OWN}limits.max_base_holding",
    )
    QUOTE_HOLDING_LOW = (
        "quote_holding_low",
        "if every bid filled, too little quote currency would be left",
        f"{_OWN}limits.min_quote_holding",
    )
    QUOTE_HOLDING_HIGH = (
        "quote_holding_high",
        "if every ask filled, there would be too much quote currency",
        f"{_OWN}limits.max_quote_holding",
    )
    TOO_MANY_INSTRUCTIONS = (
        "too_many_instructions",
        "too many placements within a minute; cancels do not count",
        f"{_OWN}limits.max_instructions_per_minute",
    )
    # What ends the strategy.
    FILLS_IN_ROW = (
        "fills_in_row",
        "too many orders were filled on one side, one after the other",
        f"{_OWN}limits.max_fills_in_row",
    )
    DAILY_LOSS = (
        "daily_loss",
        "the day's loss has reached its limit",
        f"{_OWN}limits.max_daily_loss",
    )
    DRAWDOWN = (
        "drawdown",
        "the fall from the best profit has reached its limit",
        f"{_OWN}limits.max_drawdown",
    )

    @property
    def halts(self) -> bool:
        """Whether it ends the strategy: everything is cancelled, and only a person resumes it."""
        return self in _HALTING

    def refusal(
        self, strategy: StrategyName, sentence: str, enough: str | None = None
    ) -> "Refusal":
        """
        A refusal of one strategy's order.

        Args:
            enough: What the setting would have to be, or the order's quantity where the setting is
                ``order_amount``.
        """
        setting = self.key and self.key.replace("NAME", strategy)
        return Refusal(self, sentence, setting, enough)


_HALTING = frozenset({RefusalCode.FILLS_IN_ROW, RefusalCode.DAILY_LOSS, RefusalCode.DRAWDOWN})


_BY_ITSELF = "it passes as soon as the market or the account allows it"
_WORDS = {
    RefusalCode.MISDIRECTED: "none: this is a defect",
    RefusalCode.ABSURD_NUMBER: "none: no venue takes such a number",
    RefusalCode.PAIR_INACTIVE: "the venue has to trade the pair again",
    RefusalCode.PRICE_NOT_POSITIVE: "none: the price has to be above zero",
    RefusalCode.PRICE_OFF_TICK: "none: this is a defect, quotes are put on tick",
    RefusalCode.WOULD_TAKE: "the other side of the book has to move away from the order's price",
    RefusalCode.SELF_CROSS: "our own order on the other side has to end or move away first",
    RefusalCode.BOOK_UNKNOWN: "the book has to be safe again: see readiness",
    RefusalCode.BOOK_CROSSED: "the book has to be safe again: see readiness",
    RefusalCode.CLOCK_UNSURE: "the venue's clock has to be known again: see readiness",
    RefusalCode.BALANCE_TOO_LOW: "more has to be free on the account",
}


@attrs.frozen
class Refusal:
    """
    One reason for which an order may not leave.

    Args:
        code: For counting, and for telling a moment's trouble from a halt.
        sentence: For a person, with the figures in it.
        setting: The dotted key that would change it; ``None`` where no setting would.
        enough: The nearest value of it at which this would not refuse, as a configuration writes
            it; of ``order_amount`` it is the order's own quantity. ``None`` where there is none.
    """

    code: RefusalCode
    sentence: str
    setting: str | None
    enough: str | None = attrs.field(default=None, eq=False)

    @property
    def opening(self) -> Remedy:
        """The smallest change that would let the order through, as far as this goes."""
        if self.enough is None or self.setting is None:
            return Remedy(words=_WORDS.get(self.code, _BY_ITSELF))
        if self.setting.endswith(".order_amount"):
            words = f"change {self.setting} so that the order's quantity is {self.enough}"
            return Remedy(words=words, what="quantity", value=self.enough)
        words = f"set {self.setting} to {self.enough}"
        if self.code.halts:
            words += ", then `engine resume CONFIG --confirm`"
        _, _, what = self.setting.removeprefix("strategies.").partition(".")
        return Remedy(words=words, what=what, value=self.enough)
