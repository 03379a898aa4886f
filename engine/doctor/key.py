"""Judges whether a key is fit to trade with, for the doctor and for a live start."""

from config.settings import VenueSettings
from engine.doctor.findings import Finding, failure, fine, warning
from engine.process.exit_codes import ExitCode
from trading.venues.standing import KeyInfo

_MAKE_ANOTHER = "make another key at the venue, with the permissions to view and to trade only"


def judge_key(key: KeyInfo, venue: VenueSettings) -> Finding:
    """
    The finding about a key.

    A key that could send the money away is refused unless the settings allow it: who stole it from
    this machine could take more than the strategies may lose.
    """
    may = ", ".join(sorted(key.permissions)) or "nothing"
    if not (key.views and key.trades):
        missing = "trade" if key.views else "view the account"
        return _refused(f"the key may not {missing}: it may {may}", _MAKE_ANOTHER)
    if key.withdraws and not venue.allow_withdraw_permission:
        return _refused(
            f"the key may withdraw money: it may {may}",
            f"{_MAKE_ANOTHER}; to trade with this one all the same, set"
            " venue.allow_withdraw_permission = true",
        )
    doubts = []
    if key.withdraws:
        doubts.append("it may withdraw money, which the configuration allows")
    if key.more:
        doubts.append(f"trading needs no {', '.join(sorted(key.more))}")
    if key.addresses is None and not venue.simulated:
        doubts.append("it works from any address")
    if doubts:
        return warning(
            f"the key may {may}; {'; '.join(doubts)}",
            f"{_MAKE_ANOTHER}, bound to this machine's address",
        )
    bound = "" if key.addresses is None else f", from {key.addresses} only"
    return fine(f"the key may {may}{bound}")


def unknown_key(reason: str, venue: VenueSettings) -> Finding:
    """The finding about a key whose permissions the venue does not tell."""
    evidence = f"the venue does not say what the key may do: {reason}"
    if venue.allow_withdraw_permission:
        return warning(evidence, "see for yourself at the venue that it may not withdraw")
    return _refused(
        evidence,
        "see for yourself at the venue that it may not withdraw, then set"
        " venue.allow_withdraw_permission = true",
    )


def _refused(evidence: str, cure: str) -> Finding:
    return failure(evidence, cure, code=ExitCode.KEY_OR_PERMISSION, blocks=False)
