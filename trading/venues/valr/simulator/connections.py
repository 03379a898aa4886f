"""Connections to the exchange's sockets: opened, closed, cut when idle."""

from collections.abc import Container, Mapping

from trading.simulator.core.agenda import Agenda
from trading.venues.valr.rules import VenueRules
from trading.venues.valr.simulator.accounts.authentication import (
    INVALID_SIGNATURE,
    KEY_HEADER,
    Authenticator,
)
from trading.venues.valr.simulator.core.fault_plan import Fault, Faults
from trading.venues.valr.simulator.core.settings import ExchangeSettings
from trading.venues.valr.simulator.orders.venue import Venue
from trading.venues.valr.simulator.requests.fields import Refused
from trading.venues.valr.simulator.rest.faults import Part
from trading.venues.valr.simulator.sockets.sessions import (
    BAD_SIGNATURE,
    CUT,
    POLICY,
    CloseReason,
    Session,
)
from trading.venues.valr.simulator.wire.dialect import Dialect

ACCOUNT_PATH = "/ws/account"
TRADE_PATH = "/ws/trade"
_NEVER = float("inf")


class Connections:
    """
    The sessions that are open now.

    Args:
        sessions: Filled and emptied here.
        withheld: The parts that a new session is not sent.
    """

    def __init__(
        self,
        *,
        sessions: dict[Session, None],
        venue: Venue,
        settings: ExchangeSettings,
        faults: Faults,
        authenticator: Authenticator,
        agenda: Agenda,
        withheld: Container[Part],
        dialect: Dialect,
    ) -> None:
        self._sessions = sessions
        self._venue = venue
        self._settings = settings
        self._faults = faults
        self._authenticator = authenticator
        self._agenda = agenda
        self._withheld = withheld
        self._dialect = dialect if dialect.changes_frames else None

    def open(self, path: str, headers: Mapping[str, str], now: float) -> Session:
        """Open a connection; one with a bad signature is closed once it is open."""
        lower = {name.lower(): value for name, value in headers.items()}
        api_key: str | None = None
        signed = KEY_HEADER in lower
        if signed:
            try:
                api_key = self._authenticator.account(
                    "GET", path, lower, b"", self._venue.ids.ms(now)
                ).api_key
            except Refused:
                api_key = None
            if api_key is not None and self._faults.strikes(Fault.BAD_SIGNATURE):
                api_key = None
        session = Session(
            api_key=api_key,
            is_account=path.partition("?")[0] == ACCOUNT_PATH,
            opened_at=now,
            outgoing_max=self._settings.outgoing_frames_max,
            dialect=self._dialect,
        )
        self._sessions[session] = None
        if signed and api_key is None:
            self._turn_away(session)
        elif not signed and not session.is_account and not self._rules.trade_socket_without_key:
            session.close(CloseReason(POLICY))
        elif api_key is not None:
            self._welcome(session, api_key)
        return session

    def refused(self, path: str, headers: Mapping[str, str], now: float) -> int | None:
        """The status with which an upgrade is refused for its signature; ``None`` opens it."""
        lower = {name.lower(): value for name, value in headers.items()}
        words = self._rules.bad_login
        if not words.startswith(("4", "5")) or KEY_HEADER not in lower:
            return None
        try:
            self._authenticator.account("GET", path, lower, b"", self._venue.ids.ms(now))
        except Refused:
            return int(words.partition(" ")[0])
        return None

    @property
    def _rules(self) -> VenueRules:
        return self._settings.rules

    def _turn_away(self, session: Session) -> None:
        code, _, reason = self._rules.bad_login.partition(" ")
        if code == "0":
            session.error(reason)
        elif code.startswith("1"):
            session.close(CloseReason(int(code), reason))
        else:  # by a fault, of a signature that was good
            session.close(CloseReason(BAD_SIGNATURE, INVALID_SIGNATURE))

    def close(self, session: Session, now: float) -> bool:
        """Remove an ended connection; whether its account's orders were cancelled at once."""
        if session not in self._sessions:
            return False
        del self._sessions[session]
        session.close(CloseReason(CUT))
        if not session.cancel_on_disconnect or session.api_key is None:
            return False
        if not self._rules.cancel_on_disconnect:
            return False
        may_fail = bool(self._venue.orders.open_of(session.api_key))
        if may_fail and self._faults.strikes(Fault.NO_CANCEL_ON_DISCONNECT):
            return False
        account = self._venue.accounts[session.api_key]
        delay_s = self._settings.rules.cancel_on_disconnect_delay_s
        if may_fail and self._faults.strikes(Fault.LATE_CANCEL_ON_DISCONNECT):
            delay_s += self._faults.plan.late_cancel_on_disconnect_s
        if delay_s == 0.0:
            self._venue.cancel_all(account, None, now)
            return True
        self._agenda.at(
            now + delay_s, lambda at: _discard(self._venue.cancel_all(account, None, at))
        )
        return False

    def cut_idle(self, now: float) -> None:
        """Cut connections whose clients have been silent for too long."""
        settings = self._settings
        idle_s, unauthenticated_s = settings.idle_limit_s, settings.unauthenticated_limit_s
        for session in self._sessions:  # at every step of every market: no more calls than needed
            if session.deadline(idle_s, unauthenticated_s) <= now:
                session.close(CloseReason(CUT, "idle"))

    def next_deadline(self) -> float:
        return min(map(self._deadline, self._sessions), default=_NEVER)

    def _deadline(self, session: Session) -> float:
        settings = self._settings
        return session.deadline(settings.idle_limit_s, settings.unauthenticated_limit_s)

    def _welcome(self, session: Session, api_key: str) -> None:
        if not session.is_account:
            if self._rules.tell_login_on_trade_socket:
                session.send({"type": "AUTHENTICATED"})
            return
        for kind in self._rules.welcome:
            if kind == "AUTHENTICATED":
                session.send({"type": kind})
            elif kind == "BALANCE_UPDATE" and Part.BALANCES not in self._withheld:
                for frame in self._venue.balance_frames(self._venue.accounts[api_key]):
                    session.send(frame)
            elif kind == "OPEN_ORDERS_UPDATE" and Part.OPEN_ORDERS not in self._withheld:
                session.send(self._venue.open_orders_frame(api_key))


def _discard(_: object) -> None:
    """Drops a result that is not used later."""
