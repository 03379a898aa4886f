"""A table for people, for spreadsheets and for machines: one content, three forms."""

import csv
import enum
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO

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
        rows: Gone through once, each written as it comes where the form permits.
        about: Further values, by name; for machines beside the rows.
        caption: The same for people.
        nothing: The text for people when there is no row.
        short: The columns that people see; files and machines get all.
        by_currency: Whether cells hold amounts of several currencies.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterable[Mapping[str, Cell]]
    about: Mapping[str, str | int | None]
    caption: str
    nothing: str
    short: tuple[str, ...]
    by_currency: bool = False

    def write(self, form: Format, file: IO[str], *, like: IO[str] | None = None) -> None:
        """
        Write all rows.

        Args:
            like: Where it will be shown, if not there: a terminal has a width and colours.
        """
        match form:
            case Format.JSON:
                self._write_json(file)
            case Format.CSV:
                # Which currencies there are is known after the last row.
                rows = list(self.rows) if self.by_currency else self.rows
                writer = csv.writer(file, lineterminator="\n")
                places = list(self._places(rows if isinstance(rows, list) else ()))
                writer.writerow(name if part is None else f"{name}_{part}" for name, part in places)
                writer.writerows([_text(_at(row, place)) for place in places] for row in rows)
            case Format.TEXT:
                self._write_text(list(self.rows), file, like or file)

    def _write_json(self, file: IO[str]) -> None:
        """One object on one line; row by row, as there may be millions."""
        beginning = json.dumps({**self.about, self.name: []})
        file.write(beginning.removesuffix("]}"))
        comma = ""
        for row in self.rows:
            file.write(comma + json.dumps({name: _json(row[name]) for name in self.columns}))
            comma = ", "
        file.write("]}\n")

    def _places(self, rows: Sequence[Mapping[str, Cell]]) -> Iterator[_Place]:
        """One amount a cell: amounts of several currencies have a column for each of these."""
        for name in self.columns:
            cells = (row[name] for row in rows)
            parts = {part for cell in cells if isinstance(cell, Mapping) for part in cell}
            if parts:
                yield from ((name, part) for part in sorted(parts))
            else:
                yield name, None

    def _write_text(self, rows: Sequence[Mapping[str, Cell]], file: IO[str], like: IO[str]) -> None:
        console = Console(
            file=file,
            width=None if like.isatty() else _UNBOUNDED_WIDTH,
            force_terminal=like.isatty(),
            no_color=not like.isatty() or "NO_COLOR" in os.environ,
            highlight=False,
            markup=False,
            emoji=False,
        )
        if not rows:
            console.print(self.nothing)
        else:
            table = Table(box=None, pad_edge=False, header_style="bold")
            for name in self.short:
                number = any(isinstance(row[name], int | Decimal) for row in rows)
                table.add_column(
                    name.replace("_", " "),
                    justify="right" if number else "left",
                    overflow="fold",
                )
            for row in rows:
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
