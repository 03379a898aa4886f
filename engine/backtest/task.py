"""A backtest as a value: all that decides what comes out of it, and nothing else."""

import enum
import errno
from collections.abc import Mapping, Sequence

import attrs
import msgspec

from config.load.loading import load
from config.sections.simulator import FaultSettings
from config.settings import Settings
from config.source.files import FileContent
from engine.environment.venue_connection import simulated_rules

DEFAULT_LATENCY = "constant:50ms,50ms"


class Path(enum.Enum):
    """The two ways of a backtest."""

    WIRE = "wire"
    """The whole engine in virtual time, every byte of it."""
    DIRECT = "direct"
    """The same decisions as values, without actors and bytes."""


class DataSpan(msgspec.Struct, frozen=True, kw_only=True):
    """
    A dataset, and how much of it is meant.

    Args:
        path: Its folder.
        digest: Of what it says.
        from_ns: Seen from then on, nanoseconds since the epoch; ``None`` for all.
        to_ns: Seen before then.
        name: What it is called in results; empty for its path.
    """

    path: str
    digest: str
    from_ns: int | None = None
    to_ns: int | None = None
    name: str = ""


class BacktestTask(msgspec.Struct, frozen=True, kw_only=True):
    """
    One backtest.

    Args:
        name: Of the configuration, for people; relative paths in it begin at its folder.
        text: The configuration.
        overrides: ``key=value`` texts that go before it.
        queue: The queue model; ``None`` for that of the configuration.
        latency: Of orders.
        fees: Of makers and of takers, as ``simulator.maker_fee`` is written; ``None`` for those of
            the configuration.
        fork: The folder of a recorded session, and the moment (ns) of it that this goes on from.
    """

    name: str
    text: str
    overrides: tuple[str, ...] = ()
    data: tuple[DataSpan, ...]
    seed: int = 1
    path: Path = Path.WIRE
    queue: str | None = None
    latency: str = DEFAULT_LATENCY
    fees: tuple[str, str] | None = None
    fork: tuple[str, int] | None = None

    @property
    def all_overrides(self) -> Sequence[str]:
        """What goes before the configuration, that of the models included."""
        models = [] if self.queue is None else [f"simulator.queue={_quoted(self.queue)}"]
        if self.fees is not None:
            maker, taker = self.fees
            models += [
                f"simulator.maker_fee={_quoted(maker)}",
                f"simulator.taker_fee={_quoted(taker)}",
            ]
        return (*self.overrides, *models)


class _TheFileAlone(msgspec.Struct, frozen=True):
    """
    A disk with the configuration, and nothing else.

    What lies elsewhere, on this machine or on a worker, is nothing to a backtest: neither the state
    of an engine of that name nor a key.
    """

    name: str
    text: str

    def read(self, path: str) -> FileContent:
        if path != self.name:
            raise FileNotFoundError(errno.ENOENT, "a backtest reads its configuration alone", path)
        return FileContent(self.text.encode(), 0o644)

    def is_file(self, path: str) -> bool:
        return path == self.name


def settings_of(task: BacktestTask) -> Settings:
    """
    The configuration of a backtest; the exchange is the simulated one, and makes no mistakes.

    Raises:
        ConfigurationProblems: Something is wrong with it.
    """
    settings = load(
        task.name,
        ("simulator.flow=synthetic", *task.all_overrides),
        {},
        files=_TheFileAlone(task.name, task.text),
        simulated_pairs=simulated_rules,
        simulated=True,
    )
    simulator = attrs.evolve(settings.simulator, faults=FaultSettings(), speed=1.0)
    recording = attrs.evolve(settings.recording, enabled=False)
    return attrs.evolve(settings, simulator=simulator, recording=recording)


def models_of(task: BacktestTask, settings: Settings) -> Mapping[str, str]:
    """What stands for the real thing, by what it stands for."""
    simulator = settings.simulator
    return {
        "path": task.path.value,
        "queue": simulator.queue,
        "through": simulator.through.value,
        "latency": task.latency,
        "maker fee": f"{simulator.maker_fee:f}",
        "taker fee": f"{simulator.taker_fee:f}",
    }


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
