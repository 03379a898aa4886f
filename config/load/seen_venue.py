"""The rules of a simulated exchange that does what was seen at a venue: from a bundle's answers."""

import json
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from config.source.problems import Refused
from trading.venues.valr.conformance.knobs import knobs_of

ANSWERS = "answers.json"
"""The file of a bundle that says what each check has seen, by its id."""
_BYTES_MAX = 16 << 20


def rules_as_seen(path: str) -> Mapping[str, object]:
    """
    The table ``[simulator.rules]`` that a bundle amounts to.

    Raises:
        Refused: It is not there, or no bundle.
    """
    cure = "name a bundle that `engine conformance CONFIG --out FILE.zip` has written"
    try:
        with zipfile.ZipFile(Path(path)) as bundle:
            if bundle.getinfo(ANSWERS).file_size > _BYTES_MAX:
                raise Refused(f"{path}: its {ANSWERS} is too large", cure)
            answers = json.loads(bundle.read(ANSWERS), parse_float=Decimal)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}", cure) from None
    except (KeyError, ValueError, RecursionError, zipfile.BadZipFile):
        raise Refused(f"{path} is not a bundle with answers", cure) from None
    if not isinstance(answers, dict) or not all(isinstance(row, dict) for row in answers.values()):
        raise Refused(f"{path} is not a bundle with answers", cure)
    return knobs_of(answers)
