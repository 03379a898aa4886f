"""The session's recorder and the tap that feeds it, where the configuration asks for them."""

import platform
from functools import partial
from importlib import metadata

import trio

from actors.ports.recording_files import RecordingState
from actors.ports.tap import Tap
from config.load.recorded import without_secrets
from config.settings import Settings
from engine.environment.code_digest import code_digest
from engine.environment.ledger_session import LedgerSession
from engine.environment.state_folder import recordings_folder
from engine.environment.venue_connection import VenueConnection
from engine.environment.world import World
from engine.supervision.policy import Restart, RestartStrategy
from engine.supervision.tree import ChildSpec, SupervisorSpec
from engine.wiring.wires import Wires

_CAPACITY = 20_000
"""Entries that wait for the disk: seconds of a wild market; then there is a gap."""
_BYTES_PER_GB = 10**9


def tap_of(settings: Settings, world: World) -> Tap | None:
    """The tap of an engine that records; ``None`` for any other."""
    return Tap(_CAPACITY, world.wall_clock) if settings.recording.enabled else None


def session_recording(
    settings: Settings,
    world: World,
    party: VenueConnection,
    session: LedgerSession,
    wires: Wires,
    *,
    book_depth: int,
) -> tuple[SupervisorSpec, ...]:
    """
    The recorder in a group of its own, which is given up when it fails too often.

    It stops before what it records: of a stop it has all but the last wills.

    Args:
        book_depth: Levels of each side that a strategy is shown.
    """
    if wires.tap is None:
        return ()

    # Most engines do not record, and unpacking what packs takes memory.
    from actors.watch.session_recorder import SessionRecorderActor  # noqa: PLC0415
    from engine.storage.session_files import RecordingLimits, SessionFiles  # noqa: PLC0415
    from trading.recorded.head import FORMAT, SessionHead, head_json  # noqa: PLC0415

    folder = str(recordings_folder(settings.engine) / str(session.number))
    begun = trio.current_time(), world.wall_clock()

    def head() -> bytes:
        mono, wall_ns = begun
        return head_json(
            SessionHead(
                format=FORMAT,
                code=code_digest(),
                version=metadata.version("quotewright"),
                python=platform.python_version(),
                engine=settings.engine.name,
                session=session.number,
                venue=session.venue,
                kind=settings.venue.kind,
                feed=settings.venue.feed,
                simulated=settings.venue.simulated,
                book_depth=book_depth,
                seed=settings.engine.seed,
                wall_ns=wall_ns,
                mono=mono,
                configuration=without_secrets(settings.source.document),
            )
        )

    wires.recording.put(RecordingState(folder=folder))
    recorder = SessionRecorderActor(
        tap=wires.tap,
        files=partial(
            SessionFiles,
            disk=world.disk,
            folder=folder,
            head=head,
            limits=RecordingLimits(bytes_max=int(settings.recording.max_gb * _BYTES_PER_GB)),
        ),
        beside=world.disk.beside,
        clock_offset=party.clock_offset,
        stalls=wires.stalls,
        state=wires.recording,
        wall_clock=world.wall_clock,
    )
    return (
        SupervisorSpec(
            name="recording",
            strategy=RestartStrategy.ONE_FOR_ONE,
            restart=Restart.TEMPORARY,
            children=(ChildSpec(name="session recorder", actor=recorder),),
        ),
    )
