#!/usr/bin/env bash
# structlog 26.1.0 (structured logs) beside rich 15.0.0, which other packages bring along.
#
# One would guess: rich is imported where it draws, by structlog.dev.ConsoleRenderer, so that a program that
# writes JSON lines does not pay for it.
# What happens: `import structlog` alone imports rich and pygments wherever rich is installed, whatever is
# configured afterwards (structlog/dev.py, which __init__.py imports), and asyncio in any case.
#
# Output seen on 2026-11-29 (CPython 3.11; the counts differ a little between versions of Python):
#   without rich: structlog loads   0 modules of rich, 0 of pygments
#   with rich:    structlog loads  52 modules of rich, 14 of pygments
#   asyncio is loaded in both
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip=("$folder/venv/bin/pip" --quiet --disable-pip-version-check)
cat > "$folder/look.py" <<'PYTHON'
import sys

import structlog

assert structlog.__version__ == "26.1.0"
structlog.configure(processors=[structlog.processors.JSONRenderer()])
tops = [name.partition(".")[0] for name in sys.modules]
print(tops.count("rich"), tops.count("pygments"), int("asyncio" in sys.modules))
PYTHON
"${pip[@]}" install structlog==26.1.0
read -r rich pygments asyncio < <("$folder/venv/bin/python" "$folder/look.py")
printf 'without rich: structlog loads %3s modules of rich, %s of pygments\n' "$rich" "$pygments"
[ "$rich" = 0 ] && [ "$pygments" = 0 ] && [ "$asyncio" = 1 ]
"${pip[@]}" install rich==15.0.0
read -r rich pygments asyncio < <("$folder/venv/bin/python" "$folder/look.py")
printf 'with rich:    structlog loads %3s modules of rich, %s of pygments\n' "$rich" "$pygments"
[ "$rich" -gt 20 ] && [ "$pygments" -gt 5 ] && [ "$asyncio" = 1 ]
echo "asyncio is loaded in both"
