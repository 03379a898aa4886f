"""How the news of an account gets to its sockets: in order, or as the faults have it."""

from collections.abc import Iterable

from trading.simulator.agenda import Agenda
from trading.simulator.faults import Fault, Faults
from trading.simulator.frames import Json
from trading.simulator.sessions import Session

_LIST = "OPEN_ORDERS_UPDATE"


class Delivery:
    """
    Sends acknowledgements, and after them what came of it.

    Args:
        agenda: Where what is delayed waits.
    """

    def __init__(self, faults: Faults, agenda: Agenda) -> None:
        self._faults = faults
        self._agenda = agenda
        self._lists: dict[str, Json] = {}

    def deliver(
        self, sessions: Iterable[Session], told: list[tuple[str, Json]], now: float
    ) -> None:
        """Send every account socket what is its own."""
        for session in sessions:
            if not session.is_account or session.api_key is None:
                continue
            acknowledgements = session.take_acknowledgements()
            if not told and not acknowledgements:
                continue
            events = [
                frame
                for api_key, frame in told
                if api_key == session.api_key and frame["type"] not in session.muted
            ]
            if acknowledgements or events:
                self._send(session, acknowledgements, events, now)
        for api_key, frame in told:
            if frame["type"] == _LIST:
                self._lists[api_key] = frame

    def former_list(self, api_key: str) -> Json | None:
        """The list of open orders as it was last told."""
        return self._lists.get(api_key)

    def _send(
        self, session: Session, acknowledgements: list[Json], events: list[Json], now: float
    ) -> None:
        faults = self._faults
        before, after = self._stale(session, acknowledgements)
        kept = [a for a in acknowledgements if not faults.strikes(Fault.LOST_ACKNOWLEDGEMENT)]
        if kept and events and faults.strikes(Fault.FILL_BEFORE_ACKNOWLEDGEMENT):
            frames = [*before, *events, *kept, *after]
        else:
            frames = [*before, *kept, *after, *events]
        if len(frames) > 1 and faults.strikes(Fault.REORDER):
            faults.random.shuffle(frames)
        for frame in frames:
            self._send_one(session, frame, now, event=frame not in kept)

    def _send_one(self, session: Session, frame: Json, now: float, *, event: bool) -> None:
        faults = self._faults
        if event and faults.strikes(Fault.DROP):
            return
        if event and faults.strikes(Fault.DELAY):
            self._agenda.at(now + faults.delay_s(), lambda _: session.send(frame))
            return
        session.send(frame)
        if event and faults.strikes(Fault.DUPLICATE):
            session.send(frame)

    def _stale(
        self, session: Session, acknowledgements: list[Json]
    ) -> tuple[list[Json], list[Json]]:
        """The former list of open orders, to go before a placement's answer or after a cancel's."""
        former = self._lists.get(session.api_key or "")
        if former is None or not acknowledgements:
            return [], []
        if not self._faults.strikes(Fault.STALE_OPEN_ORDERS):
            return [], []
        cancel = acknowledgements[0]["type"] == "CANCEL_ORDER_WS_RESPONSE"
        return ([], [former]) if cancel else ([former], [])
