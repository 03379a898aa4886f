"""The catalogue of faults at the venue and on its wire, each with the ways to cause it."""

from collections.abc import Mapping

import attrs

from trading.venues.valr.simulator.core.fault_plan import Fault
from trading.venues.valr.simulator.faults.events import VenueEvent


@attrs.frozen
class Entry:
    """
    One fault of the catalogue.

    Args:
        says: What goes wrong, in one sentence.
        ways: Each of these causes it.
    """

    says: str
    ways: tuple[Fault | VenueEvent, ...]


def _entry(says: str, *ways: Fault | VenueEvent) -> Entry:
    return Entry(says, ways)


CATALOGUE: Mapping[str, Entry] = {
    "N06": _entry("A connection ends without a Close frame.", Fault.CUT, VenueEvent.FILL_AND_CUT),
    "N07": _entry(
        "The venue closes sockets with 1000 or 1001 while orders are live.",
        VenueEvent.CLOSE_ACCOUNT_SOCKETS,
        VenueEvent.CLOSE_TRADE_SOCKETS,
    ),
    "N08": _entry("A new socket is closed with 1007: bad signature.", Fault.BAD_SIGNATURE),
    "N14": _entry("A message is lost.", Fault.SEQUENCE_GAP, Fault.DROP),
    "N15": _entry("A frame comes twice.", Fault.BOOK_TWICE, Fault.DUPLICATE),
    "N16": _entry(
        "Frames come in another order than things happened.",
        Fault.REORDER,
        Fault.FILL_BEFORE_ACKNOWLEDGEMENT,
        Fault.DELAY,
    ),
    "N17": _entry("The numbers of a book have a gap.", Fault.SEQUENCE_GAP),
    "N18": _entry("The checksum of a book is wrong.", Fault.WRONG_CHECKSUM),
    "N19": _entry("The snapshot of a book never comes.", Fault.MISSING_SNAPSHOT),
    "N20": _entry("Changes of a book come before its snapshot.", Fault.LATE_SNAPSHOT),
    "N21": _entry("A ping has no pong.", Fault.PONG_WITHHELD, Fault.HALF_OPEN),
    "N23": _entry("The upgrade is refused with 401 or 403.", Fault.UPGRADE_FORBIDDEN),
    "N24": _entry("The upgrade is refused with 429 and Retry-After.", Fault.UPGRADE_LIMITED),
    "N25": _entry("The upgrade is refused with 502, 503 or 504.", Fault.UPGRADE_UNAVAILABLE),
    "N34": _entry(
        "An answer comes with HTML, half a body, a wrong charset or content type.",
        Fault.HTML_AFTER_ACCEPTANCE,
        Fault.HTML_ANSWER,
        Fault.TRUNCATED_ANSWER,
        Fault.WRONG_CHARSET,
        Fault.WRONG_CONTENT_TYPE,
    ),
    "N35": _entry("A request is redirected to a captive portal.", Fault.REDIRECT),
    "N39": _entry(
        "One of the two sockets is gone, the other is not.",
        VenueEvent.CLOSE_ACCOUNT_SOCKETS,
        VenueEvent.CLOSE_TRADE_SOCKETS,
    ),
    "V01": _entry("An order is accepted, its acknowledgement lost.", Fault.LOST_ACKNOWLEDGEMENT),
    "V02": _entry("An acknowledgement comes after 30 s.", Fault.LATE_ACKNOWLEDGEMENT),
    "V03": _entry("A fill comes before its acknowledgement.", Fault.FILL_BEFORE_ACKNOWLEDGEMENT),
    "V04": _entry(
        "A fill comes while its placement has no readable answer.",
        Fault.SERVER_ERROR_AFTER_ACCEPTANCE,
        Fault.CUT_AFTER_ACCEPTANCE,
    ),
    "V05": _entry(
        "A fill wins against a cancel, or a modify.",
        Fault.FILL_RACES_CANCEL,
        Fault.FILL_RACES_MODIFY,
    ),
    "V06": _entry("A part is filled before a cancel.", Fault.PARTIAL_FILL_RACES_CANCEL),
    "V07": _entry("A cancel that was taken does not cancel.", Fault.FILL_RACES_CANCEL),
    "V08": _entry(
        "A cancel names an order that the venue does not have any more.",
        VenueEvent.DROP_ORDERS_SILENTLY,
    ),
    "V09": _entry("A part is filled, and the connection is gone.", VenueEvent.FILL_AND_CUT),
    "V10": _entry("The same fill comes twice.", Fault.DUPLICATE),
    "V11": _entry("A fill has two ids: on the socket and by REST.", Fault.OTHER_FILL_ID),
    "V12": _entry("A fill belongs to an order that we never sent.", VenueEvent.TRADE_BY_HAND),
    "V13": _entry("An order is open that we never sent.", VenueEvent.ORDER_BY_HAND),
    "V14": _entry("The smallest order is larger than it was.", VenueEvent.RAISE_MINIMUMS),
    "V15": _entry("The price step is coarser than it was.", VenueEvent.COARSEN_TICK),
    "V16": _entry("There is not enough money for an order.", VenueEvent.WITHDRAW),
    "V17": _entry("A post-only order would have matched.", Fault.POST_ONLY_CROSSES),
    "V18": _entry("A new order is answered with 429.", Fault.PLACE_LIMITED, Fault.RATE_LIMITED),
    "V19": _entry("A cancel is answered with 429.", Fault.CANCEL_LIMITED, Fault.RATE_LIMITED),
    "V20": _entry(
        "The body of a 429 is HTML, as the rules have it.",
        Fault.RATE_LIMITED,
        Fault.PLACE_LIMITED,
        Fault.CANCEL_LIMITED,
    ),
    "V21": _entry(
        "A new order is answered with 5xx.",
        Fault.SERVER_ERROR,
        Fault.SERVER_ERROR_AFTER_ACCEPTANCE,
    ),
    "V22": _entry("An order that was taken fails.", Fault.FAILED_AFTER_ACCEPTANCE),
    "V23": _entry("Some requests of a batch are refused.", Fault.BATCH_LEG_REFUSED),
    "V24": _entry("A book is crossed or locked.", Fault.CROSSED_BOOK),
    "V25": _entry(
        "A side of the book is empty, or has one level.",
        VenueEvent.EMPTY_SIDE,
        VenueEvent.SINGLE_LEVEL,
    ),
    "V26": _entry("A number of a book is impossible.", Fault.IMPOSSIBLE_NUMBER),
    "V27": _entry("A trade is told far from the book.", Fault.FAR_TRADE),
    "V28": _entry(
        "A pair is suspended, or allows other orders.",
        VenueEvent.SUSPEND_PAIR,
        VenueEvent.RESTRICT_ORDER_TYPES,
    ),
    "V29": _entry("The venue is read-only.", VenueEvent.READ_ONLY),
    "V30": _entry(
        "The venue drops orders that rested.",
        VenueEvent.DROP_ORDERS,
        VenueEvent.DROP_ORDERS_SILENTLY,
    ),
    "V32": _entry("A balance comes late, or after a newer one.", Fault.LATE_BALANCE),
    "V33": _entry(
        "Fees or rules change in mid-run.",
        VenueEvent.CHANGE_FEES,
        VenueEvent.RAISE_MINIMUMS,
        VenueEvent.COARSEN_TICK,
    ),
    "V34": _entry(
        "Something that is needed to begin is not there for minutes.",
        VenueEvent.WITHHOLD_BALANCES,
        VenueEvent.WITHHOLD_PAIRS,
        VenueEvent.WITHHOLD_ORDER_TYPES,
        VenueEvent.WITHHOLD_OPEN_ORDERS,
    ),
    "V35": _entry(
        "A status, a message or an enum is unknown.",
        Fault.UNKNOWN_STATUS,
        Fault.UNKNOWN_MESSAGE,
        Fault.UNKNOWN_ENUM,
    ),
    "V36": _entry(
        "A field is too many, missing, or a number instead of text.",
        Fault.EXTRA_FIELDS,
        Fault.MISSING_FIELD,
        Fault.NUMBER_AS_NUMBER,
    ),
    "V37": _entry("The clocks differ by up to 30 s.", VenueEvent.CLOCK_WRONG),
    "V38": _entry("A public answer is up to a minute old.", Fault.STALE_ANSWER),
    "V39": _entry(
        "A history hides cancels, or shifts while it is read.",
        Fault.HISTORY_HIDES_CANCELS,
        Fault.PAGES_SHIFT,
    ),
    "V40": _entry(
        "What is told of open orders is old: a list, or that there is no such order.",
        Fault.LATE_LOOKUP,
        Fault.STALE_OPEN_ORDERS,
        VenueEvent.WITHHOLD_OPEN_ORDERS,
    ),
    "V41": _entry(
        "Cancel-on-disconnect comes late, or never.",
        Fault.LATE_CANCEL_ON_DISCONNECT,
        Fault.NO_CANCEL_ON_DISCONNECT,
    ),
    "V43": _entry("New quotes meet old ones in a burst of fills.", VenueEvent.TOXIC_FLOW),
    "V44": _entry("An order is filled by more than its quantity.", VenueEvent.OVERFILL),
    "V46": _entry("The market moves by 20 % within a second.", VenueEvent.FLASH_MOVE),
    "V47": _entry("Fill after fill comes on one side.", VenueEvent.TOXIC_FLOW),
}
"""By id. The network's own faults, and those of processes and disks, are not the venue's."""

NOT_THE_VENUES: Mapping[str, str] = {
    "V31": "The engine starts anew with orders open: whoever runs the engine does that.",
    "V42": "A cancel of everything would hit orders by hand (V13): what the engine sends decides.",
    "V45": "VALR's protocol has no message for a trade that is taken back.",
}
"""Ids of the catalogue that the venue cannot cause, and why."""
