"""Checks between settings, and between settings and the venue's trading rules."""

from collections.abc import Iterator, Mapping

import attrs

from config.load.reading import Complaint
from config.rules.rules import nearest_cure
from config.sections.alerts import AlertSettings
from config.sections.engine import EngineSettings
from config.sections.log import LogSettings
from config.sections.recording import RecordingSettings
from config.sections.simulator import Flow, SimulatorSettings
from config.settings import Settings, VenueSettings
from config.source.files import Files
from config.source.locator import KeyPath
from config.source.problems import Problem, Refused, dotted
from config.strategies.base import StrategySettings
from config.strategies.kinds import raised_in_words
from trading.core.identifiers import Pair, StrategyName, longest_id
from trading.core.instrument import Instrument

Instruments = Mapping[str, Instrument]
Strategies = Mapping[StrategyName, StrategySettings]

_USUAL_MINIMUM_REFRESH_S = 1.0
_DATASET_FILE = "meta.json"
"""By this a folder is known to be a dataset."""


@attrs.frozen(kw_only=True)
class Parts:
    """
    The sections of one configuration that could be read; ``None`` for one that could not.

    So an error between two sound sections is reported along with a broken third. A strategy that
    is broken in part is included too, with stand-ins for its broken keys.
    """

    engine: EngineSettings | None
    log: LogSettings | None
    venue: VenueSettings | None
    simulator: SimulatorSettings | None
    recording: RecordingSettings | None
    alerts: AlertSettings | None
    strategies: Strategies


def complaints_between(
    parts: Parts, overridden: tuple[KeyPath, ...], files: Files
) -> Iterator[Complaint]:
    """
    All complaints about settings that do not fit each other.

    Args:
        parts: The sections that could be read.
        overridden: Keys of the simulator's that were given on the command line.
        files: The disk with the recordings.
    """
    if parts.engine is not None:
        yield from _refreshed_too_fast(parts.strategies, parts.engine)
    if parts.venue is None:
        return
    if parts.engine is not None:
        yield from _too_long_names(parts.strategies, parts.engine, parts.venue)
    yield from _only_looked_at(parts.venue)
    if parts.venue.simulated:
        yield from missing_recordings(parts.simulator, files)
    else:
        yield from _only_for_simulation(parts.engine, overridden)
        yield from _missing_money_limits(parts.strategies)


def complaints_about_pairs(strategies: Strategies, instruments: Instruments) -> Iterator[Complaint]:
    """All complaints about strategies that do not fit the venue's rules, trading or not."""
    for name, strategy in strategies.items():
        path = ("strategies", name)
        instrument = instruments.get(strategy.pair)
        if instrument is None:
            yield (*path, "pair"), _unknown_pair(strategy.pair, instruments)
            continue
        for refused in _misfits(strategy, instrument):
            yield (*path, *refused.key), refused
        for key, other in strategy.other_pairs.items():
            if other not in instruments:
                yield (*path, key), _unknown_pair(other, instruments)


def resting_pairs(strategies: Strategies, instruments: Instruments) -> Iterator[Complaint]:
    """
    The pairs that the venue lists and does not trade now.

    With a real venue that may be over at any time: such a strategy waits.
    """
    for name, strategy in strategies.items():
        instrument = instruments.get(strategy.pair)
        if instrument is not None and not instrument.active:
            yield (
                ("strategies", name, "pair"),
                Refused(f"{strategy.pair} is not active", "choose a pair that is traded now"),
            )


def _misfits(strategy: StrategySettings, instrument: Instrument) -> list[Refused]:
    try:
        return list(strategy.misfits(instrument))
    except BaseException as error:  # noqa: BLE001  # it may be another package's code
        why = raised_in_words(error, type(strategy))
        return [
            Refused(
                f"{strategy.kind!r} does not say whether it fits {instrument.pair}: {why}",
                "tell the author of this kind of strategy",
            )
        ]


def check_against_rules(settings: Settings, instruments: Instruments) -> list[Problem]:
    """
    All complaints about a configuration that does not fit a venue's trading rules, unordered.

    Args:
        settings: Sound in themselves.
        instruments: All of the venue's, by symbol.
    """
    return [
        settings.source.problem(path, refused)
        for path, refused in complaints_about_pairs(settings.strategies, instruments)
    ]


def unknown_pairs(settings: Settings, instruments: Instruments) -> dict[StrategyName, Pair]:
    """The pairs that the venue does not list at all, by strategy."""
    traded = {name: strategy.pair for name, strategy in settings.strategies.items()}
    return {name: pair for name, pair in traded.items() if pair not in instruments}


def simulated_instruments(
    built_in: Instruments, simulator: SimulatorSettings
) -> dict[str, Instrument]:
    """The simulated exchange's pairs: its own, and those that the file adds or replaces."""
    added: dict[str, Instrument] = {
        pair: settings.instrument(pair) for pair, settings in simulator.pairs.items()
    }
    return {**built_in, **added}


