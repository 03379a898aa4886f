"""Checks of the trade socket's manners, without a key: subscriptions, refusals, signs of life."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.conformance.checks.public_rest import NOBODYS, inactive_pair
from engine.conformance.holding import IDLE
from engine.conformance.lab import TRADE, Lab
from engine.conformance.line import Heard, Json, Line
from engine.conformance.probe import Group
from trading.core.identifiers import Pair
from trading.venues.valr.conformance.check import Facts, Level, NotSeen

TRADE_SOCKET = Group(Level.PUBLIC)

_FEED = "OB_L1_DIFF"
_SNAPSHOT = "OB_L1_SNAPSHOT"
_ANSWER_S = 5.0
"""For an answer; where there may be none, so long is waited for it."""
_QUIET_S = 1.0
_PLACE = "section 4.2; simulator/sockets/commands.py"


def _subscribe(*pairs: str, event: str = _FEED) -> Mapping[str, object]:
    return {"type": "SUBSCRIBE", "subscriptions": [{"event": event, "pairs": list(pairs)}]}


async def _other_pair(lab: Lab) -> Pair:
    """Another active pair than ours."""
    for row in (await lab.get("/v1/public/pairs")).value or ():
        if row.get("active") and row.get("symbol") != lab.pair:
            return Pair(str(row["symbol"]))
    raise NotSeen("there is no other active pair")


async def _line(lab: Lab) -> Line:
    """The shared socket, with nothing subscribed."""
    line = await lab.line(TRADE, logged_in=False)
    since = line.mark
    await line.say(_subscribe())
    await line.gather(_QUIET_S / 4, since=since, at_most_s=_ANSWER_S)
    return line


async def _said(line: Line, frame: Mapping[str, object] | str, *kinds: str) -> Sequence[Json]:
    """What is answered to a frame, of these types."""
    since = line.mark
    await line.say(frame)
    heard = await line.gather(_QUIET_S, since=since, at_most_s=_ANSWER_S)
    return [one.said for one in heard if one.said.get("type") in kinds]


def worded(said: Json, **parts: str) -> str:
    """A message with what it is about taken out, as the simulated exchange has it."""
    text = str(said.get("message", ""))
    for name, part in parts.items():
        text = text.replace(part, "{" + name + "}")
    return text


@TRADE_SOCKET.check(
    "trade-without-key",
    "Does the trade socket open without a key, and say nothing of a login?",
    assumed="section 2.3; trading/venues/valr/venue.py",
    expected={"rules/trade_socket_without_key": True, "first frame": ""},
)
async def _without_key(lab: Lab) -> Facts:
    line = await lab.open(TRADE, {})
    ended = await line.wait_for_end(_QUIET_S)
    heard: list[Heard] = list(line.heard)
    await line.hang_up()
    return {
        "rules/trade_socket_without_key": not ended,
        "first frame": str(heard[0].said.get("type")) if heard else "",
    }


@TRADE_SOCKET.check(
    "pong-of-the-quiet",
    "What does a PONG say while nothing is subscribed?",
    assumed="section 4.1; simulator/sockets/commands.py",
    expected={"texts/quiet_pong": "NO_SUBSCRIPTIONS"},
)
async def _quiet_pong(lab: Lab) -> Facts:
    pongs = await _said(await _line(lab), {"type": "PING"}, "PONG")
    if not pongs:
        raise NotSeen("no PONG came")
    return {"texts/quiet_pong": worded(pongs[0])}


@TRADE_SOCKET.check(
    "subscribed",
    "Is a subscription acknowledged pair by pair, before its first frame?",
    assumed=_PLACE,
    expected={"texts/subscribed": "{event}:{pair}", "order": ["SUBSCRIBED", _SNAPSHOT]},
)
async def _subscribed(lab: Lab) -> Facts:
    said = await _said(await _line(lab), _subscribe(lab.pair), "SUBSCRIBED", _SNAPSHOT)
    acks = [one for one in said if one["type"] == "SUBSCRIBED"]
    if not acks:
        raise NotSeen("no SUBSCRIBED came")
    return {
        "texts/subscribed": worded(acks[0], event=_FEED, pair=lab.pair),
        "order": [one["type"] for one in said],
    }


@TRADE_SOCKET.check(
    "subscription-replaced",
    "Does a later SUBSCRIBE end the pairs of an earlier one that it does not name?",
    assumed=f"{_PLACE}, trading/venues/valr/subscriptions.py",
    expected={"rules/subscribe_adds": False},
)
async def _replaced(lab: Lab) -> Facts:
    line, other = await _line(lab), await _other_pair(lab)
    await _said(line, _subscribe(lab.pair))
    said = await _said(line, _subscribe(other), "SUBSCRIBED", "UNSUBSCRIBED")
    if not said:
        raise NotSeen("the second SUBSCRIBE was not answered")
    return {"rules/subscribe_adds": not any(one["type"] == "UNSUBSCRIBED" for one in said)}


@TRADE_SOCKET.check(
    "unsubscribed",
    "Does an empty list of pairs end a subscription, with a word for each pair?",
    assumed=_PLACE,
    expected={"texts/unsubscribed": "{event}:{pair}"},
)
async def _unsubscribed(lab: Lab) -> Facts:
    line = await _line(lab)
    await _said(line, _subscribe(lab.pair))
    said = await _said(line, _subscribe(), "UNSUBSCRIBED")
    if not said:
        raise NotSeen("no UNSUBSCRIBED came")
    return {"texts/unsubscribed": worded(said[0], event=_FEED, pair=lab.pair)}


@TRADE_SOCKET.check(
    "subscription-repeated",
    "Does an unchanged SUBSCRIBE bring a new snapshot?",
    assumed=f"section 5.3, U6; {_PLACE}, trading/venues/valr/subscriptions.py",
    expected={"rules/snapshot_when_repeated": False},
    unknown=("U6",),
)
async def _repeated(lab: Lab) -> Facts:
    line = await _line(lab)
    await _said(line, _subscribe(lab.pair))
    said = await _said(line, _subscribe(lab.pair), "SUBSCRIBED", _SNAPSHOT)
    return {
        "rules/snapshot_when_repeated": any(one["type"] == _SNAPSHOT for one in said),
        "acknowledged": any(one["type"] == "SUBSCRIBED" for one in said),
    }


@TRADE_SOCKET.check(
    "mixed-list",
    "Are the good pairs of a list subscribed that has an unknown and an inactive one too?",
    assumed=_PLACE,
    expected={
        "rules/take_mixed_lists": True,
        "texts/invalid_pair": "Channel {event}, pair {pair} combination invalid",
    },
)
async def _mixed(lab: Lab) -> Facts:
    line, inactive = await _line(lab), await inactive_pair(lab)
    frame = _subscribe(NOBODYS, inactive, lab.pair)
    said = await _said(line, frame, "SUBSCRIBED", "ERROR")
    errors = [one for one in said if one["type"] == "ERROR"]
    words: dict[str, Any] = {}
    if errors:
        about = NOBODYS if NOBODYS in str(errors[0].get("message")) else str(inactive)
        words["texts/invalid_pair"] = worded(errors[0], event=_FEED, pair=about)
    subscribed = any(one["type"] == "SUBSCRIBED" for one in said)
    return {**words, "rules/take_mixed_lists": subscribed}


@TRADE_SOCKET.check(
    "unknown-event",
    "How is an event refused that there is not?",
    assumed=_PLACE,
    expected={"texts/invalid_event": "Channel {event}, pair {pair} combination invalid"},
)
async def _unknown_event(lab: Lab) -> Facts:
    event = "NO_SUCH_EVENT"
    said = await _said(await _line(lab), _subscribe(lab.pair, event=event), "ERROR")
    if not said:
        raise NotSeen("no ERROR came")
    return {"texts/invalid_event": worded(said[0], event=event, pair=lab.pair)}


@TRADE_SOCKET.check(
    "lower-case",
    "Are pairs in lower case taken, and acknowledged in upper case?",
    assumed=_PLACE,
    expected={"rules/take_lower_case": True},
)
async def _lower_case(lab: Lab) -> Facts:
    said = await _said(await _line(lab), _subscribe(lab.pair.lower()), "SUBSCRIBED", "ERROR")
    if not said:
        raise NotSeen("the SUBSCRIBE was not answered")
    taken = said[0]["type"] == "SUBSCRIBED" and lab.pair in str(said[0].get("message"))
    return {"rules/take_lower_case": taken}


@TRADE_SOCKET.check(
    "not-json",
    "What is said to a frame that is not JSON, and does the socket stay open?",
    assumed=_PLACE,
    expected={"texts/invalid_json": "Invalid message - Invalid JSON", "it ended": ""},
)
async def _not_json(lab: Lab) -> Facts:
    line = await _line(lab)
    said = await _said(line, "this is not JSON", "ERROR")
    if not said:
        raise NotSeen(f"no ERROR came; the socket ended: {line.ended or 'no'}")
    return {"texts/invalid_json": worded(said[0]), "it ended": line.ended}


@TRADE_SOCKET.check(
    "unknown-type",
    "What is said to a frame of an unknown type?",
    assumed=_PLACE,
    expected={"texts/unsupported": "Unsupported type field"},
)
async def _unknown_type(lab: Lab) -> Facts:
    line = await _line(lab)
    said = await _said(line, {"type": "NO_SUCH_TYPE"}, "ERROR")
    if not said:
        raise NotSeen(f"no ERROR came; the socket ended: {line.ended or 'no'}")
    return {"texts/unsupported": worded(said[0])}


@TRADE_SOCKET.check(
    "idle",
    "After how long is a socket cut that says and hears nothing, and how?",
    assumed="section 4.1, U13; simulator/connections.py",
    expected={"rules/idle_limit_s": 60, "it ended": "1006"},
    unknown=("U13",),
    slow=True,
)
async def _idle(lab: Lab) -> Facts:
    line = await lab.held_to_the_end(IDLE)
    if line.ended == "hung up":
        raise NotSeen(f"it was still open after {line.lasted_s:.0f} s")
    if line.lasted_s < _QUIET_S:
        raise NotSeen(f"it does not stay open without a key: {line.ended}")
    return {
        "rules/idle_limit_s": round(line.lasted_s),
        "it ended": line.ended,
    }
