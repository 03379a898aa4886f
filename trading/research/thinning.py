"""Fewer points of a series for a chart, with every peak still there."""

from collections.abc import Sequence

Point = tuple[int, float | None]
"""A time (ns) and a value from then on; ``None`` begins a gap."""


def thinned(points: Sequence[Point], points_max: int) -> list[Point]:
    """
    The extremes of a series, piece by piece.

    At most so many points: of each of equally long pieces of time the smallest, the largest, the
    last, and the last beginning of a gap.

    With the last one a value that then holds for long is the right one. The first and the last of
    all stay.

    Args:
        points: Ascending in time.
        points_max: At least 8.
    """
    if len(points) <= points_max:
        return list(points)
    begin, end = points[0][0], points[-1][0]
    buckets = max(1, (points_max - 2) // 4)
    length = (end - begin) // buckets + 1
    found = [points[0]]
    bucket: list[Point] = []
    number = 0
    for point in points[1:-1]:
        of = (point[0] - begin) // length
        if of != number:
            found += _kept(bucket)
            bucket, number = [], of
        bucket.append(point)
    found += _kept(bucket)
    found.append(points[-1])
    return found


def _kept(bucket: Sequence[Point]) -> list[Point]:
    if not bucket:
        return []
    kept = {bucket[-1]}
    if known := [point for point in bucket if point[1] is not None]:
        kept |= {min(known, key=_value), max(known, key=_value)}
    if gaps := [point for point in bucket if point[1] is None]:
        kept.add(gaps[-1])
    return sorted(kept, key=lambda point: point[0])


def _value(point: Point) -> float:
    assert point[1] is not None, "only points with a value are compared"
    return point[1]
