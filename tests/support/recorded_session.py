"""Sessions that whole engines have recorded in virtual time, and what comes of replaying them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import trio

from config.strategies.kinds import StrategyKinds
from engine.recording.replaying import ReplayReport, replay
from engine.storage.session_folder import open_session
from tests.support.whole_engine import Rig, in_virtual_time, start_rig
from trading.recorded.head import FORMAT, SessionHead, head_json

RECORDED = ("recording.enabled=true", "strategies.doge.order_refresh_time=5")

Deeds = Callable[[Rig], Awaitable[object]]


async def thirty_seconds(_rig: Rig) -> None:
    await trio.sleep(30)


def recorded(
    folder: Path,
    deeds: Deeds = thirty_seconds,
    *overrides: str,
    kinds: StrategyKinds | None = None,
) -> Path:
    """
    Record a session.

    Args:
        folder: Below it the recording lies afterwards.
        deeds: What happens until the engine stops.

    Returns:
        The session's folder.
    """

    async def main() -> Rig:
        async with trio.open_nursery() as nursery:
            rig = await start_rig(nursery, *RECORDED, *overrides, kinds=kinds)
            await deeds(rig)
            nursery.cancel_scope.cancel()
        return rig

    return in_virtual_time(1, main).disk.recordings.copied_to(folder)


def replayed(session: Path, **arguments: Any) -> ReplayReport:
    """What comes of a recording."""
    return replay(open_session(session), lambda _: None, **arguments)


def a_head() -> bytes:
    """The head of a session in which nothing is worth noting."""
    return head_json(
        SessionHead(
            format=FORMAT,
            code="",
            version="0",
            python="3",
            engine="paper",
            session=7,
            venue="simulated",
            kind="valr",
            feed="OB_L1_DIFF",
            simulated=True,
            book_depth=10,
            seed=1,
            wall_ns=0,
            mono=0.0,
            configuration={},
        )
    )
