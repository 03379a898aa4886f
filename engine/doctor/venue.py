"""The doctor's steps that ask the venue: its clock, its status, our key, its pairs."""

import trio

from actors.watch.venue_clock import measure_offset
from config.load.checks import check_against_rules
from config.source.problems import Problem
from engine.doctor.context import DoctorContext
from engine.doctor.findings import Finding, failure, fine, warning
from engine.doctor.key import judge_key
from engine.process.exit_codes import ExitCode
from trading.core.identifiers import Pair
from trading.core.instrument import Instrument
from trading.core.listed import ListedBy, first_of
from trading.orders.request_ids import Request
from trading.readiness.clock_offset import doubt
from trading.venues.rate_limits import Priority
from trading.venues.standing import VenueStatus


async def check_clock(examination: DoctorContext) -> Finding:
    """Check this machine's clock against the venue's."""
    party, limits = examination.party, examination.settings.venue.clock_limits
    offset = await measure_offset(
        examination.rest, party.venue, examination.world.wall_clock, limits
    )
    if offset is not None:
        # Signatures have the venue's time from here on: a wrong clock is not taken for a wrong key.
        party.clock_offset.put(offset)
    reason = doubt(offset, limits)
    if offset is None or reason is not None:
        return failure(
            reason or "this machine's clock ran backwards meanwhile",
            "set this machine's clock by NTP (timedatectl set-ntp true), or use a faster network",
            code=ExitCode.TRY_AGAIN,
            blocks=False,
        )
    return fine(f"{offset.offset_ms:+.0f} ms, sure to {offset.uncertainty_ms:.0f} ms")


async def check_status(examination: DoctorContext) -> Finding:
    """Check whether the venue takes orders at all."""
    status = await examination.ask(examination.party.venue.status())
    if status is VenueStatus.READ_ONLY:
        return failure(
            "the venue is read-only: it takes no orders",
            "wait until its maintenance is over; see its status page",
            blocks=False,
        )
    return fine(f"the venue is {status.value}")


async def check_signature(examination: DoctorContext) -> Finding:
    """Check that the venue accepts our key's signatures."""
    examination.learnt.key = await examination.ask(examination.party.venue.key_info())
    return fine(f"the venue accepts the key {examination.learnt.key.label!r}")


async def check_key(examination: DoctorContext) -> Finding:
    """Check that the key has the permissions that it needs, and no more."""
    await trio.lowlevel.checkpoint()  # a step is a step, however quick
    assert examination.learnt.key is not None
    return judge_key(examination.learnt.key, examination.settings.venue)


async def check_pairs(examination: DoctorContext) -> Finding:
    """Check that each pair is traded and takes the orders that we send."""
    venue, learnt = examination.party.venue, examination.learnt
    listed = await examination.ask(venue.instruments())
    learnt.instruments = listed
    types = await examination.ask(venue.order_types())
    if unread := _unread(examination, listed, types):
        cure = "wait until the venue's list is right again, or choose another pair"
        return failure(unread, cure, code=ExitCode.TRY_AGAIN)
    problems = [problem for problem in _problems(examination) if problem.key.endswith(".pair")]
    if problems:
        return _of_the_configuration(problems)
    resting = []
    for strategy in examination.settings.strategies.values():
        taken = types.get(strategy.pair, frozenset())
        if not learnt.instruments[strategy.pair].active:
            resting.append(f"{strategy.pair} is not active")
        elif not venue.takes_quotes(taken):
            resting.append(
                f"{strategy.pair} takes no post-only orders now: it takes"
                f" {', '.join(sorted(taken)) or 'no orders at all'}"
            )
        else:
            continue
        learnt.waiting.add(strategy.pair)
    cure = "wait until the venue allows them again, or choose another pair"
    pairs = ", ".join(strategy.pair for strategy in examination.traded().values())
    if not pairs:
        return failure("; ".join(resting), cure, code=ExitCode.TRY_AGAIN)
    if resting:
        return warning(f"{'; '.join(resting)}; only {pairs} would be traded", cure)
    return fine(f"{pairs}: active, post-only orders are taken")


def _unread(
    examination: DoctorContext,
    listed: ListedBy[Pair, Instrument],
    types: ListedBy[Pair, frozenset[str]],
) -> str:
    """The unreadable rows of our pairs; empty when all can be read."""
    pairs = [strategy.pair for strategy in examination.settings.strategies.values()]
    found = (
        first_of(rows.odd, pair, listed=pair in rows) for pair in pairs for rows in (listed, types)
    )
    return next((str(row) for row in found if row is not None), "")


async def check_amounts(examination: DoctorContext) -> Finding:
    """Check that the venue's rules allow the configured amounts."""
    await trio.lowlevel.checkpoint()  # a step is a step, however quick
    problems = [problem for problem in _problems(examination) if not problem.key.endswith(".pair")]
    if problems:
        return _of_the_configuration(problems)
    rules = []
    for strategy in examination.settings.strategies.values():
        instrument = examination.learnt.instruments[strategy.pair]
        rules.append(
            f"{strategy.pair}: {instrument.quantity_min.normalize():f} to"
            f" {instrument.quantity_max.normalize():f} {instrument.base}"
        )
    return fine(f"all amounts obey the rules ({'; '.join(rules)})")


async def check_rate_limits(examination: DoctorContext) -> Finding:
    """Check that the venue's rate limits leave room for the strategies' requests at once."""
    await trio.lowlevel.checkpoint()  # a step is a step, however quick
    closed = {
        lane: use.closed_for_s
        for lane, use in examination.gate.budget.use_at(trio.current_time()).items()
        if use.closed_for_s
    }
    if closed:
        said = ", ".join(f"{lane} for {seconds:.0f} s" for lane, seconds in closed.items())
        return failure(
            f"the venue asked for silence: {said}",
            "something else uses up the rate limits with this key or from this address: end it,"
            " wait, try again",
        )
    burst = sum(
        2 * strategy.quoting.levels for strategy in examination.settings.strategies.values()
    )
    venue = examination.party.venue
    lanes = venue.request_lanes(Request.PLACE)
    tightest = min(
        (limit for limit in venue.rate_limits() if limit.lane in lanes), key=lambda x: x.maximum
    )
    room = int(tightest.maximum * Priority.NEW.share)
    said = f"at most {burst} orders at once, of {room} that fit into {tightest.window_s:g} s"
    if burst > room:
        return warning(said, "use fewer levels: the rest of them would wait for its turn")
    return fine(f"{said}; no request was turned away")


def _problems(examination: DoctorContext) -> list[Problem]:
    rules = {str(pair): rules for pair, rules in examination.learnt.instruments.items()}
    return check_against_rules(examination.settings, rules)


def _of_the_configuration(problems: list[Problem]) -> Finding:
    return failure(
        "; ".join(f"{problem.key}: {problem.message}" for problem in problems),
        "; ".join(problem.cure for problem in problems),
        code=ExitCode.CONFIGURATION,
    )
