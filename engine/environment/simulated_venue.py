"""The simulated exchange of the settings; loaded only where there is one."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from random import Random

import attrs

from config.sections.simulator import (
    FaultSettings,
    Flow,
    PairSettings,
    SimulatorSettings,
)
from engine.environment.world import World
from trading.core.errors import Fatal, FatalReason
from trading.core.identifiers import Pair
from trading.core.instrument import Instrument
from trading.simulator.core.flows import RecordedFlow, SyntheticFlow, Through
from trading.simulator.core.pair import DEFAULT_PAIRS, SimulatedPair
from trading.simulator.market.live_clocks import LiveClocks
from trading.simulator.market.raw_rows import raw_rows
from trading.simulator.market.recording import MalformedRecording
from trading.simulator.market.two_clocks import Row
from trading.venues.kind import Key
from trading.venues.valr.simulator.core.fault_plan import Fault, FaultPlan
from trading.venues.valr.simulator.core.settings import (
    DEMO_ACCOUNT,
    DemoAccount,
    ExchangeSettings,
    Fees,
)
from trading.venues.valr.simulator.exchange import SimulatedExchange

_PERCENT = Decimal(100)

_WARM_UP_S = 120.0
"""For so long a synthetic market has run when the engine starts, so that it has trades and its
depth is no longer the initial one. A recording begins at its beginning."""
_DEMO_KEY, _DEMO_SECRET = 0xACC0, 0x5EC0

LIVE_ALONE = 'simulator.flow = "live" is for engine run alone: choose synthetic or recording here'

USUAL_PAIR = DEFAULT_PAIRS[0].symbol
"""What a recording is replayed as where nothing says otherwise."""


@attrs.frozen(kw_only=True)
class Tape:
    """
    Recorded markets.

    Args:
        rows: Their records, by the pair they appear as.
        lot_sizes: What a lot of each is in base currency, where it is not what the settings say.
    """

    rows: Mapping[Pair, Iterable[Row]] = attrs.field(factory=dict)
    lot_sizes: Mapping[Pair, Decimal] = attrs.field(factory=dict)


def demo_key() -> Key:
    """Our own key at a simulated exchange."""
    return Key(api_key=DEMO_ACCOUNT.api_key, api_secret=DEMO_ACCOUNT.api_secret)


def built_in_rules() -> Mapping[str, Instrument]:
    """The trading rules of the pairs that the simulated exchange has by itself."""
    return {pair.symbol: _instrument(pair) for pair in DEFAULT_PAIRS}


def demo_accounts(simulator: SimulatorSettings) -> tuple[DemoAccount, ...]:
    """The accounts of the simulated exchange; the engine's own is the first."""
    first = attrs.evolve(
        DEMO_ACCOUNT,
        balances=simulator.balances or DEMO_ACCOUNT.balances,
        permissions=simulator.key_permissions,
        addresses=simulator.key_addresses,
    )
    others = (
        attrs.evolve(
            first,
            api_key=f"{_DEMO_KEY + number:04x}" * 16,
            api_secret=f"{_DEMO_SECRET + number:04x}" * 16,
        )
        for number in range(1, simulator.accounts)
    )
    return (first, *others)


def simulated_exchange(
    simulator: SimulatorSettings,
    recording_pair: Pair,
    world: World,
    traded: Collection[Pair] | None = None,
    tape: Tape | None = None,
    live: Mapping[Pair, LiveClocks] | None = None,
) -> SimulatedExchange:
    """
    A new simulated exchange.

    Args:
        recording_pair: What a recording is replayed as, if one is.
        traded: The pairs in which anything happens; the others are listed as inactive. ``None``
            for all.
        tape: Recorded markets, in place of where the settings say that the market comes from.
        live: What deals out markets that are told while they happen.

    Raises:
        Fatal: The settings ask for a live market, and there is none here.
    """
    if simulator.flow is Flow.LIVE and live is None and tape is None:
        raise Fatal(LIVE_ALONE, FatalReason.CONFIGURATION)
    if tape is None and simulator.flow is Flow.RECORDING:
        tape = _recorded(simulator, recording_pair, world)
    tape = tape or Tape()
    chance = Random(world.random.getrandbits(64))  # noqa: S311  # a market, not a secret
    warm_up_s = 0.0 if tape.rows or live else _WARM_UP_S
    epoch_ns = world.wall_clock() - round(warm_up_s * 1e9)
    settings = exchange_settings(simulator, traded, tape)
    exchange = SimulatedExchange(settings, chance, epoch_ns, tape.rows, live=live)
    exchange.advance(warm_up_s)
    return exchange


