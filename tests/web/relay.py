"""
Stands between a page and an engine's door, and gives a strategy another name.

    python -m tests.web.relay ENGINE_DOOR NEW_DOOR NAME NEW_NAME

So a test sees what a page makes of a name that no configuration would allow.
"""

import contextlib
import json
import sys

import trio

from engine.environment.local_sockets import UnixSockets
from trading.core.errors import Outage


async def _relay(*arguments: str) -> None:
    door, new_door, name, new_name = arguments
    local = UnixSockets()
    listener = await local.listen(new_door)
    old, new = json.dumps(name).encode(), json.dumps(new_name).encode()

    async def serve(theirs: trio.abc.Stream) -> None:
        with contextlib.suppress(Outage):
            async with theirs, await local.connect(door) as ours, trio.open_nursery() as nursery:
                nursery.start_soon(_copy, theirs, ours, b"", b"", nursery.cancel_scope)
                nursery.start_soon(_copy, ours, theirs, old, new, nursery.cancel_scope)

    await trio.serve_listeners(serve, [listener])


async def _copy(
    source: trio.abc.Stream,
    sink: trio.abc.Stream,
    old: bytes,
    new: bytes,
    scope: trio.CancelScope,
) -> None:
    line = b""
    while part := await source.receive_some(65_536):
        *whole, line = (line + part).split(b"\n")
        for one in whole:
            await sink.send_all((one.replace(old, new) if old else one) + b"\n")
    scope.cancel()


if __name__ == "__main__":
    trio.run(_relay, *sys.argv[1:])
