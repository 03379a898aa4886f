"""An actor that tells a person what the rules of alerts say, by way of messengers."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import msgspec
import structlog
import trio

from actors.ports.alert_book import AlertBook, Messenger
from actors.ports.ports import Latest, Wakeup, WallClock
from trading.alerts.alert import Alert
from trading.alerts.observed import Observation
from trading.alerts.outbox import Outbox, body
from trading.alerts.quiet import QuietHours
from trading.alerts.rules import AlertTerms, step

log = structlog.get_logger()

LATE = "it did not answer in time"


@attrs.frozen(kw_only=True)
class AlertsActor:
    """
    Looks at the engine each second, and sends what follows to every destination.

    What it keeps is a value in a slot that outlives it: a next life tells nothing twice, and
    nothing that waited is lost.

    Ports:
        book: What was told and what waits; written here alone (newest).
        observe: The engine as it is now, with what its log has told since the last call.

    Args:
        engine: The first word of every title.
        messengers: One for each destination.
        quiet: When only what is urgent goes out; ``None`` for never.
        every_s: Seconds between two looks.
        deadline_s: For one attempt; an attempt that takes longer has failed.
    """

    book: Latest[AlertBook]
    observe: Callable[[], Observation]
    wall_clock: WallClock
    engine: str
    messengers: Sequence[Messenger]
    terms: AlertTerms
    quiet: QuietHours | None = None
    every_s: float = 1.0
    deadline_s: float = 30.0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        book = self.book.peek() or AlertBook()
        if not book.outboxes:
            outboxes = tuple(Outbox(name=one.name) for one in self.messengers)
            self.book.put(msgspec.structs.replace(book, outboxes=outboxes))
        bells = [Wakeup() for _ in self.messengers]
        task_status.started()
        async with trio.open_nursery() as nursery:
            for index, bell in enumerate(bells):
                nursery.start_soon(self._send, index, bell)
            while True:
                if self._look():
                    for bell in bells:
                        bell.ring()
                await trio.sleep(self.every_s)

    def _look(self) -> bool:
        """Whether there is something to tell."""
        book = self._book
        state, alerts = step(book.state, self.observe(), self.terms)
        book = msgspec.structs.replace(book, state=state)
        for alert in alerts:
            log.info("alert", **told(alert), text=alert.text, destinations=len(book.outboxes))
            for number, outbox in enumerate(book.outboxes, 1):
                for lost in outbox.left_out(alert):
                    log.warning(
                        "alert_left_out", number=number, destination=outbox.name, **told(lost)
                    )
            book = book.put(alert)
        self.book.put(book)
        return bool(alerts)

    async def _send(self, index: int, bell: Wakeup) -> None:
        messenger = self.messengers[index]
        while True:
            outbox = self._book.outboxes[index]
            alert = outbox.next(trio.current_time(), self._wall, self.quiet)
            if alert is None:
                # Quiet hours end, and pauses do, without a bell.
                with trio.move_on_after(self.every_s):
                    await bell.wait()
                continue
            trouble = await attempt(messenger, alert.title, body(alert, outbox), self)
            after = self._book.outboxes[index]
            if trouble:
                if not after.failures:
                    log.warning("alerts_fail", destination=messenger.name, cause=trouble)
                self._keep(index, after.not_delivered(trio.current_time(), trouble))
            else:
                log.info("alert_sent", number=index + 1, destination=messenger.name, **told(alert))
                if after.failures:
                    waiting = len(after.waiting)
                    log.info("alerts_flow_again", destination=messenger.name, waiting=waiting)
                self._keep(index, after.delivered(alert))

    def _keep(self, index: int, outbox: Outbox) -> None:
        self.book.put(self._book.with_outbox(index, outbox))

    @property
    def _book(self) -> AlertBook:
        book = self.book.peek()
        assert book is not None, "the first life puts one"
        return book

    @property
    def _wall(self) -> float:
        return self.wall_clock() / 1e9


def told(alert: Alert) -> dict[str, Any]:
    """What the log says of an alert, whatever becomes of it: by this, lines belong together."""
    return {
        "kind": alert.kind.value,
        "subject": alert.subject,
        "over": alert.over,
        "at": round(alert.at, 3),
    }


async def attempt(messenger: Messenger, title: str, text: str, terms: AlertsActor) -> str:
    """Send one message with the engine's name before its title; why it did not arrive, if so."""
    with trio.move_on_after(terms.deadline_s):
        return await messenger.send(f"{terms.engine}: {title}", text)
    return LATE
