"""Loads settings from a file, overrides and an environment, or reports all that is wrong."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import attrs

from config.credentials import Credentials, Secret, SecretReference, key_trouble, resolve
from config.load.checks import (
    Instruments,
    Parts,
    complaints_about_pairs,
    complaints_between,
    missing_recordings,
    recording_complaints,
    resting_pairs,
    simulated_instruments,
    unused_balances,
)
from config.load.mending import mended
from config.load.reading import Reading
from config.load.structuring import structure
from config.rules.rules import Name, nearest_cure, shown
from config.sections.alerts import AlertSettings
from config.sections.recording import RecordingSettings
from config.sections.simulator import SimulatorSettings
from config.settings import Settings, VenueSettings
from config.source.files import DISK, Files
from config.source.locator import KeyPath
from config.source.problems import Refused
from config.source.source import Source, Table, read_source
from config.strategies.base import StrategySettings
from config.strategies.kinds import StrategyKind, StrategyKinds, failure, installed, try_out
from trading.core.identifiers import StrategyName

T = TypeVar("T")

_USUAL_KIND = "pure_market_making"
_SECTIONS = ("engine", "log", "web", "venue", "simulator", "recording", "alerts", "strategies")
_RECORDED = "the recorded configuration"


def load(
    path: str,
    overrides: Sequence[str],
    environment: Mapping[str, str],
    *,
    files: Files = DISK,
    simulated_pairs: Callable[[], Instruments] | None = None,
    kinds: StrategyKinds | None = None,
    simulated: bool = False,
) -> Settings:
    """
    Read a configuration.

    Args:
        path: A TOML file. Relative paths in it, and in overrides, begin at its folder.
        overrides: ``dotted.key=value`` texts; they go before the file, later ones before earlier.
        environment: Where keys given by reference may be kept.
        files: The disk.
        simulated_pairs: Fetches the simulated exchange's own trading rules, by symbol. With them, a
            configuration for it is checked against the rules along with all else; for a real
            venue they are not fetched: that is ``check_against_rules``, once its pairs are known.
        kinds: The strategies that may be asked for; ``None`` for all that are installed.
        simulated: Take the simulated exchange in place of whichever venue is named; no key is
            looked for.

    Raises:
        ConfigurationProblems: Something is wrong; it holds everything that is.
    """
    document, source = read_source(path, overrides, files)
    if simulated:
        document = _without_a_venue(document)
    loading = _Loading(name=path, environment=environment, files=files, kinds=kinds or installed())
    parts = loading.read_parts(document)
    loading.complain(complaints_between(parts, source.overrides_below(("simulator",)), files))
    if simulated_pairs is not None:
        loading.check_simulated_pairs(parts, simulated_pairs)
    credentials = loading.credentials(parts.venue)
    loading.sound(parts, source)
    assert parts.engine is not None
    assert parts.log is not None
    assert parts.venue is not None
    assert parts.simulator is not None
    assert parts.recording is not None
    assert parts.alerts is not None
    return Settings(
        engine=parts.engine,
        log=parts.log,
        venue=parts.venue,
        simulator=parts.simulator,
        recording=parts.recording,
        alerts=parts.alerts,
        strategies=parts.strategies,
        credentials=credentials,
        source=source,
    )


def strategies_of(
    document: Table, overrides: frozenset[KeyPath], *, files: Files, kinds: StrategyKinds
) -> Mapping[StrategyName, StrategySettings]:
    """
    Read the strategies of a document that is no file; nothing else need be there.

    Args:
        overrides: Keys in it that were given on the command line.

    Raises:
        ConfigurationProblems: Something is wrong; it holds everything that is.
    """
    loading = _Loading(name=_RECORDED, files=files, kinds=kinds)
    strategies = loading.strategies(document.get("strategies", {}))
    return loading.sound(strategies, Source(name=_RECORDED, places={}, overrides=overrides))


def _without_a_venue(document: Table) -> Table:
    venue = document.get("venue")
    if not isinstance(venue, dict):
        return document
    real = ("rest_url", "websocket_url", "credentials")
    kept = {key: value for key, value in venue.items() if key not in real}
    return {**document, "venue": kept}


def load_simulator(
    path: str, overrides: Sequence[str], simulated_pairs: Instruments, *, files: Files = DISK
) -> SimulatorSettings:
    """
    Read a configuration's simulated exchange; nothing else need be sound.

    Args:
        path: A TOML file; its table ``[simulator]`` is read.
        overrides: As of ``load``.
        simulated_pairs: The simulated exchange's own trading rules, by symbol.

    Raises:
        ConfigurationProblems: Something is wrong; it holds everything that is.
    """

    def part(loading: _Loading, document: Table) -> SimulatorSettings | None:
        simulator = loading.simulator(document)
        loading.check_recording(simulator, simulated_pairs)
        return simulator

    return _Loading(name=path, files=files).load(overrides, part)


@attrs.frozen(kw_only=True)
class MarketSettings:
    """The settings for public market data: no strategy, and no key."""

    venue: VenueSettings
    simulator: SimulatorSettings


def load_market(
    path: str, overrides: Sequence[str], simulated_pairs: Instruments, *, files: Files = DISK
) -> MarketSettings:
    """
    Read the source of a configuration's market data; nothing else need be sound.

    Args:
        path: A TOML file; its tables ``[venue]`` and ``[simulator]`` are read, no key is fetched.
        overrides: As of ``load``.
        simulated_pairs: The simulated exchange's own trading rules, by symbol.

    Raises:
        ConfigurationProblems: Something is wrong; it holds everything that is.
    """

    def part(loading: _Loading, document: Table) -> MarketSettings | None:
        venue, simulator = loading.venue(document), loading.simulator(document)
        if venue is None or simulator is None:
            return None
        if venue.simulated:
            loading.check_recording(simulator, simulated_pairs)
        return MarketSettings(venue=venue, simulator=simulator)

    return _Loading(name=path, files=files).load(overrides, part)


@attrs.frozen(kw_only=True)
class _Loading(Reading):
    """One reading of the whole document."""

    environment: Mapping[str, str] = attrs.field(factory=dict)
    kinds: StrategyKinds = attrs.field(factory=installed)

    def read_parts(self, document: Table) -> Parts:
        for section in document:
            if section not in _SECTIONS:
                refused = Refused("is not a known section", nearest_cure(section, _SECTIONS))
                self.complaints.append(((section,), refused))
        self.web(document)  # the engine has no use for it, but is the one that checks the file
        return Parts(
            engine=self.engine(document),
            log=self.log(document),
            venue=self.venue(document),
            simulator=self.simulator(document),
            recording=self.section(document, RecordingSettings, "recording"),
            alerts=self.alerts(document),
            strategies=self.strategies(document.get("strategies", {})),
        )

    def venue(self, document: Table) -> VenueSettings | None:
        return self.section(document, VenueSettings, "venue")

    def simulator(self, document: Table) -> SimulatorSettings | None:
        if "simulator" not in document:
            # As it would be read; but what reads so many keys takes 2 MB and 10 ms to make.
            return SimulatorSettings()
        simulator = self.section(self.as_seen(document), SimulatorSettings, "simulator")
        if simulator is None:
            return None
        key = ("simulator", "recording")
        recording = tuple(self.placed(path, key) for path in simulator.recording)
        return attrs.evolve(simulator, recording=recording)

    def alerts(self, document: Table) -> AlertSettings | None:
        if "alerts" not in document:
            return AlertSettings()
        alerts = self.section(document, AlertSettings, "alerts")
        if alerts is None:
            return None
        heartbeat = alerts.heartbeat_url
        return attrs.evolve(
            alerts,
            to=tuple(self._reference_placed(one, ("alerts", "to")) for one in alerts.to),
            heartbeat_url=heartbeat
            and self._reference_placed(heartbeat, ("alerts", "heartbeat_url")),
        )

    def as_seen(self, document: Table) -> Table:
        """The document with the rules of the venue whose bundle it names, if it names one."""
        table = document["simulator"]
        if not isinstance(table, dict) or not isinstance(named := table.get("as"), str):
            return document
        # Not in a live run, which has no use for it.
        from config.load.seen_venue import rules_as_seen  # noqa: PLC0415
        from trading.venues.valr.conformance.knobs import merged  # noqa: PLC0415

        key = ("simulator", "as")
        try:
            seen = rules_as_seen(self.placed(named, key))
        except Refused as refused:
            self.complaints.append((key, refused))
            return document
        given = table.get("rules", {})
        rules = merged(seen, given) if isinstance(given, dict) else given
        return {**document, "simulator": {**table, "rules": rules}}

    def check_recording(self, simulator: SimulatorSettings | None, built_in: Instruments) -> None:
        """Check that the recording to replay exists, and that its pair is listed."""
        if simulator is not None:
            known = simulated_instruments(built_in, simulator)
            self.complaints.extend(recording_complaints(simulator, known))
            self.complaints.extend(missing_recordings(simulator, self.files))

    def check_simulated_pairs(self, parts: Parts, built_in: Callable[[], Instruments]) -> None:
        if parts.venue is None or not parts.venue.simulated or parts.simulator is None:
            return
        known = simulated_instruments(built_in(), parts.simulator)
        self.complain(complaints_about_pairs(parts.strategies, known))
        # A simulated pair rests because the file says so: it would do so for ever.
        self.complain(resting_pairs(parts.strategies, known))
        self.complain(recording_complaints(parts.simulator, known))
        self.complain(unused_balances(parts.simulator, known))

    def credentials(self, venue: VenueSettings | None) -> Credentials | None:
        """The key to a real venue; with the simulated one nothing is fetched, so none can leak."""
        if venue is None or venue.simulated:
            return None
        references = venue.credentials
        if references is None and venue.known.trading is None:
            return None  # that nothing can be traded there is said already
        if references is None:
            refused = key_trouble(
                "names a real exchange, but no key to it", "add [venue.credentials]"
            )
            self.complaints.append((("venue",), refused))
            return None
        key = self._resolve(references.api_key, "api_key")
        secret = self._resolve(references.api_secret, "api_secret")
        if key is None or secret is None:
            return None
        if key == secret:
            refused = key_trouble("is the same text as api_key", "put the secret there")
            self.complaints.append((("venue", "credentials", "api_secret"), refused))
        return Credentials(api_key=key, api_secret=secret, subaccount_id=references.subaccount_id)

    def _resolve(self, reference: SecretReference, name: str) -> Secret | None:
        key = ("venue", "credentials", name)
        reference = self._reference_placed(reference, key)
        try:
            return resolve(reference, self.environment, self.files)
        except Refused as refused:
            self.complaints.append((key, refused))
            return None

    def _reference_placed(self, reference: SecretReference, key: KeyPath) -> SecretReference:
        if reference.file is None:
            return reference
        return attrs.evolve(reference, file=self.placed(reference.file, key))

    def strategies(self, tables: object) -> dict[StrategyName, StrategySettings]:
        strategies: dict[StrategyName, StrategySettings] = {}
        if not isinstance(tables, dict):
            refused = Refused(f"{shown(tables)} is not a table", "write [strategies.NAME]")
            self.complaints.append((("strategies",), refused))
            return strategies
        if not tables:
            refused = Refused("there is no strategy", "add a table [strategies.NAME]")
            self.complaints.append((("strategies",), refused))
        for name, table in tables.items():
            path = ("strategies", name)
            try:
                Name().read(name)
            except Refused as refused:
                self.complaints.append((path, refused))
            strategy = self._strategy(table, path)
            if strategy is not None:
                strategies[StrategyName(name)] = strategy
        return strategies

    def _strategy(self, table: object, path: KeyPath) -> StrategySettings | None:
        # Without a kind it is read as the usual one: that the key is missing is said by that.
        name = table.get("kind", _USUAL_KIND) if isinstance(table, dict) else _USUAL_KIND
        kind = self._kind(str(name) if isinstance(name, str) else shown(name), (*path, "kind"))
        if kind is None:
            return None
        try:
            result = structure(table, kind.settings, path)
            if not isinstance(result, list):
                if not kind.maker.built_in:
                    try_out(result)
                return result
            self.complaints.extend(result)
            self.broken.update(key for key, _ in result)
            return mended(table, result, path, (kind.name, kind.settings))
        except BaseException as error:  # raised by another package's code
            if kind.maker.built_in:
                raise
            # Another package's code: whatever it raises, the place and its name are known.
            self.complaints.append((path, failure(kind, error)))
            return None

    def _kind(self, name: str, path: KeyPath) -> StrategyKind | None:
        try:
            return self.kinds.kind(name)
        except Refused as refused:
            self.complaints.append((path, refused))
        if name in self.kinds.names:
            return None
        # The rest is read as probably meant, so that one run shows all problems.
        meant = difflib.get_close_matches(name, self.kinds.names, n=1)
        try:
            return self.kinds.kind(meant[0]) if meant else None
        except Refused:
            return None
