"""A short one; `python -m tests.engine.crash_campaign 20` is the long one."""

from tests.engine.crash_campaign import campaign


def test_an_engine_killed_at_any_moment_knows_all_that_it_sent_and_sends_nothing_twice() -> None:
    tally = campaign(moments=2, seed=7)
    assert tally.kills == 2
    assert tally.accepted > 4
    assert tally.placed.keys() == tally.filled.keys() == {"buy", "sell"}
