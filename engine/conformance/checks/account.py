"""Checks with a key that may look: login, lists, and what an account's socket says by itself."""

from collections.abc import Mapping

from engine.conformance.checks.public_rest import of
from engine.conformance.checks.trade_socket import worded
from engine.conformance.holding import EVENTS
from engine.conformance.lab import ACCOUNT, TRADE, Lab
from engine.conformance.line import Line, of_type
from engine.conformance.looks import answer_shape, frame_shapes, shaped
from engine.conformance.probe import Group
from trading.venues.valr.conformance.check import Facts, Level, NotSeen

ACCOUNT_CHECKS = Group(Level.ACCOUNT)

_BALANCES = "GET /v1/account/balances"
_FEES = "GET /v1/account/fees/trade"
_FILLS = "GET /v1/account/tradehistory"
_KEY = "GET /v1/account/api-keys/current"
_OPEN = "GET /v1/orders/open"
_HISTORY = "GET /v1/orders/history"
_TWIN_BOOK = "GET /v1/marketdata/{pair}/orderbook"
_TWIN_FULL = "GET /v1/marketdata/{pair}/orderbook/full"
_TWIN_TRADES = "GET /v1/marketdata/{pair}/tradehistory"
_WELCOME = ["AUTHENTICATED", "BALANCE_UPDATE", "OPEN_ORDERS_UPDATE"]
_LOGIN_S = 10.0
_QUIET_S = 1.0
_REST_PLACE = "simulator/rest/account.py, trading/venues/valr/wire/account.py"
_TWIN_PLACE = "sections 3.3 and 3.4; simulator/rest/public.py"
_COMMANDS = "simulator/sockets/commands.py"


def _shape(
    name: str,
    question: str,
    route: str,
    *,
    query: str = "",
    cached: int | None = None,
    assumed: str,
    unknown: tuple[str, ...] = (),
) -> None:
    """A check that asks, with our key, for nothing but the shape of an answer."""

    async def look(lab: Lab) -> Facts:
        answer = await lab.get(of(route, lab.pair) + query, signed=True)
        return answer_shape(route, answer, cached=cached is not None)

    expected = shaped(route, cached=cached)
    ACCOUNT_CHECKS.check(name, question, assumed=assumed, expected=expected, unknown=unknown)(look)


@ACCOUNT_CHECKS.check(
    "login",
    "What is an account socket told first, and in which order?",
    assumed="sections 2.3 and 4.4, U8; simulator/connections.py, actors/account/account.py",
    expected={"rules/welcome": _WELCOME, **shaped("BALANCE_UPDATE"), "in time": True},
    unknown=("U8",),
)
async def _login(lab: Lab) -> Facts:
    line = await lab.line(ACCOUNT, logged_in=True)
    login = await line.wait(of_type("AUTHENTICATED"), _LOGIN_S)
    heard = await line.gather(_QUIET_S, since=0, at_most_s=_LOGIN_S)
    if not heard:
        raise NotSeen(f"nothing came; the socket ended: {line.ended or 'no'}")
    kinds = list(dict.fromkeys(str(one.said.get("type")) for one in heard))
    balances = [one for one in heard if one.said.get("type") == "BALANCE_UPDATE"]
    return {
        "rules/welcome": [kind for kind in kinds if kind != "PONG"],
        **(frame_shapes(balances, "BALANCE_UPDATE") if balances else {}),
        "in time": login is not None,
        "login in ms": None if login is None else round((login.at - (line.opened_at or 0)) * 1000),
    }


@ACCOUNT_CHECKS.check(
    "login-with-a-wrong-signature",
    "What becomes of a socket whose signature is wrong?",
    assumed="section 2.3, U2; trading/venues/valr/venue.py",
    expected={"rules/bad_login": "1007 Request has an invalid signature"},
    unknown=("U2",),
)
async def _wrong_signature(lab: Lab) -> Facts:
    headers = dict(lab.login(ACCOUNT))
    signature = headers["X-VALR-SIGNATURE"]
    headers["X-VALR-SIGNATURE"] = ("1" if signature[0] == "0" else "0") + signature[1:]
    line = await lab.open(ACCOUNT, headers)  # once, and never again
    ended = await line.wait_for_end(_LOGIN_S / 2)
    errors = [one.said for one in line.heard if one.said.get("type") == "ERROR"]
    await line.hang_up()
    lab.evidence.cite([one.frame for one in line.heard])
    if errors and not ended:
        return {"rules/bad_login": f"0 {worded(errors[0])}"}
    return {"rules/bad_login": ended or None}


