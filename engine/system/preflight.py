"""The preflight check: whether the venue's rules and our key allow the settings."""

from collections.abc import Mapping

import structlog
import trio

from actors.net.venue_rest import VenueRest
from actors.watch.venue_clock import measure_offset
from config.load.checks import check_against_rules, unknown_pairs
from config.settings import Settings
from config.source.problems import ConfigurationProblems
from engine.doctor.findings import Verdict
from engine.doctor.key import judge_key, unknown_key
from engine.environment.state_folder import ledger_path
from engine.environment.venue_clients import venue_clients
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.system.running import StopRequest
from trading.core.errors import Fatal, FatalReason, Outage, Rejected
from trading.core.identifiers import Pair, StrategyName
from trading.core.listed import first_of
from trading.journal import reading
from trading.readiness.clock_offset import doubt

log = structlog.get_logger()

_PAUSE_S = 2.0
"""Between two attempts: the list of pairs may be asked for 30 times a minute."""


async def check_with_the_venue(
    settings: Settings, world: World, party: VenueConnection, stop: StopRequest
) -> None:
    """
    Compare the settings with a real venue's pairs, and look at our clock and at the key.

    A simulated venue's pairs were compared on loading, and its key is ours. A stop that is asked
    for meanwhile ends the look. A pair that is suspended or was delisted is only told: its strategy
    waits, and the others trade.

    Raises:
        ConfigurationProblems: The settings do not fit.
        Fatal: The venue was not reached for as long as the settings allow; the key is none to
            trade with; or, ``PASSING``, no pair can be traded now or this machine's clock is wrong.
    """
    if party.exchange is not None:
        return
    rest = venue_clients(party, settings.venue, world).rest
    cause, told = "no answer", ""
    with trio.move_on_after(settings.engine.give_up_after_s), stop.breaks_off():
        while True:
            try:
                await _look_at_pairs(settings, world, party, rest)
                await _look_at_key(settings, world, party, rest)
            except Outage as error:
                cause = str(error)
                if cause != told:
                    log.warning("venue_not_reached", cause=cause, retry_in_s=_PAUSE_S)
                told = cause
                await trio.sleep(_PAUSE_S)
                continue
            return
    if stop.asked:
        return
    raise Fatal(
        f"{party.name} was not reached within {settings.engine.give_up_after_s:g} s: {cause};"
        " nothing was started: see to the network and to venue.rest_url (engine doctor CONFIG tells"
        " how far it comes), then start again; engine.give_up_after_s sets how long it is tried",
        FatalReason.VENUE_UNAVAILABLE,
    )


async def _look_at_pairs(
    settings: Settings, world: World, party: VenueConnection, rest: VenueRest
) -> None:
    listed = await rest.call(party.venue.instruments())
    rules = {str(pair): instrument for pair, instrument in listed.items()}
    waiting = {
        name: f"{strategy.pair} is not active"
        for name, strategy in settings.strategies.items()
        if (known := rules.get(strategy.pair)) is not None and not known.active
    }
    for name, strategy in settings.strategies.items():
        odd = first_of(listed.odd, strategy.pair, listed=strategy.pair in listed)
        if odd is not None:
            waiting[name] = str(odd)  # not known, which is not the same as not there
    unknown = {n: pair for n, pair in unknown_pairs(settings, rules).items() if n not in waiting}
    if unknown:
        waiting |= await _delisted(settings, world, unknown)
    excused = {f"strategies.{name}.pair" for name in waiting}
    problems = [each for each in check_against_rules(settings, rules) if each.key not in excused]
    if problems:
        raise ConfigurationProblems(problems)
    for name, why in waiting.items():
        log.warning("pair_waits", strategy=name, reason=why)
    if len(waiting) == len(settings.strategies):
        raise Fatal(
            f"no pair can be traded now: {'; '.join(waiting.values())}; nothing was started:"
            " try again once the venue trades one, or choose another",
            FatalReason.PASSING,
        )


async def _delisted(
    settings: Settings, world: World, unknown: Mapping[StrategyName, Pair]
) -> dict[StrategyName, str]:
    """Unlisted pairs that the venue once listed, and which are no typing errors."""
    store = await world.disk.open_ledger(ledger_path(settings.engine))
    try:
        traded = await store.read(reading.currencies)
    finally:
        await store.aclose()
    return {
        name: f"the venue does not list {pair} any more"
        for name, pair in unknown.items()
        if pair in traded
    }


async def _look_at_key(
    settings: Settings, world: World, party: VenueConnection, rest: VenueRest
) -> None:
    limits = settings.venue.clock_limits
    offset = await measure_offset(rest, party.venue, world.wall_clock, limits)
    if offset is not None:
        party.clock_offset.put(offset)  # a signature with a wrong date would blame the key
        if abs(offset.offset_ms) > limits.offset_max_ms:
            raise Fatal(
                f"{doubt(offset, limits)} (timedatectl set-ntp true); nothing was started, for"
                " nothing would be quoted",
                FatalReason.PASSING,
            )
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
