"""Errors say who can act, and never more than a little of what they are about."""

import pytest

from trading.core.errors import Fatal, FatalReason, MalformedFrame, Rejected


@pytest.mark.parametrize("frame", ["x" * 1_000_000, b"x" * 1_000_000, "\U0001f600" * 1_000_000])
def test_only_the_beginning_of_a_malformed_frame_is_kept(frame: str | bytes) -> None:
    error = MalformedFrame("odd", frame)
    assert len(error.excerpt) == MalformedFrame.EXCERPT_LENGTH_MAX
    assert str(error).startswith("odd, in '")
    assert len(str(error)) < 3_000


def test_a_complaint_that_quotes_the_frame_is_cut_as_well() -> None:
    error = MalformedFrame("no such side: " + "x" * 1_000_000, "{}")
    assert len(str(error)) < 300


@pytest.mark.parametrize("frame", [b"\xff\xfe{}", "\ud800"])
def test_a_frame_that_is_no_text_is_shown_all_the_same(frame: str | bytes) -> None:
    str(MalformedFrame("odd", frame)).encode()


def test_a_refusal_carries_the_venues_words_and_number() -> None:
    assert str(Rejected("Insufficient Balance", -6)) == "Insufficient Balance (code -6)"
    assert str(Rejected("no")) == "no"
    assert Rejected("no", 0).code == 0


def test_a_fatal_error_is_about_the_key_unless_it_says_otherwise() -> None:
    assert Fatal("x").reason is FatalReason.KEY_OR_PERMISSION
    assert Fatal("x", FatalReason.CONFIGURATION).reason is FatalReason.CONFIGURATION