@ACCOUNT_CHECKS.check(
    "socket-without-key",
    "Does an account socket open without a key, and refuse its commands?",
    assumed=f"section 2.3; {_COMMANDS}",
    expected={"texts/unauthorized": "UNAUTHORIZED"},
)
async def _without_key(lab: Lab) -> Facts:
    line = await lab.open(ACCOUNT, {})
    if line.ended:
        raise NotSeen(f"it does not open: {line.ended}")
    await line.say({"type": "CANCEL_ON_DISCONNECT", "payload": {"cancelOnDisconnect": False}})
    error = await line.wait(of_type("ERROR"), _LOGIN_S / 2)
    ended = await line.wait_for_end(0.0)
    await line.hang_up()
    if error is None:
        raise NotSeen(f"no ERROR came; the socket ended: {ended or 'no'}")
    return {"texts/unauthorized": worded(error.said)}


@ACCOUNT_CHECKS.check(
    "rest-without-key",
    "How is a question about an account refused that has no key?",
    assumed="section 3.7; simulator/accounts/authentication.py",
    expected={"refusals/400 -11268": "400 -11268 API key header missing: X-VALR-API-KEY"},
)
async def _rest_without_key(lab: Lab) -> Facts:
    answer = await lab.ask("GET", "/v1/account/balances", signed=False)
    return {"refusals/400 -11268": answer.words}


@ACCOUNT_CHECKS.check(
    "login-on-the-trade-socket",
    "Does a trade socket with a key say AUTHENTICATED?",
    assumed="section 2.3; simulator/connections.py, actors/net/venue_socket.py",
    expected={"rules/tell_login_on_trade_socket": True},
)
async def _trade_login(lab: Lab) -> Facts:
    line = await lab.open(TRADE)
    login = await line.wait(of_type("AUTHENTICATED"), _LOGIN_S / 2)
    ended = line.ended
    await line.hang_up()
    if login is None and ended:
        raise NotSeen(f"the socket ended: {ended}")
    return {"rules/tell_login_on_trade_socket": login is not None}


_shape(
    "balances",
    "Have balances the fields that we read, as texts?",
    _BALANCES,
    query="?excludeZeroBalances=true",
    assumed=f"section 3.5, U26; {_REST_PLACE}",
    unknown=("U26",),
)
_shape(
    "fees",
    "Are fees told in percent, pair by pair?",
    _FEES,
    assumed=f"section 3.5, U20; {_REST_PLACE}",
    unknown=("U20",),
)


@ACCOUNT_CHECKS.check(
    "key",
    "Does the venue tell what the key may do?",
    assumed=f"section 2.1; {_REST_PLACE}",
    expected=shaped(_KEY),
)
async def _key(lab: Lab) -> Facts:
    answer = await lab.get(of(_KEY, ""), signed=True)
    facts = answer_shape(_KEY, answer, cached=False)
    return {**facts, "permissions": answer.value.get("permissions")}


_shape(
    "open-orders",
    "Is the list of open orders a list, also where there is none?",
    _OPEN,
    assumed=f"section 3.6; {_REST_PLACE}",
)
_shape(
    "history",
    "Have ended orders the fields that we read?",
    _HISTORY,
    query="?skip=0&limit=20&showZeroVolumeCancels=true",
    assumed=f"section 3.6, U22; {_REST_PLACE}",
    unknown=("U22",),
)
_shape(
    "fills",
    "Have the account's fills the fields that we read, newest first?",
    _FILLS,
    query="?skip=0&limit=20",
    assumed=f"section 3.5, U19, U20; {_REST_PLACE}",
    unknown=("U19", "U20"),
)
_shape(
    "signed-book",
    "Is the signed book the same, and a second old at most?",
    _TWIN_BOOK,
    cached=1,
    assumed=_TWIN_PLACE,
)
_shape(
    "signed-full-book",
    "Is the signed book of single orders the same?",
    _TWIN_FULL,
    cached=1,
    assumed=_TWIN_PLACE,
)
_shape(
    "signed-trades",
    "Are the signed trades the same, newest first?",
    _TWIN_TRADES,
    cached=1,
    assumed=_TWIN_PLACE,
)


