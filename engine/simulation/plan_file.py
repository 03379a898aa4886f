"""A plan written by hand, as a TOML file: which faults, when, for how long."""

import tomllib
from pathlib import Path
from typing import Any

from engine.simulation.injections.catalogue import FAULT_INJECTIONS
from engine.simulation.swarm import FaultWindow, Plan

_KEYS = {"at_s", "fault", "for_s"}


class PlanProblem(ValueError):
    """What is wrong with a plan, and what to do."""


def read_plan(path: Path, length_s: float) -> Plan:
    """
    Read a TOML file with tables ``[[episode]]`` (at_s, fault, for_s) and a list ``calms``.

    Raises:
        PlanProblem: It cannot be read, or something in it is not understood.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanProblem(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanProblem(f"{path} is not TOML: {error}") from error
    unknown = sorted(document.keys() - {"episode", "calms"})
    if unknown:
        raise PlanProblem(f"{path}: {unknown[0]!r} is not known; write [[episode]] and calms")
    episodes = [
        _episode(table, f"{path}: episode {number}")
        for number, table in enumerate(document.get("episode", []), 1)
    ]
    return Plan(
        length_s=length_s,
        episodes=tuple(sorted(episodes, key=lambda episode: episode.at_s)),
        calms=tuple(_calm(pair, length_s, path) for pair in document.get("calms", [])),
    )


def _episode(table: Any, where: str) -> FaultWindow:
    if not isinstance(table, dict) or not {"at_s", "fault"} <= table.keys() <= _KEYS:
        raise PlanProblem(f"{where}: it needs at_s and fault, and may have for_s")
    fault = table["fault"]
    if fault not in FAULT_INJECTIONS:
        raise PlanProblem(f"{where}: {fault!r} is not one of {', '.join(FAULT_INJECTIONS)}")
    return FaultWindow(
        at_s=_seconds(table["at_s"], f"{where}: at_s"),
        fault=fault,
        for_s=_seconds(table.get("for_s", FAULT_INJECTIONS[fault].for_s[0]), f"{where}: for_s"),
    )


def _calm(pair: Any, length_s: float, path: Path) -> tuple[float, float]:
    if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004  # from and to
        raise PlanProblem(f"{path}: each of calms is a list of two: from and to, in seconds")
    begin, end = (_seconds(value, f"{path}: calms") for value in pair)
    if not begin < end <= length_s:
        raise PlanProblem(
            f"{path}: a calm from {begin:g} to {end:g} s is not within {length_s:g} s"
        )
    return begin, end


def _seconds(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:  # noqa: PLR2004
        raise PlanProblem(f"{where}: {value!r} is not a number of seconds")
    return float(value)
