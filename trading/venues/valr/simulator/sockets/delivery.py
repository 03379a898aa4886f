"""Delivers an account's events to its sockets: in order, or as the faults have it."""

from collections.abc import Iterable

from trading.simulator.core.agenda import Agenda
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.sockets.sessions import Session
from trading.venues.valr.simulator.wire.frames import Json
from trading.venues.valr.simulator.wire.shapes import Shapes

_LIST = "OPEN_ORDERS_UPDATE"
_BALANCE = "BALANCE_UPDATE"
_FILL = "NEW_ACCOUNT_TRADE"
_STATUS = "ORDER_STATUS_UPDATE"


class Delivery:
    """
    Sends acknowledgements, and after them the outcomes.

    Args:
        agenda: For delayed frames.
    """

    def __init__(self, faults: Faults, agenda: Agenda, shapes: Shapes, rules: VenueRules) -> None:
        self._faults = faults
        self._agenda = agenda
        self._shapes = shapes
        self._rules = rules
        self._lists: dict[str, Json] = {}

    def deliver(
        self, sessions: Iterable[Session], told: list[tuple[str, Json]], now: float
    ) -> None:
        """Send the events of each account to its sockets."""
        for session in sessions:
            if not session.is_account or session.api_key is None:
                continue
            acknowledgements = session.take_acknowledgements()
            if not told and not acknowledgements:
                continue
            events = [
                frame
                for api_key, frame in told
                if api_key == session.api_key
                and frame["type"] not in session.muted
                and (frame["type"] != _STATUS or self._is_told_status(session))
            ]
            if acknowledgements or events:
                self._send(session, acknowledgements, events, now)
        for api_key, frame in told:
            if frame["type"] == _LIST:
                self._lists[api_key] = frame

    def former_list(self, api_key: str) -> Json | None:
        """The list of open orders as last sent."""
        return self._lists.get(api_key)

    def _send(
        self, session: Session, acknowledgements: list[Json], events: list[Json], now: float
    ) -> None:
        faults = self._faults
        before, after = self._stale(session, acknowledgements)
        kept = [a for a in acknowledgements if not faults.strikes(Fault.LOST_ACKNOWLEDGEMENT)]
        for late in [a for a in kept if faults.strikes(Fault.LATE_ACKNOWLEDGEMENT)]:
            kept.remove(late)
            self._later(session, late, now + faults.plan.late_acknowledgement_s)
        if kept and events and faults.strikes(Fault.FILL_BEFORE_ACKNOWLEDGEMENT):
            frames = [*before, *events, *kept, *after]
        else:
            frames = [*before, *kept, *after, *events]
        if self._rules.event_order:
            frames.sort(key=self._rank)
        if len(frames) > 1 and faults.strikes(Fault.REORDER):
            faults.random.shuffle(frames)
        for frame in frames:
            self._send_one(session, frame, now, event=frame not in kept)

    def _is_told_status(self, session: Session) -> bool:
        return session.status_wanted or not self._rules.status_on_demand

    def _rank(self, frame: Json) -> int:
        order = self._rules.event_order
        return order.index(frame["type"]) if frame["type"] in order else len(order)

    def _send_one(self, session: Session, frame: Json, now: float, *, event: bool) -> None:
        faults = self._faults
        if event and faults.strikes(Fault.DROP):
            return
        late = frame["type"] == _BALANCE and faults.strikes(Fault.LATE_BALANCE)
        if late or (event and faults.strikes(Fault.DELAY)):
            self._later(session, frame, now + faults.delay_s())
            return
        named = frame["type"] == _FILL and "id" in frame["data"]
        if named and faults.strikes(Fault.OTHER_FILL_ID):
            data = frame["data"]
            frame = {**frame, "data": {**data, "id": self._another(data["id"])}}
        spoilt = self._shapes.frame(frame)
        session.send(spoilt)
        if event and faults.strikes(Fault.DUPLICATE):
            session.send(spoilt)

    def _later(self, session: Session, frame: Json, at: float) -> None:
        self._agenda.at(at, lambda _: session.send(frame))

    def _another(self, trade_id: str) -> str:
        """An id like a given one, but not the same."""
        last = int(trade_id[-4:], 16) ^ self._faults.random.randint(1, 0xFFFF)
        return f"{trade_id[:-4]}{last:04x}"

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
