"""An engine's state directory: the files in it, and the process that holds it."""

import os
from pathlib import Path

from config.sections.engine import EngineSettings
from trading.core.errors import Outage


def ledger_path(engine: EngineSettings) -> Path:
    """Where an engine's ledger is."""
    return state_folder(engine) / "ledger.sqlite"


def state_folder(engine: EngineSettings) -> Path:
    """The state directory of an engine of this name, which lasts from run to run."""
    return Path(engine.state_directory) / engine.name


def recordings_folder(engine: EngineSettings) -> Path:
    """Where the recordings of an engine's sessions are, each in a folder named by its number."""
    return state_folder(engine) / "recordings"


def socket_name(engine: EngineSettings) -> str:
    """
    The path of an engine's operator socket: it lies in the state directory.

    So a command with the same configuration finds it from anywhere. Only the holder of the state
    directory's lock opens this socket, so one left behind can be replaced.
    """
    return str(state_folder(engine) / "door")


def running_engine(folder: Path) -> str | None:
    """
    The engine that seems to use a state directory, as its lock file names it; ``None`` for none.

    The lock is not tried: an engine that starts in that moment would be refused.
    """
    try:
        owner = (folder / "lock").read_text("utf-8", "replace").strip()
        number = int(owner.removeprefix("pid ").partition(",")[0])
        os.kill(number, 0)
    except PermissionError:
        return "an engine"  # of another user, or one that we may not see
    except (OSError, ValueError, OverflowError):
        return None
    return f"process {number}"


def not_reached(engine: EngineSettings, outage: Outage) -> str:
    """Why a command did not get through to an engine: it does not run, or it does not answer."""
    folder = state_folder(engine)
    if (holder := running_engine(folder)) is None:
        return f"no engine {engine.name!r} runs with the state directory {folder} ({outage})"
    return f"{holder} seems to hold the state directory {folder}, but does not answer ({outage})"
