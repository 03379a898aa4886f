"""The bundle of a run: report, answers, every frame, the environment; fit to be sent to others."""

import json
import platform
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path

import msgspec

from config.load.seen_venue import ANSWERS
from config.settings import Settings
from engine.conformance.bundle_place import REPORT, written_whole
from engine.conformance.evidence import Evidence, Frame
from engine.conformance.report import Report, as_json
from engine.storage.private_folder import give_to_its_owner
from engine.storage.recording_files import MARKET
from trading.venues.valr.conformance.stand_ins import StandIns

_READ_ME = f"""What a venue was seen to do, check by check (engine conformance).

{REPORT}       the checks: what was expected, what was seen, the verdict, numbers of frames
{ANSWERS}      what was seen, for engine exchange --as and [simulator] as
frames.jsonl      every frame, request and answer, with headers and times
{MARKET}        the frames of the market data, for engine recording verify
environment.json  what it was made with

Keys, signatures, ids of the account and of its orders, addresses and amounts of balances are
replaced, each by the same stand-in everywhere.
"""


def write_bundle(
    path: Path, report: Report, evidence: Evidence, market: Sequence[Frame], settings: Settings
) -> None:
    """
    Write a bundle; one of that name is replaced, and nothing else is.

    Args:
        market: The frames of the socket that was held for market data.

    Raises:
        OSError: It cannot be written.
    """
    stand_ins = StandIns(_secrets(settings))
    for frame in evidence.frames:
        if frame.private:
            stand_ins.learn(frame.text)
    files = {
        "README.txt": _READ_ME,
        REPORT: stand_ins.text(json.dumps(as_json(report), indent=1), private=False),
        ANSWERS: stand_ins.text(json.dumps(report.answers, indent=1), private=False),
        "environment.json": json.dumps(environment(report), indent=1),
        MARKET: "".join(
            f"{frame.at_ns} {stand_ins.text(frame.text, private=False)}\n" for frame in market
        ),
        "frames.jsonl": "".join(_lines(evidence.frames, stand_ins)),
    }
    with written_whole(path) as partial:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, text in files.items():
                bundle.writestr(name, text)
        give_to_its_owner(partial)


def _lines(frames: Sequence[Frame], stand_ins: StandIns) -> Iterator[str]:
    for frame in frames:
        shown = msgspec.structs.replace(
            frame,
            text=stand_ins.text(frame.text, private=frame.private),
            head=stand_ins.text(frame.head, private=False),
            headers=stand_ins.headers(frame.headers),
        )
        yield msgspec.json.encode(shown).decode() + "\n"


def _secrets(settings: Settings) -> Sequence[str]:
    credentials = settings.credentials
    if credentials is None:
        return ()
    return (
        credentials.api_key.reveal(),
        credentials.api_secret.reveal(),
        credentials.subaccount_id or "",
    )


def environment(report: Report) -> Mapping[str, object]:
    """What a run was made with; nothing of it says whose machine it is."""
    return {
        "at_ns": report.at_ns,
        "venue": report.venue,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {
            found.name: found.version for found in sorted(distributions(), key=lambda d: d.name)
        },
    }
