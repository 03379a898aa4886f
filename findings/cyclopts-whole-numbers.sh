#!/usr/bin/env bash
# cyclopts 5.4.0 (command lines from type hints): an option annotated `int`.
#
# One would guess: the text is handed to int(), so that `--seed 1.6` is refused.
# What happens: it is read as a float and rounded; 1.6 becomes 2, and `--seed 0x10` is 16. `1e3` and `nan`,
# which are floats as well, are refused. Whoever repeats a run by its seed gets another run without a word;
# only a converter of one's own refuses it.
#
# Output seen on 2026-11-28:
#   --seed 1.6  -> 2
#   --seed 2.5  -> 2
#   --seed 0x10 -> 16
#   --seed 1e3  -> refused
#   --seed nan  -> refused
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install cyclopts==5.4.0
"$folder/venv/bin/python" - <<'PYTHON'
from cyclopts import App, CycloptsError

app = App()


@app.default
def run(*, seed: int) -> int:
    return seed


def given(text: str) -> object:
    try:
        return app(["--seed", text], exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError:
        return "refused"


seen = {text: given(text) for text in ("1.6", "2.5", "0x10", "1e3", "nan")}
for text, value in seen.items():
    print(f"--seed {text:4} -> {value}")
assert seen == {"1.6": 2, "2.5": 2, "0x10": 16, "1e3": "refused", "nan": "refused"}, seen
PYTHON
