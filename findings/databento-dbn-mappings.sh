#!/usr/bin/env bash
# databento-dbn 0.72.0 (Databento's own reader and writer of DBN files): writing the head of a file.
#
# One would guess: `Metadata(mappings=[...])` takes what `Metadata.mappings` gives back, a dict from symbol to
# dicts, or `SymbolMapping` and `MappingInterval`, which are exported beside it.
# What happens: both classes are typing protocols and cannot be made, and of dicts it says that they have no
# attribute `raw_symbol`. Any object with attributes of these names is taken. What is written comes back as
# dicts, in which the dates are `datetime.date`; and a clear (action R) has no price of 0, but 2**63 - 1.
#
# Output seen on 2026-11-29:
#   SymbolMapping: TypeError: Protocols cannot be instantiated
#   dicts: AttributeError: 'dict' object has no attribute 'raw_symbol'
#   objects with these names: {'ESH4': [{'start_date': datetime.date(2026, 11, 29), 'end_date': datetime.date(2026, 11, 30), 'symbol': '7'}]}
#   no price is 9223372036854775807
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install databento-dbn==0.72.0
"$folder/venv/bin/python" - <<'PYTHON'
import datetime as dt
from types import SimpleNamespace

import databento_dbn as dbn


def head(mappings):
    return dbn.Metadata(
        dataset="GLBX.MDP3", start=0, schema=dbn.Schema.MBO, stype_in=dbn.SType.RAW_SYMBOL,
        stype_out=dbn.SType.INSTRUMENT_ID, symbols=["ESH4"], mappings=mappings,
    )


def failure(make):
    try:
        make()
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]


days = {"start_date": dt.date(2026, 11, 29), "end_date": dt.date(2026, 11, 30), "symbol": "7"}
protocol = failure(lambda: dbn.SymbolMapping(raw_symbol="ESH4", intervals=[]))
dicts = failure(lambda: head([{"raw_symbol": "ESH4", "intervals": [days]}]))
print(f"SymbolMapping: {protocol}")
print(f"dicts: {dicts}")
made = head([SimpleNamespace(raw_symbol="ESH4", intervals=[SimpleNamespace(**days)])])
back = dbn.Metadata.decode(made.encode()).mappings
print(f"objects with these names: {back}")
print(f"no price is {dbn.UNDEF_PRICE}")
assert protocol == "TypeError: Protocols cannot be instantiated", protocol
assert dicts == "AttributeError: 'dict' object has no attribute 'raw_symbol'", dicts
assert back == {"ESH4": [days]}, back
assert dbn.UNDEF_PRICE == 2**63 - 1
PYTHON
