"""What the page takes from the log's file: its lines as sentences, and the gates of the past."""

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import trio

from engine.logs.reading import LogReader
from engine.logs.timeline import sentence_of
from engine.web.bars import Run
from engine.web.board import Board
from engine.web.told import Told
from engine.web.words import code_kind

Json = dict[str, Any]

BYTES_MAX = 8_000_000
"""So much of the past is read at the start."""

_DAY_MS = 24 * 3600 * 1000
_POLL_S = 0.5
_BATCH = 500
_VALUE_MAX = 300


class LogTail:
    """
    Reads a log from its last hours on, and follows it through rotations.

    Args:
        path: ``None`` where the configuration names no file.
    """

    def __init__(self, board: Board, path: Path | None) -> None:
        self._board = board
        self._path = path
        self._told = Told()
        self._board.part("told", [])

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        if self._path is None:
            self._board.part("log", {"trouble": "the configuration names no log.file"})
            task_status.started()
            return
        reader = LogReader(self._path)
        with contextlib.closing(reader):
            past = _Past(self._board)
            began_ms = self._board.now_ms()
            reader.leave_out_all_but(BYTES_MAX)
            await self._read(reader, past, began_ms)
            past.over()
            task_status.started()
            while True:
                await trio.sleep(_POLL_S)
                await self._read(reader, None, began_ms)

    async def _read(self, reader: LogReader, past: "_Past | None", began_ms: int) -> None:
        trouble, told = "", False
        try:
            for number, written in enumerate(reader.read(), 1):
                entry = _entry(written)
                if entry is None:
                    continue
                if past is not None:
                    past.take(entry, began_ms)
                elif (change := change_of(entry)) is not None:
                    self._board.state_told(*change)
                line = line_of(entry)
                self._board.told(line)
                told = self._told.take(entry, line["at"]) or told
                if number % _BATCH == 0:
                    await trio.lowlevel.checkpoint()
        except OSError as error:
            trouble = f"{self._path} cannot be read: {error.strerror or error}"
        if told:
            self._board.part("told", self._told.shown())
        self._board.part("log", {"trouble": trouble, "file": str(self._path)})


class _Past:
    """States of before the page's process began, from what the log says of their changes."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._open: dict[tuple[str, str], Run] = {}

    def take(self, entry: Json, now_ms: int) -> None:
        at = moment_ms(entry)
        if at is None or at < now_ms - _DAY_MS:
            return
        if entry.get("event") in {"engine_end", "engine_start"}:
            for key in list(self._open):
                self._end(key, at)
        elif (change := change_of(entry)) is not None:
            self._begin(*change)

    def over(self) -> None:
        """What held last goes on, as far as is known, until the first look at the engine."""
        now = self._board.now_ms()
        for key in list(self._open):
            self._end(key, now)

    def _begin(self, strategy: str, bar: str, run: Run) -> None:
        self._end((strategy, bar), run.begin)
        self._open[strategy, bar] = run

    def _end(self, key: tuple[str, str], at: int) -> None:
        run = self._open.pop(key, None)
        if run is not None:
            run.end = max(run.begin, at)
            self._board.strategy(key[0]).bar(key[1]).saw(run, gap_ms=0)


def change_of(entry: Json) -> tuple[str, str, Run] | None:
    """Strategy, bar and run that begins with an entry; ``None`` for one that changes no bar."""
    at, strategy, event = moment_ms(entry), str(entry.get("strategy", "")), entry.get("event")
    if at is None or not strategy:
        return None
    if event in {"ready", "not_ready"}:
        return strategy, "lease", Run(at, at, "quoting" if event == "ready" else "missing")
    if event != "gates_changed" or entry.get("side") not in {"buy", "sell"}:
        return None
    codes = [str(code) for code in entry.get("codes") or ()]
    kind, code = "quoting", ""
    if not entry.get("quoting") and codes:
        kind, code = code_kind(codes[0]), codes[0]
    sentences = [str(one) for one in entry.get("sentences") or ()]
    gates = [_past_gate(*one) for one in zip(codes, sentences, strict=False)]
    return strategy, str(entry["side"]), Run(at, at, kind, code, gates)


def _past_gate(code: str, sentence: str) -> Json:
    return {
        "code": code,
        "from": "log",
        "sentence": sentence,
        "inputs": {},
        "opens_in_s": None,
        "opening": {"words": ""},
    }


def line_of(entry: Json) -> Json:
    """An entry as the page shows it."""
    told = sentence_of(entry)
    rest = {key: _short(value) for key, value in told.rest.items()}
    return {
        "at": moment_ms(entry) or 0,
        "level": str(entry.get("level", "info")),
        "event": str(entry.get("event", "")),
        "words": told.words[:_VALUE_MAX],
        "rest": rest,
        "causes": [one[:_VALUE_MAX] for one in told.causes[:5]],
        "actor": str(entry.get("actor", entry.get("strategy", ""))),
    }


def moment_ms(entry: Json) -> int | None:
    """When it was logged; ``None`` where that cannot be read."""
    try:
        return round(datetime.fromisoformat(str(entry.get("timestamp"))).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE_MAX else f"{text[:_VALUE_MAX]}…"


def _entry(line: bytes) -> Json | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
