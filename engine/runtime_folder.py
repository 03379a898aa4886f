"""Where this user's engines keep what ends with them: locks and sockets."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def runtime_folder(environment: Mapping[str, str]) -> Path:
    """A folder for this user, whatever the working directory; it may have to be made."""
    given = environment.get("XDG_RUNTIME_DIR")
    if given and Path(given).is_absolute():
        return Path(given) / "quotewright"
    return Path(tempfile.gettempdir()) / f"quotewright-{os.getuid()}"
