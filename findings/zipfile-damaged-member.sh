#!/usr/bin/env bash
# zipfile of Python's standard library (3.11.7 and 3.13.0): a damaged member of an archive.
#
# One would guess: reading it raises BadZipFile, as a wrong checksum does.
# What happens: where what is packed cannot be unpacked any more it raises zlib.error, which is no BadZipFile,
# no OSError and no ValueError. Whoever translates BadZipFile alone shows a traceback for a bad download.
#
# Output seen on 2026-11-29:
#   a wrong checksum: BadZipFile
#   damaged within:   error, of zlib
set -euo pipefail
python3 - <<'PYTHON'
import io
import random
import zipfile
import zlib

TEXT = random.Random(1).randbytes(5_000).hex().encode()
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("data.csv", TEXT)
WHOLE = packed.getvalue()


def failure(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.read("data.csv")
    except Exception as error:
        return error


checksum = WHOLE.replace(zlib.crc32(TEXT).to_bytes(4, "little"), bytes(4))
damaged = bytearray(WHOLE)
damaged[60:90] = bytes(30)
first, second = failure(checksum), failure(bytes(damaged))
print(f"a wrong checksum: {type(first).__name__}")
print(f"damaged within:   {type(second).__name__}, of {type(second).__module__}")
assert type(first) is zipfile.BadZipFile, first
assert type(second) is zlib.error, second
assert not isinstance(second, (zipfile.BadZipFile, OSError, ValueError))
PYTHON
