"""Who may look: the address with its token, the cookie, and what a request must carry."""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable

import attrs

_SESSIONS_MAX = 64


@attrs.frozen(kw_only=True)
class Asked:
    """
    What of a request the door looks at; ``None`` for what it does not carry.

    Args:
        shell: Whether it is for the page itself, in which no data is.
        changing: Whether it is anything but a look.
    """

    host: str | None
    origin: str | None
    cookie: str | None
    csrf: str | None
    shell: bool
    login: bool
    changing: bool


@attrs.frozen
class Turned:
    """Why a request is turned away."""

    status: int
    why: str


class Door:
    """
    Lets in whoever has the token once, and afterwards the cookie that it was exchanged for.

    A token is good for one login; then the next one takes its place. What is compared is compared
    in constant time.

    Args:
        hosts: Names (with ports) under which the page may be asked for, which ends DNS rebinding.
        make: Makes a secret.
        show: Told each token that has become the valid one.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        make: Callable[[], str],
        show: Callable[[str], None] = lambda _token: None,
    ) -> None:
        self._hosts = frozenset(hosts)
        self._origins = frozenset(
            f"{scheme}://{host}" for host in self._hosts for scheme in ("http", "https")
        )
        self._make = make
        self._show = show
        self._sessions: OrderedDict[str, str] = OrderedDict()
        self.token = make()
        show(self.token)

    def login(self, token: str) -> tuple[str, str] | None:
        """A cookie and its CSRF value for a valid token, which is used up by it."""
        if not _same(token, self.token):
            return None
        self.token = self._make()
        self._show(self.token)
        cookie, csrf = self._make(), self._make()
        self._sessions[cookie] = csrf
        if len(self._sessions) > _SESSIONS_MAX:
            self._sessions.popitem(last=False)
        return cookie, csrf

    def csrf_of(self, cookie: str | None) -> str | None:
        """The value that goes with a cookie; ``None`` where it is not one of ours."""
        found = None
        for known, csrf in self._sessions.items():
            if cookie is not None and _same(known, cookie):
                found = csrf
        return found

    def turned_away(self, asked: Asked) -> Turned | None:
        """Why a request may not come in; ``None`` where it may."""
        if asked.host not in self._hosts:
            return Turned(421, "this name is not served here: [web] hosts may name it")
        if asked.changing and asked.origin not in self._origins:
            return Turned(403, "the request does not come from this page")
        if asked.shell or asked.login:
            return None
        csrf = self.csrf_of(asked.cookie)
        if csrf is None:
            return Turned(401, "not logged in: open the address that `engine web` printed")
        if asked.changing and not _same(asked.csrf or "", csrf):
            return Turned(403, "the request lacks this page's own value")
        return None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