def exchange_settings(
    simulator: SimulatorSettings, traded: Collection[Pair] | None, tape: Tape
) -> ExchangeSettings:
    """The exchange of the settings, with the markets of a tape."""
    own = {pair.symbol: pair for pair in DEFAULT_PAIRS}
    added = {symbol: _simulated_pair(symbol, pair) for symbol, pair in simulator.pairs.items()}
    pairs: Iterable[SimulatedPair] = {**own, **added}.values()
    if traded is not None:
        pairs = [attrs.evolve(p, active=p.active and p.symbol in traded) for p in pairs]
    window_s = simulator.rules.timestamp_window_s
    return ExchangeSettings(
        pairs=tuple(pairs),
        accounts=demo_accounts(simulator),
        fees=Fees(
            maker_percentage=simulator.maker_fee * _PERCENT,
            taker_percentage=simulator.taker_fee * _PERCENT,
        ),
        synthetic=SyntheticFlow(**attrs.asdict(simulator.crowd)),
        recorded=recorded_flow(simulator, tape),
        authentication_failure_status=simulator.rules.authentication_failure_status,
        timestamp_window_ms=None if window_s is None else round(window_s * 1000),
        idle_limit_s=simulator.rules.idle_limit_s,
        unauthenticated_limit_s=simulator.rules.unauthenticated_limit_s,
        rules=simulator.rules,
        limits=simulator.limits,
        faults=_fault_plan(simulator.faults),
    )


def recorded_flow(simulator: SimulatorSettings, tape: Tape) -> RecordedFlow:
    """How recordings are replayed."""
    return RecordedFlow(
        speed=simulator.speed,
        tick_size=simulator.recording_tick_size,
        lot_size=simulator.recording_lot_size,
        lot_sizes=tape.lot_sizes,
        queue=simulator.queue,
        through=Through(simulator.through.value),
    )


def _recorded(simulator: SimulatorSettings, pair: Pair, world: World) -> Tape:
    """The recording that the settings name: a dataset, or raw lines."""
    if not Path(simulator.recording[0]).is_dir():
        flow = recorded_flow(simulator, Tape())
        return Tape(rows={pair: raw_rows(_recorded_lines(simulator, world), flow)})
    # Not in a run on a market that is made up.
    from engine.datasets.reading import DamagedDataset, open_dataset  # noqa: PLC0415

    def rows() -> Iterator[Row]:
        try:
            yield from dataset.records()
        except DamagedDataset as error:
            raise MalformedRecording(str(error)) from error

    try:
        dataset = open_dataset(Path(simulator.recording[0]))
    except DamagedDataset as error:
        raise MalformedRecording(str(error)) from error
    return Tape(rows={pair: rows()}, lot_sizes={pair: dataset.meta.lot_size})


def _recorded_lines(simulator: SimulatorSettings, world: World) -> Iterator[bytes]:
    try:
        yield from world.disk.lines(simulator.recording)
    except OSError as error:
        named = "" if error.filename is None else f"{error.filename}: "
        raise MalformedRecording(f"{named}{error.strerror or error}") from error


def _fault_plan(faults: FaultSettings) -> FaultPlan:
    chances = {fault: float(getattr(faults, fault.value)) for fault in Fault}
    return FaultPlan(
        probabilities={fault: chance for fault, chance in chances.items() if chance},
        delay_max_s=faults.delay_max_s,
        late_lookup_s=faults.late_lookup_s,
    )


def _simulated_pair(symbol: Pair, pair: PairSettings) -> SimulatedPair:
    return SimulatedPair(symbol=symbol, **attrs.asdict(pair, recurse=False))


def _instrument(pair: SimulatedPair) -> Instrument:
    return Instrument(
        pair=pair.symbol,
        base=pair.base,
        quote=pair.quote,
        tick_size=pair.tick_size,
        lot_size=Decimal(1).scaleb(-pair.base_decimal_places),
        quantity_min=pair.min_base,
        quantity_max=pair.max_base,
        notional_min=pair.min_quote,
        notional_max=pair.max_quote,
        active=pair.active,
    )
