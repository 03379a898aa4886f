"""Troubles of the venue: what it does wrong by chance, and what happens to it."""

from collections.abc import Mapping
from random import Random

import trio

from engine.simulation.troubles.base import Scene, Strike, Trouble
from trading.simulator.faults import Fault

_CHANCES = (0.02, 0.1, 0.4)


def _by_chance(name: str, faults: tuple[Fault, ...]) -> Strike:
    async def strike(scene: Scene, random: Random, for_s: float) -> None:
        counts = scene.site.exchange.faults.counts
        fault = random.choice(faults)
        before = counts.get(fault.value, 0)
        try:
            with scene.likely(fault, random.choice(_CHANCES)):
                await trio.sleep(for_s)
        finally:
            if (times := counts.get(fault.value, 0) - before) > 0:
                scene.site.struck_by(name, times)

    return strike


F = Fault
_BY_CHANCE: Mapping[str, tuple[str, tuple[Fault, ...]]] = {
    "N08": ("a good signature is called a bad one", (F.BAD_SIGNATURE,)),
    "N14": ("an event of the account is never told", (F.DROP,)),
    "N15": ("the same is told twice", (F.DUPLICATE, F.BOOK_TWICE)),
    "N17": ("a change of a book is missing", (F.SEQUENCE_GAP,)),
    "N18": ("a wrong checksum", (F.WRONG_CHECKSUM,)),
    "N19": ("no snapshot after subscribing", (F.MISSING_SNAPSHOT,)),
    "N20": ("changes come before the snapshot", (F.LATE_SNAPSHOT,)),
    "N21": ("a ping has no answer", (F.PONG_WITHHELD,)),
    "N23": ("the upgrade is refused with 401 or 403", (F.UPGRADE_FORBIDDEN,)),
    "N24": ("the upgrade is refused with 429", (F.UPGRADE_LIMITED,)),
    "N25": ("the upgrade is refused with 502, 503 or 504", (F.UPGRADE_UNAVAILABLE,)),
    "N34": (
        "an answer that is no answer",
        (F.HTML_ANSWER, F.TRUNCATED_ANSWER, F.WRONG_CHARSET, F.WRONG_CONTENT_TYPE),
    ),
    "N35": ("an answer leads elsewhere", (F.REDIRECT,)),
    "V01": ("accepted, and never acknowledged", (F.LOST_ACKNOWLEDGEMENT, F.CUT, F.HALF_OPEN)),
    "V02": ("acknowledged half a minute later", (F.LATE_ACKNOWLEDGEMENT,)),
    "V03": ("filled before it is acknowledged", (F.FILL_BEFORE_ACKNOWLEDGEMENT, F.REORDER)),
    "V05": ("filled just before it would be cancelled", (F.FILL_RACES_CANCEL,)),
    "V06": ("partly filled just before it is cancelled", (F.PARTIAL_FILL_RACES_CANCEL,)),
    "V08": ("filled just before it would be changed", (F.FILL_RACES_MODIFY,)),
    "V11": ("a fill has one id here and another there", (F.OTHER_FILL_ID,)),
    "V17": ("a post-only order would have crossed", (F.POST_ONLY_CROSSES,)),
    "V18": ("429 for a new order", (F.PLACE_LIMITED, F.RATE_LIMITED)),
    "V19": ("429 for a cancel", (F.CANCEL_LIMITED,)),
    "V21": (
        "a bad answer, and whether it was obeyed nobody knows",
        (
            F.SERVER_ERROR,
            F.SERVER_ERROR_AFTER_ACCEPTANCE,
            F.HTML_AFTER_ACCEPTANCE,
            F.CUT_AFTER_ACCEPTANCE,
        ),
    ),
    "V22": ("accepted, and failed later", (F.FAILED_AFTER_ACCEPTANCE,)),
    "V24": ("a crossed book", (F.CROSSED_BOOK,)),
    "V26": ("a price or quantity that cannot be", (F.IMPOSSIBLE_NUMBER,)),
    "V27": ("a trade far from the book", (F.FAR_TRADE,)),
    "V32": ("balances come late or out of order", (F.LATE_BALANCE, F.DELAY)),
    "V35": ("a word that nobody knows", (F.UNKNOWN_STATUS, F.UNKNOWN_MESSAGE, F.UNKNOWN_ENUM)),
    "V36": (
        "a field too many, too few, or of another type",
        (F.EXTRA_FIELDS, F.MISSING_FIELD, F.NUMBER_AS_NUMBER),
    ),
    "V38": ("a public answer is a minute old", (F.STALE_ANSWER,)),
    "V39": ("the history hides orders, or shifts", (F.HISTORY_HIDES_CANCELS, F.PAGES_SHIFT)),
    "V40": ("the list of open orders is stale", (F.STALE_OPEN_ORDERS, F.LATE_LOOKUP)),
    "V41": (
        "cancel-on-disconnect comes late, or never",
        (F.LATE_CANCEL_ON_DISCONNECT, F.NO_CANCEL_ON_DISCONNECT),
    ),
}

VENUE: Mapping[str, Trouble] = {
    name: Trouble(fault=name, what=what, strike=_by_chance(name, faults), for_s=(20.0, 120.0))
    for name, (what, faults) in _BY_CHANCE.items()
}
