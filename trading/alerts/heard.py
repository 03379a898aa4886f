"""Events of the log that a person has to know of, and the kind of alert that each is."""

from trading.alerts.alert import AlertKind

KINDS = {
    "halt_not_flat": AlertKind.NOT_FLAT,
    "side_stopped": AlertKind.NOT_QUOTING,
    "dead_letter": AlertKind.LEDGER,
    "session_end_not_recorded": AlertKind.LEDGER,
    "log_destination_failed": AlertKind.DISK,
    "recording_ended": AlertKind.DISK,
    "conformance_difference": AlertKind.CONFORMANCE,
}

_WORDS = {
    "halt_not_flat": "halted, but orders may be left at the venue: look there",
    "side_stopped": "one side places no more orders until a halt was lifted",
    "dead_letter": "an entry that the ledger failed at twice was left out",
    "session_end_not_recorded": "the ledger did not take the session's end",
    "log_destination_failed": "the log cannot be written",
    "recording_ended": "the session's recording has ended",
    "conformance_difference": "the venue does what it should not, or we do",
}


def words(event: str) -> str:
    """What an event means, in words."""
    return _WORDS.get(event, event.replace("_", " "))
