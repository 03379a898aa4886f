"""Messages on their way: none lost within the bound, none twice, in order, urgent ones first."""

from hypothesis import given
from hypothesis import strategies as st

from trading.alerts.alert import Alert, AlertKind
from trading.alerts.outbox import WAITING_MAX, Outbox, body
from trading.alerts.quiet import QuietHours

DAY_S = 86_400


def an_alert(number: int, *, urgent: bool = False) -> Alert:
    kind = AlertKind.HALTED if urgent else AlertKind.RESTARTS
    return Alert(kind=kind, text=f"no. {number}", at=float(number))


def filled(*alerts: Alert) -> Outbox:
    outbox = Outbox()
    for alert in alerts:
        outbox = outbox.put(alert)
    return outbox


@given(st.lists(st.booleans(), max_size=40), st.lists(st.booleans(), max_size=80))
def test_whatever_fails_each_message_arrives_once_and_urgent_ones_first(
    urgent: list[bool], fails: list[bool]
) -> None:
    alerts = [an_alert(number, urgent=one) for number, one in enumerate(urgent)]
    outbox, now, arrived, outcomes = filled(*alerts), 0.0, list[Alert](), iter(fails)
    while outbox.waiting:
        alert = outbox.next(now, 0.0, None)
        if alert is None:
            now += 1
        elif next(outcomes, False):
            outbox = outbox.not_delivered(now, "refused")
        else:
            arrived.append(alert)
            outbox = outbox.delivered(alert)
    assert arrived == sorted(alerts, key=lambda one: not one.urgent)
    assert outbox.sent == len(alerts)
    assert outbox.dropped == 0


@given(st.integers(0, 60), st.integers(0, 3))
def test_beyond_the_bound_the_oldest_that_are_not_urgent_go_and_are_counted(
    more: int, urgent: int
) -> None:
    first = [an_alert(-1 - number, urgent=True) for number in range(urgent)]
    alerts = [an_alert(number) for number in range(WAITING_MAX - urgent + more)]
    outbox = filled(*first, *alerts)
    assert outbox.waiting == (*first, *alerts[more:])
    assert (outbox.dropped, outbox.untold) == (more, more)


def test_the_next_message_says_how_many_were_left_out_and_only_the_next() -> None:
    outbox = filled(*[an_alert(number) for number in range(WAITING_MAX + 2)])
    [first, second, *_] = outbox.waiting
    assert body(first, outbox).endswith("(2 earlier messages were left out: too many waited.)")
    assert body(second, outbox.delivered(first)) == second.text


def test_pauses_double_to_a_minute_and_end_with_a_success() -> None:
    outbox, now, pauses = filled(an_alert(1), an_alert(2)), 0.0, []
    for _ in range(7):
        outbox = outbox.not_delivered(now, "refused")
        pauses.append(outbox.retry_at - now)
        now = outbox.retry_at
    assert pauses == [5, 10, 20, 40, 60, 60, 60]
    assert outbox.next(now - 1, 0.0, None) is None
    alert = outbox.next(now, 0.0, None)
    assert alert is not None
    assert outbox.delivered(alert).next(now, 0.0, None) == an_alert(2)


def test_in_quiet_hours_only_what_is_urgent_goes() -> None:
    quiet = QuietHours(22 * 3600, 6 * 3600)
    outbox = filled(an_alert(1), an_alert(2, urgent=True))
    night = 23 * 3600.0
    assert outbox.next(0, night, quiet) == an_alert(2, urgent=True)
    rest = outbox.delivered(an_alert(2, urgent=True))
    assert rest.next(0, night, quiet) is None
    assert rest.next(0, night + quiet.over_in(night), quiet) == an_alert(1)


@given(st.integers(0, DAY_S - 1), st.integers(0, DAY_S), st.integers(0, 10 * DAY_S))
def test_quiet_hours_end_when_they_say_and_not_a_second_before(
    start: int, end: int, wall: int
) -> None:
    quiet = QuietHours(start, end)
    over_in = quiet.over_in(wall)
    assert (over_in > 0) is quiet.holds_at(wall)
    if over_in:
        assert quiet.holds_at(wall + over_in - 1)
        assert (wall + over_in) % DAY_S == end % DAY_S
