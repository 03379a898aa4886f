"""A digest of the engine's own code, which tells a replay whether it is the code that recorded."""

import functools
import hashlib
from importlib import import_module
from pathlib import Path

_PACKAGES = ("trading", "config", "actors", "engine")
_LENGTH = 16


@functools.cache
def code_digest() -> str:
    """
    32 hexadecimal digits, over the name and content of every module.

    Read once: a process goes on with what it has loaded, whatever becomes of the files.

    Raises:
        OSError: A file cannot be read.
    """
    total = hashlib.blake2b(digest_size=_LENGTH)
    for package in _PACKAGES:
        file = import_module(package).__file__
        assert file is not None, f"{package} is a folder of files"
        folder = Path(file).parent
        for path in sorted(folder.rglob("*.py")):
            content = hashlib.blake2b(path.read_bytes(), digest_size=_LENGTH).hexdigest()
            total.update(f"{package}/{path.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()
