"""What a person has to know of an engine's end: sent once it has ended, in a bounded time."""

from collections.abc import Sequence

import structlog
import trio

from actors.ports.alert_book import AlertBook, Messenger
from actors.watch.alerts import told
from trading.alerts.alert import Alert, AlertKind
from trading.alerts.outbox import Outbox, body

log = structlog.get_logger()

WITHIN_S = 8.0
"""For an end that is not as it should be; a service manager waits longer than that."""

WAITING_S = 2.0
"""For messages that waited for a destination at an end in good order."""


def ended_badly(*, code: int, ended_by: str, flat: bool, left: str, at: float) -> Alert:
    """The alert of an end with another exit code than 0."""
    if flat:
        text = f"the engine has ended with exit code {code}: {ended_by}. No order of it is left."
        return Alert(kind=AlertKind.ENDED, text=text, at=at)
    text = (
        f"the engine has ended with exit code {code}: {ended_by}. ORDERS MAY STILL BE OPEN: {left}."
        " Look at the venue; `engine kill CONFIG` cancels what it finds."
    )
    return Alert(kind=AlertKind.NOT_FLAT, text=text, at=at)


def not_started(trouble: str, at: float) -> Alert:
    """The alert of an engine that cannot even start, or that had to stop before it traded."""
    text = f"the engine does not run: {trouble}"
    return Alert(kind=AlertKind.ENDED, text=text, at=at)


async def tell_last_words(
    engine: str, book: AlertBook, messengers: Sequence[Messenger], alert: Alert | None
) -> None:
    """
    Try once to send what still waits, and the last alert before all else.

    What does not arrive is in the log.

    Args:
        engine: The first word of every title.
        alert: Of an end that is not as it should be; ``None`` for a good one.
    """
    outboxes = book.outboxes or tuple(Outbox(name=one.name) for one in messengers)
    if alert is None and not any(outbox.waiting for outbox in outboxes):
        return
    if alert is not None:
        log.info("alert", **told(alert), text=alert.text, destinations=len(messengers))
    with trio.move_on_after(WAITING_S if alert is None else WITHIN_S):
        async with trio.open_nursery() as nursery:
            for number, messenger in enumerate(messengers, 1):
                outbox = outboxes[number - 1]
                nursery.start_soon(_tell, engine, number, messenger, outbox, alert)
        return
    log.warning("last_words_cut_short", waiting=[len(outbox.waiting) for outbox in outboxes])


async def _tell(
    engine: str, number: int, messenger: Messenger, outbox: Outbox, alert: Alert | None
) -> None:
    first = () if alert is None else (alert,)
    for one in (*first, *outbox.waiting):
        trouble = await messenger.send(f"{engine}: {one.title}", body(one, outbox))
        where = {"number": number, "destination": messenger.name}
        if trouble:
            log.warning("last_words_unsent", **where, **told(one), cause=trouble)
            return
        log.info("alert_sent", **where, **told(one))
