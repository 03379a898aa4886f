"""The last look before trading: whether the venue's rules and our key allow what is asked for."""

import structlog
import trio

from actors.rate_gate import RateGate
from actors.venue_clock import measure_offset
from actors.venue_rest import VenueRest
from config.checks import check_against_rules
from config.problems import ConfigurationProblems
from config.settings import Settings
from engine.counterparty import Counterparty
from engine.findings import Verdict
from engine.key_check import judge_key, unknown_key
from engine.running import StopRequest
from engine.venue_checks import clock_limits
from engine.world import World
from trading.errors import Fatal, FatalReason, Outage, Rejected
from trading.rate_limits import RateBudget

log = structlog.get_logger()

_PAUSE_S = 2.0
"""Between two attempts: the list of pairs may be asked for 30 times a minute."""


async def check_with_the_venue(
    settings: Settings, world: World, party: Counterparty, stop: StopRequest
) -> None:
    """
    Compare the settings with a real venue's pairs, and look at the key.

    A simulated venue's pairs were compared on loading, and its key is ours. A stop that is asked
    for meanwhile ends the look.

    Raises:
        ConfigurationProblems: The settings do not fit.
        Fatal: The venue was not reached for as long as the settings allow; or the key is none to
            trade with.
    """
    if party.exchange is not None:
        return
    rest = VenueRest(
        party.venue,
        world.network,
        party.rest,
        answer_deadline_s=settings.venue.answer_deadline_s,
        gate=RateGate(RateBudget(party.venue.rate_limits())),
    )
    cause = "no answer"
    with trio.move_on_after(settings.engine.give_up_after_s):
        while not stop.asked:
            try:
                await _look_at_pairs(settings, party, rest)
                await _look_at_key(settings, world, party, rest)
            except Outage as error:
                cause = str(error)
                log.warning("venue_not_reached", cause=cause, retry_in_s=_PAUSE_S)
                await trio.sleep(_PAUSE_S)
                continue
            return
    if stop.asked:
        return
    raise Fatal(
        f"{party.name} was not reached within {settings.engine.give_up_after_s:g} s: {cause}",
        FatalReason.VENUE_UNAVAILABLE,
    )


async def _look_at_pairs(settings: Settings, party: Counterparty, rest: VenueRest) -> None:
    listed = await rest.call(party.venue.instruments())
    rules = {str(pair): instrument for pair, instrument in listed.items()}
    problems = check_against_rules(settings, rules)
    if problems:
        raise ConfigurationProblems(problems)


async def _look_at_key(
    settings: Settings, world: World, party: Counterparty, rest: VenueRest
) -> None:
    limits = clock_limits(settings.venue)
    offset = await measure_offset(rest, party.venue, world.wall_clock, limits)
    if offset is not None:
        party.clock_offset.put(offset)  # a signature with a wrong date would blame the key
    try:
        found = judge_key(await rest.call(party.venue.key_info()), settings.venue)
    except Rejected as error:
        found = unknown_key(str(error), settings.venue)
    if found.verdict is Verdict.FAILURE:
        raise Fatal(f"{found.evidence}; nothing was started: {found.cure}")
    if found.verdict is Verdict.WARNING:
        log.warning("key_permissions", evidence=found.evidence, cure=found.cure)
    else:
        log.info("key_permissions", evidence=found.evidence)
