"""A table for people, for spreadsheets and for machines: one content, three forms."""

import csv
import enum
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TextIO

import msgspec
from rich.console import Console
from rich.table import Table

from trading.core.decimals import decimal_text

_Place = tuple[str, str | None]
"""A column, and the currency of its amounts where it has several."""

Cell = str | int | Decimal | None | Mapping[str, Decimal]

_UNBOUNDED_WIDTH = 10_000
"""The width in a file or a pipe, where nothing may be cut off."""


class Format(enum.Enum):
    """The forms of a sheet."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """
    Rows under named columns.

    Args:
        name: The word for the rows, in the plural.
        about: Further values, by name; for machines beside the rows.
        caption: The same for people.
        nothing: The text for people when there is no row.
        short: The columns that people see; files and machines get all.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Cell]]
    about: Mapping[str, str | int | None]
    caption: str
    nothing: str
    short: tuple[str, ...]

    def write(self, form: Format, file: TextIO) -> None:
        match form:
            case Format.JSON:
                rows = [{name: _json(row[name]) for name in self.columns} for row in self.rows]
                file.write(json.dumps({**self.about, self.name: rows}) + "\n")
            case Format.CSV:
                writer = csv.writer(file, lineterminator="\n")
                places = list(self._places())
                writer.writerow(name if part is None else f"{name}_{part}" for name, part in places)
                writer.writerows([_text(_at(row, place)) for place in places] for row in self.rows)
            case Format.TEXT:
                self._write_text(file)

    def _places(self) -> Iterator[_Place]:
        """One amount a cell: amounts of several currencies have a column for each of these."""
        for name in self.columns:
            cells = (row[name] for row in self.rows)
            parts = {part for cell in cells if isinstance(cell, Mapping) for part in cell}
            if parts:
                yield from ((name, part) for part in sorted(parts))
            else:
                yield name, None

    def _write_text(self, file: TextIO) -> None:
        console = Console(
            file=file,
            width=None if file.isatty() else _UNBOUNDED_WIDTH,
            no_color=not file.isatty() or "NO_COLOR" in os.environ,
            highlight=False,
            markup=False,
            emoji=False,
        )
        if not self.rows:
            console.print(self.nothing)
        else:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for name in self.short:
                number = any(isinstance(row[name], int | Decimal) for row in self.rows)
                table.add_column(
                    name.replace("_", " "),
                    justify="right" if number else "left",
                    overflow="fold",
                )
            for row in self.rows:
                table.add_row(*(_text(row[name]) for name in self.short))
            console.print(table)
        console.print(self.caption)


def _at(row: Mapping[str, Cell], place: _Place) -> Cell:
    name, part = place
    cell = row[name]
    return cell.get(part) if part is not None and isinstance(cell, Mapping) else cell


def _json(cell: Cell) -> object:
    if isinstance(cell, Mapping):
        return {name: decimal_text(value) for name, value in cell.items()}
    return decimal_text(cell) if isinstance(cell, Decimal) else cell


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return decimal_text(cell)
        case str() | int():
            return str(cell)
        case _:
            return ", ".join(f"{decimal_text(value)} {name}" for name, value in cell.items())
