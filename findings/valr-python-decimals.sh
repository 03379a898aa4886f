#!/usr/bin/env bash
# valr-python 0.2.7 (a client of the exchange VALR): how it sends a Decimal.
#
# One would guess: as text. Its DecimalEncoder says "Serialize Decimal obj as str", and its `default` does that.
# What happens: as a JSON number. The package requires simplejson, which knows Decimals by itself and so never
# asks `default`. A server that takes amounts only as text refuses the package's own documented example; and
# who signs a body of his own making with "0.001" in it signs something else than what is sent.
#
# Output seen on 2026-11-28:
#   encoded by simplejson: {"quantity": 0.001}
#   encoded by json:       {"quantity": "0.001"}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install valr-python==0.2.7 simplejson==4.3.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
from decimal import Decimal

from valr_python import utils

ORDER = {"quantity": Decimal("0.001")}

sent = utils.json.dumps(ORDER, cls=utils.DecimalEncoder)
print(f"encoded by {utils.json.__name__}: {sent}")
assert (utils.json.__name__, sent) == ("simplejson", '{"quantity": 0.001}')
meant = json.dumps(ORDER, default=lambda value: utils.DecimalEncoder.default(None, value))
print(f"encoded by json:       {meant}")
assert meant == '{"quantity": "0.001"}'
PYTHON
