"""One content, three forms."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from engine.views.report import Cell, Format, Report

ROWS: list[dict[str, Cell]] = [
    {
        "order": "qw-1",
        "price": Decimal("1E+2"),
        "fees": {"DOGE": Decimal("0.10")},
        "reason": None,
    },
    {"order": "qw-2", "price": Decimal("0.5"), "fees": {}, "reason": 'a, "b" [red]c'},
]
SHEET = Report(
    name="fills",
    columns=("order", "price", "fees", "reason"),
    rows=ROWS,
    by_currency=True,
    about={"engine": "paper", "venue": None},
    caption="paper on VALR",
    nothing="no fills",
    short=("order", "price", "reason"),
)


def written(form: Format, sheet: Report = SHEET) -> str:
    file = io.StringIO()
    sheet.write(form, file)
    return file.getvalue()


def test_machines_get_money_as_text_and_everything_else_as_it_is() -> None:
    told = json.loads(written(Format.JSON))
    assert (told["engine"], told["venue"]) == ("paper", None)
    assert told["fills"][0] == {
        "order": "qw-1",
        "price": "100",
        "fees": {"DOGE": "0.1"},
        "reason": None,
    }


def test_spreadsheets_get_every_column_with_what_needs_quotes_quoted() -> None:
    rows = list(csv.reader(io.StringIO(written(Format.CSV))))
    assert rows == [
        ["order", "price", "fees_DOGE", "reason"],
        ["qw-1", "100", "0.1", ""],
        ["qw-2", "0.5", "", 'a, "b" [red]c'],
    ]


def test_a_cell_for_spreadsheets_holds_one_amount_and_nothing_else() -> None:
    both = {**ROWS[0], "fees": {"USDT": Decimal("0.25"), "DOGE": Decimal(3)}}
    rows = list(
        csv.reader(io.StringIO(written(Format.CSV, msgspec.structs.replace(SHEET, rows=[both]))))
    )
    assert rows == [
        ["order", "price", "fees_DOGE", "fees_USDT", "reason"],
        ["qw-1", "100", "3", "0.25", ""],
    ]


def test_people_get_a_table_that_is_not_cut_off_in_a_pipe() -> None:
    long = msgspec.structs.replace(SHEET, rows=[{**ROWS[0], "reason": "word " * 100}])
    text = written(Format.TEXT, long)
    assert "word " * 99 in text
    assert "fees" not in text
    assert text.splitlines()[-1] == "paper on VALR"
    assert "\x1b" not in text
    assert '"b" [red]c' in written(Format.TEXT)


def test_nothing_is_said_in_words_and_still_has_its_header_for_spreadsheets() -> None:
    nothing = msgspec.structs.replace(SHEET, rows=[])
    assert written(Format.TEXT, nothing).startswith("no fills\n")
    assert written(Format.CSV, nothing) == "order,price,fees,reason\n"
    assert json.loads(written(Format.JSON, nothing))["fills"] == []


def test_rows_are_written_as_they_come() -> None:
    file, written_before = io.StringIO(), list[int]()

    def rows() -> Iterator[dict[str, Cell]]:
        for number in range(3):
            written_before.append(len(file.getvalue()))
            yield {**ROWS[0], "order": number, "fees": None}

    for form in (Format.JSON, Format.CSV):
        msgspec.structs.replace(SHEET, rows=rows(), by_currency=False).write(form, file)
    assert sorted(set(written_before)) == written_before
    assert written(Format.JSON) == json.dumps({**SHEET.about, "fills": _for_machines()}) + "\n"


def _for_machines() -> list[dict[str, object]]:
    return [
        {"order": "qw-1", "price": "100", "fees": {"DOGE": "0.1"}, "reason": None},
        {"order": "qw-2", "price": "0.5", "fees": {}, "reason": 'a, "b" [red]c'},
    ]
