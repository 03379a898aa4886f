#!/usr/bin/env bash
# hftbacktest 2.4.4: `data.utils.binancefutures.convert`, raw lines of Binance to its arrays.
#
# One would guess: a converter of changes that are numbered (`U`, `u`, `pu`) notices that one is missing, and
# leaves out those that the snapshot holds already, as Binance's documents say.
# What happens: the numbers are not looked at. A recording without one of its changes is converted without a
# word, and a level that the missing change removed stays for good; changes that are older than the snapshot
# are in the array too. So a backtest on it has a book that was never there.
#
# Output seen on 2026-11-29:
#   rows of levels, all changes there: 4
#   rows of levels, one change missing: 3, and no word of it
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install hftbacktest==2.4.4
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import contextlib
import gzip
import io
import json
import sys

from hftbacktest.data.utils import binancefutures

NS, MS = 1_700_000_000_000_000_000, 1_700_000_000_000


def line(number, message):
    return f"{NS + number * 1_000_000} {json.dumps(message)}\n"


def change(number, first, last, before, price):
    data = {"e": "depthUpdate", "E": MS, "T": MS, "s": "BTCUSDT", "U": first, "u": last, "pu": before,
            "b": [[price, "0"]], "a": []}
    return line(number, {"stream": "btcusdt@depth@0ms", "data": data})


SNAPSHOT = line(2, {"lastUpdateId": 100, "E": MS, "T": MS, "bids": [["10", "1"]], "asks": [["11", "1"]]})
WHOLE = [change(1, 90, 95, 89, "9"), SNAPSHOT, change(3, 99, 105, 98, "8"), change(4, 106, 110, 105, "10"),
         change(5, 111, 120, 110, "7")]


def levels(lines):
    path = f"{sys.argv[1]}/raw.gz"
    with gzip.open(path, "wt") as file:
        file.writelines(lines)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        rows = binancefutures.convert(path, buffer_size=1000)
    local = rows[rows["ev"] & (1 << 30) != 0]
    return int((local["ev"] & 0xFF == 1).sum()), said.getvalue()


whole, _ = levels(WHOLE)
missing, said = levels(WHOLE[:3] + WHOLE[4:])
print(f"rows of levels, all changes there: {whole}")
print(f"rows of levels, one change missing: {missing}, and no word of it")
assert (whole, missing) == (4, 3), (whole, missing)
assert "gap" not in said.lower() and "missing" not in said.lower(), said
PYTHON
