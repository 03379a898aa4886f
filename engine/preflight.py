"""The last look before trading: whether the venue's own rules allow what the settings ask for."""

import structlog
import trio

from actors.rate_gate import RateGate
from actors.venue_rest import VenueRest
from config.checks import check_against_rules
from config.problems import ConfigurationProblems
from config.settings import Settings
from engine.counterparty import Counterparty
from engine.running import StopRequest
from engine.world import World
from trading.errors import Fatal, FatalReason, MalformedFrame, Outage
from trading.rate_limits import RateBudget

log = structlog.get_logger()

_PAUSE_S = 2.0
"""Between two attempts: the list of pairs may be asked for 30 times a minute."""


async def check_with_the_venue(
    settings: Settings, world: World, party: Counterparty, stop: StopRequest
) -> None:
    """
    Compare the settings with a real venue's pairs; the simulated one's were compared on loading.

    A stop that is asked for meanwhile ends the look.

    Raises:
        ConfigurationProblems: They do not fit.
        Fatal: The venue was not reached for as long as the settings allow.
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
                listed = await rest.call(party.venue.instruments())
            except (Outage, MalformedFrame) as error:
                cause = str(error)
                log.warning("venue_not_reached", cause=cause, retry_in_s=_PAUSE_S)
                await trio.sleep(_PAUSE_S)
                continue
            rules = {str(pair): instrument for pair, instrument in listed.items()}
            problems = check_against_rules(settings, rules)
            if problems:
                raise ConfigurationProblems(problems)
            return
    if stop.asked:
        return
    raise Fatal(
        f"{party.name} was not reached within {settings.engine.give_up_after_s:g} s: {cause}",
        FatalReason.VENUE_UNAVAILABLE,
    )