async def _own_line(lab: Lab) -> Line:
    """A socket of a check that changes what it is sent."""
    line = await lab.open(ACCOUNT)
    await line.wait(of_type("AUTHENTICATED"), _LOGIN_S)
    await line.gather(_QUIET_S / 2, since=0, at_most_s=_LOGIN_S)
    return line


async def _word(lab: Lab, frame: Mapping[str, object], *kinds: str) -> tuple[str, str]:
    """The type and the message of the answer to a frame, on a socket of its own."""
    line = await _own_line(lab)
    since = line.mark
    await line.say(frame)
    answer = await line.wait(of_type(*kinds), _LOGIN_S / 2, since=since)
    await line.hang_up()
    if answer is None:
        raise NotSeen(f"no {' or '.join(kinds)} came")
    return str(answer.said["type"]), worded(answer.said)


_STATUS, _BALANCE = "ORDER_STATUS_UPDATE", "BALANCE_UPDATE"


@ACCOUNT_CHECKS.check(
    "status-subscribed",
    "May ORDER_STATUS_UPDATE be subscribed to, and in which words is that acknowledged?",
    assumed=f"section 4.4, U8; {_COMMANDS}",
    expected={"rules/take_account_subscriptions": True, "texts/listening": "{event}"},
    unknown=("U8",),
)
async def _subscribed(lab: Lab) -> Facts:
    frame = {"type": "SUBSCRIBE", "subscriptions": [{"event": _STATUS}]}
    kind, words = await _word(lab, frame, "SUBSCRIBED", "ERROR")
    if kind == "ERROR":
        return {"rules/take_account_subscriptions": False, "the error": words}
    return {
        "rules/take_account_subscriptions": True,
        "texts/listening": words.replace(_STATUS, "{event}"),
    }


@ACCOUNT_CHECKS.check(
    "balances-unsubscribed",
    "May BALANCE_UPDATE be unsubscribed, and in which words is that acknowledged?",
    assumed=f"section 4.4; {_COMMANDS}",
    expected={"texts/muted": "{event}"},
)
async def _unsubscribed(lab: Lab) -> Facts:
    frame = {"type": "UNSUBSCRIBE", "requests": [{"event": _BALANCE}]}
    _, words = await _word(lab, frame, "UNSUBSCRIBED", "ERROR")
    return {"texts/muted": words.replace(_BALANCE, "{event}")}


@ACCOUNT_CHECKS.check(
    "unknown-command",
    "What is said to a command that there is not?",
    assumed=f"sections 4.2 and 6, U5; {_COMMANDS}",
    expected={"texts/unsupported_command": "Unsupported type field"},
    unknown=("U5",),
)
async def _unknown(lab: Lab) -> Facts:
    _, words = await _word(lab, {"type": "NO_SUCH_COMMAND"}, "ERROR")
    return {"texts/unsupported_command": words}


@ACCOUNT_CHECKS.check(
    "events-held",
    "Is an account's socket held for the whole time, every PING answered?",
    assumed="section 4.1, U13; simulator/sockets/commands.py, actors/net/venue_socket.py",
    expected={"texts/account_pong": "", "unanswered": 0, "it ended": "hung up"},
    unknown=("U13",),
)
async def _held(lab: Lab) -> Facts:
    line = await lab.held_to_the_end(EVENTS)
    pongs = [one for one in line.heard if one.said.get("type") == "PONG"]
    if not pongs:
        raise NotSeen(f"no PONG came; the socket ended: {line.ended}")
    lab.evidence.cite([one.frame for one in pongs])
    return {
        "texts/account_pong": str(pongs[-1].said.get("message", "")),
        "unanswered": line.unanswered(),
        "it ended": line.ended,
        "frames in all": len(line.heard),
    }
