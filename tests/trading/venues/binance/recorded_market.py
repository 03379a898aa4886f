"""
The recorded frames of BTCUSDT, as an engine would have heard them.

The recording's one line without a stream is the answer of ``GET /api/v3/depth``.
"""

import functools
import gzip
from collections.abc import Sequence

from tests.support.recorded import recorded_folder
from trading.core.identifiers import Pair
from trading.venues.binance.codec import snapshot_frame

BTCUSDT = Pair("BTCUSDT")


def recorded_frames(count: int | None = None) -> Sequence[str]:
    """The first frames of the recording, or all of them; skips the test where there is none."""
    recorded_folder("market-data/binance-spot")
    return _all()[:count]


@functools.cache
def _all() -> Sequence[str]:
    folder = recorded_folder("market-data/binance-spot")
    frames = list[str]()
    for file in sorted(folder.glob("btcusdt_*.gz")):
        for line in gzip.decompress(file.read_bytes()).splitlines():
            text = line.partition(b" ")[2]
            known = text.startswith(b'{"stream"')
            frames.append(text.decode() if known else snapshot_frame(BTCUSDT, text))
    return frames
