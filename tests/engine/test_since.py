"""What people write for "since when"."""

import pytest

from engine.views.time_args import moment_text, since_ns

NOW_NS = 1_795_249_800 * 10**9  # 2026-11-21T08:30:00Z


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", "2026-11-21T08:28:30.000Z"),
        ("15m", "2026-11-21T08:15:00.000Z"),
        ("2h", "2026-11-21T06:30:00.000Z"),
        ("3d", "2026-11-18T08:30:00.000Z"),
        ("1w", "2026-11-14T08:30:00.000Z"),
        ("2026-11-20", "2026-11-20T00:00:00.000Z"),
        ("2026-11-20T10:15", "2026-11-20T10:15:00.000Z"),
        ("2026-11-20T10:15:30.250+02:00", "2026-11-20T08:15:30.250Z"),
        ("2026-11-20 10:15:00Z", "2026-11-20T10:15:00.000Z"),
    ],
)
def test_spans_days_and_moments_are_understood(text: str, moment: str) -> None:
    assert moment_text(since_ns(text, NOW_NS)) == moment


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2x", "-2h", "1.5h", "2026-13-01", "٣d", "9" * 9]
)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write a span"):
        since_ns(text, NOW_NS)
