"""The section ``[alerts]``."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

import attrs

from config.credentials import Reference, References, SecretReference
from config.rules.hours import DailyHours, Hours, TimeOfDay
from config.rules.rules import Choices, Seconds, Span, Whole, percent
from config.source.problems import Refused
from trading.alerts.alert import AlertKind
from trading.alerts.rules import AlertTerms

_MINUTE_S = Decimal(60)


@attrs.frozen(kw_only=True)
class AlertSettings:
    """
    Messages that reach a person, and what is worth one.

    Args:
        to: Where each address of Apprise is kept, such as ``tgram://...`` or ``mailtos://...``: it
            holds a password or a token, so it is given by reference. None for no messages.
        heartbeat_url: Where the URL is kept that is fetched again and again while the engine runs:
            who watches from outside misses it when the machine is gone.
        heartbeat_s: Seconds between two of them.
        not_quoting_s: A strategy without an order at the venue for so long is told of.
        restarts_max: More restarts than this within ``restarts_window_s`` are told of.
        loss_share: A limit of loss of which so much is lost is told of.
        quiet_hours: Part of the day, UTC, in which only what is urgent goes out.
        daily_summary: Time of day, UTC, of the daily summary.
        leave_out: Kinds that nobody wants to be told of.
    """

    to: Annotated[tuple[SecretReference, ...], References()] = ()
    heartbeat_url: Annotated[SecretReference, Reference()] | None = None
    heartbeat_s: Annotated[float, Seconds(at_least=Decimal(10))] = 60.0
    not_quoting_s: Annotated[float, Seconds(at_least=Decimal(10))] = 300.0
    restarts_max: Annotated[int, Whole(at_least=0, at_most=100)] = 5
    restarts_window_s: Span = 600.0
    loss_share: Annotated[Decimal, percent(above=0, at_most=100)] = Decimal("0.8")
    quiet_hours: Annotated[Hours, DailyHours()] | None = None
    daily_summary: Annotated[int, TimeOfDay()] = 300
    leave_out: Annotated[tuple[AlertKind, ...], Choices(AlertKind)] = ()

    @property
    def terms(self) -> AlertTerms:
        """When something is worth a message."""
        return AlertTerms(
            not_quoting_s=self.not_quoting_s,
            restarts_max=self.restarts_max,
            restarts_window_s=self.restarts_window_s,
            loss_share=self.loss_share,
            summary_at=self.daily_summary,
            leave_out=frozenset(self.leave_out),
        )

    def contradictions(self) -> Iterator[Refused]:
        if len(set(self.to)) < len(self.to):
            yield Refused(
                "names the same place twice", "name each once: it would be told twice", key=("to",)
            )