def unused_balances(simulator: SimulatorSettings, known: Instruments) -> Iterator[Complaint]:
    """Balances of a currency that no simulated pair has: its name is a mistake."""
    currencies = {c for each in known.values() for c in (each.base, each.quote)}
    for currency in simulator.balances:
        if currency not in currencies:
            yield (
                ("simulator", "balances", currency),
                Refused("is the currency of no simulated pair", nearest_cure(currency, currencies)),
            )


def recording_complaints(simulator: SimulatorSettings, known: Instruments) -> Iterator[Complaint]:
    """Whether the pair that a recording is replayed as exists, and those that end some time."""
    pair = simulator.recording_pair
    if pair is not None and pair not in known:
        yield ("simulator", "recording_pair"), _unknown_pair(pair, known)
    for ended in simulator.rules.deactivations:
        if ended not in known:
            path = ("simulator", "rules", "deactivations", ended)
            yield path, _unknown_pair(ended, known)


def _refreshed_too_fast(strategies: Strategies, engine: EngineSettings) -> Iterator[Complaint]:
    minimum = engine.minimum_order_refresh_time
    for name, strategy in strategies.items():
        if strategy.order_refresh_time < minimum:
            yield (
                ("strategies", name, "order_refresh_time"),
                Refused(
                    f"{strategy.order_refresh_time:g} s is below the minimum of {minimum:g} s",
                    f"give at least {minimum:g}; with the simulated exchange "
                    "engine.minimum_order_refresh_time may be lowered",
                ),
            )


def _too_long_names(
    strategies: Strategies, engine: EngineSettings, venue: VenueSettings
) -> Iterator[Complaint]:
    """Both names are part of every client order id, whose length the venue bounds."""
    kind = venue.known
    if kind.trading is None:
        return
    for name in strategies:
        too_many = longest_id(engine.name, name) - kind.client_order_id_length_max
        if too_many > 0:
            yield (
                ("strategies", name),
                Refused(
                    f"makes ids of orders too long for {kind.title} with the engine's name",
                    f"shorten this name or engine.name by {too_many}",
                ),
            )


def _only_looked_at(venue: VenueSettings) -> Iterator[Complaint]:
    kind = venue.known
    if kind.trading is None:
        yield (
            ("venue", "kind"),
            Refused(
                f"there is only market data of {kind.title} here, nothing that trades",
                f'trade on another venue; price_source_exchange = "{kind.name}" quotes around'
                f" {kind.title}'s prices",
            ),
        )


def _missing_money_limits(strategies: Strategies) -> Iterator[Complaint]:
    for name, strategy in strategies.items():
        path = ("strategies", name, "limits")
        for key, refused in strategy.limits.missing(dotted(path)):
            yield (*path, key), refused


def missing_recordings(simulator: SimulatorSettings | None, files: Files) -> Iterator[Complaint]:
    """Whether the files of a recording are there, where one is to be replayed."""
    if simulator is None or simulator.flow is not Flow.RECORDING:
        return
    for path in simulator.recording:
        dataset = files.is_file(f"{path}/{_DATASET_FILE}")
        if not dataset and not files.is_file(path):
            yield (
                ("simulator", "recording"),
                Refused(
                    f'there is no file "{path}", and no dataset',
                    "name the file of a recording, or the folder of a dataset",
                ),
            )
        elif dataset and len(simulator.recording) > 1:
            yield (
                ("simulator", "recording"),
                Refused(f"{path} is a dataset, and there are others beside it", "name it alone"),
            )


def _only_for_simulation(
    engine: EngineSettings | None, overridden: tuple[KeyPath, ...]
) -> Iterator[Complaint]:
    if engine is not None and engine.minimum_order_refresh_time < _USUAL_MINIMUM_REFRESH_S:
        yield (
            ("engine", "minimum_order_refresh_time"),
            Refused(
                f"{engine.minimum_order_refresh_time:g} s is only for the simulated exchange",
                f"give at least {_USUAL_MINIMUM_REFRESH_S:g}, or leave the venue's URLs out",
            ),
        )
    for path in overridden:
        # In the file such a key waits for the day the URLs are gone; on the command line the user
        # believes that this run is a simulation.
        yield (
            path,
            Refused(
                "has no effect: the venue's URLs name a real exchange",
                "leave the URLs out to trade with the simulated exchange",
            ),
        )


def _unknown_pair(pair: Pair, instruments: Instruments) -> Refused:
    swapped = [
        symbol
        for symbol, instrument in instruments.items()
        if f"{instrument.quote}{instrument.base}" == pair
    ]
    if swapped:
        return Refused(
            f"{pair} is not traded here", f"did you mean {swapped[0]}? The base currency goes first"
        )
    return Refused(f"{pair} is not traded here", nearest_cure(pair, instruments))
