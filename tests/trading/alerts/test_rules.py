"""Which alerts follow from what is seen: each trouble once, and once that it is over."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from trading.alerts.alert import Alert, AlertKind
from trading.alerts.heard import KINDS
from trading.alerts.observed import Heard, Observation, StrategyObserved
from trading.alerts.rules import AlertState, AlertTerms, step
from trading.core.identifiers import StrategyName

DOGE = StrategyName("doge")
MIDNIGHT = 1_700_006_400.0
NOON = MIDNIGHT + 43_200
QUOTING = StrategyObserved(pair="DOGEUSDT", quoting=True, profit=Decimal(0))
SILENT = StrategyObserved(pair="DOGEUSDT", quoting=False, cause="not_ready", profit=Decimal(0))


def seen(at: float, strategy: StrategyObserved = QUOTING, **more: Any) -> Observation:
    return Observation(now=at, wall=NOON + at, strategies={DOGE: strategy}, **more)


def told(looks: Iterable[Observation], terms: AlertTerms | None = None) -> list[Alert]:
    """All alerts of some looks, one after the other."""
    state, alerts = AlertState(), list[Alert]()
    for look in looks:
        state, new = step(state, look, terms or AlertTerms())
        alerts += new
    return alerts


def kinds(alerts: Iterable[Alert]) -> list[tuple[str, bool]]:
    return [(alert.kind.value, alert.over) for alert in alerts]


def test_an_engine_that_quotes_has_nothing_to_tell() -> None:
    assert told(seen(float(at)) for at in range(3600)) == []


def test_a_halt_is_told_once_with_its_reason_and_once_that_it_is_lifted() -> None:
    alerts = told(
        [seen(0), seen(1, halt="looks wrong"), seen(2, halt="looks wrong"), seen(3), seen(4)]
    )
    assert kinds(alerts) == [("halted", False), ("halted", True)]
    assert "looks wrong" in alerts[0].text
    assert alerts[0].urgent
    assert not alerts[1].urgent


def test_a_halt_that_stood_at_the_start_is_told() -> None:
    assert kinds(told([seen(0, halt="of yesterday")])) == [("halted", False)]


def test_a_strategy_is_silent_for_minutes_before_it_is_told_with_the_cause() -> None:
    alerts = told(seen(float(at), SILENT) for at in range(0, 300, 10))
    assert alerts == []
    looks = [seen(float(at), SILENT) for at in range(0, 2000, 10)]
    [alert] = told(looks)
    assert alert.kind is AlertKind.NOT_QUOTING
    assert "doge has had no order" in alert.text
    assert "not_ready" in alert.text
    assert kinds(told([*looks, seen(2001)])) == [("not_quoting", False), ("not_quoting", True)]


def test_a_short_pause_begins_the_minutes_anew() -> None:
    looks = [seen(float(at), SILENT) for at in range(0, 290, 10)]
    looks += [seen(290)]
    looks += [seen(float(at), SILENT) for at in range(300, 590, 10)]
    assert told(looks) == []


def test_while_halted_or_stopping_it_is_no_news_that_nothing_is_quoted() -> None:
    looks = [seen(float(at), SILENT, halt="by hand") for at in range(0, 900, 10)]
    assert kinds(told(looks)) == [("halted", False)]
    assert told(seen(float(at), SILENT, stopping=True) for at in range(0, 900, 10)) == []


def test_restarts_are_told_beyond_their_count_within_their_window() -> None:
    terms = AlertTerms(restarts_max=2, restarts_window_s=100)
    slow = [seen(float(at), restarts=at // 60) for at in range(0, 600, 10)]
    assert told(slow, terms) == []
    fast = [seen(float(at), restarts=at // 20, restarted="order book") for at in range(0, 70, 10)]
    [alert] = told(fast, terms)
    assert alert.kind is AlertKind.RESTARTS
    assert "order book" in alert.text


def test_restarts_that_go_on_are_told_once_an_hour() -> None:
    alerts = told(seen(float(at), restarts=at // 10) for at in range(0, 7300, 10))
    assert [alert.at - NOON for alert in alerts] == [60, 3660, 7260]
    assert "more since it was told last" in alerts[1].text


def test_a_limit_of_loss_is_told_at_its_share_and_not_again_while_it_lasts() -> None:
    def at(second: float, profit: str) -> Observation:
        lost = msgspec.structs.replace(
            QUOTING, profit=Decimal(profit), max_daily_loss=Decimal(10), max_drawdown=Decimal(100)
        )
        return seen(second, lost)

    assert told([at(0, "0"), at(1, "-7.9")]) == []
    [alert] = told([at(0, "0"), at(1, "-8"), at(2, "-9"), at(3, "-8.5")])
    assert alert.kind is AlertKind.LOSS
    assert "80% of max_daily_loss 10" in alert.text
    again = told([at(0, "0"), at(1, "-8"), at(2, "-1"), at(3, "-8")])
    assert kinds(again) == [("loss", False), ("loss", False)]


def test_a_drawdown_counts_from_the_best_profit() -> None:
    def at(second: float, profit: str) -> Observation:
        return seen(
            second,
            msgspec.structs.replace(QUOTING, profit=Decimal(profit), max_drawdown=Decimal(10)),
        )

    [alert] = told([at(0, "0"), at(1, "20"), at(2, "12")])
    assert alert.subject == "doge max_drawdown"


def test_a_new_day_begins_without_a_loss() -> None:
    def at(second: float, profit: str) -> Observation:
        strategy = msgspec.structs.replace(
            QUOTING, profit=Decimal(profit), max_daily_loss=Decimal(10)
        )
        return Observation(now=second, wall=MIDNIGHT + second, strategies={DOGE: strategy})

    quiet = AlertTerms(leave_out=frozenset({AlertKind.DAILY_SUMMARY}))
    assert told([at(-60, "0"), at(-30, "-7"), at(30, "-7"), at(60, "-14")], quiet) == []


def test_the_ledger_is_told_after_a_few_seconds_and_when_it_can_be_written_again() -> None:
    looks = [seen(float(at), ledger="a commit has taken 5 s") for at in range(10)]
    assert kinds(told([*looks, seen(10)])) == [("ledger", False), ("ledger", True)]
    assert told(looks[:4]) == []


def test_an_actor_that_is_given_up_is_told_once() -> None:
    alerts = told(seen(float(at), given_up=("only strategy doge",)) for at in range(5))
    assert kinds(alerts) == [("given_up", False)]


def test_each_event_of_the_log_that_matters_is_told_once_an_hour_with_a_count() -> None:
    for event, kind in KINDS.items():
        heard = (Heard(event=event, about="doge", text="orders=1"),)
        looks = [seen(float(at), heard=heard) for at in range(0, 3700, 10)]
        first, second = told(looks)
        assert first.kind is kind
        assert "orders=1" in first.text
        assert "359 more since it was told last" in second.text


def test_other_events_are_not_told() -> None:
    assert told([seen(0, heard=(Heard(event="order_placed"),))]) == []


def test_the_summary_comes_at_its_time_each_day_with_that_days_figures() -> None:
    def at(second: float) -> Observation:
        strategy = msgspec.structs.replace(
            QUOTING,
            profit=Decimal(round(second)) / 1000,
            fills=int(second) // 3600,
            quoted_s=second / 2,
        )
        return Observation(now=second, wall=MIDNIGHT + second, strategies={DOGE: strategy})

    alerts = told(at(hour * 3600.0) for hour in range(1, 60))
    assert [alert.at - MIDNIGHT for alert in alerts] == [25 * 3600, 49 * 3600]
    assert alerts[1].text == ("doge (DOGEUSDT): profit +86.4, 24 fills, quoted 50% of the time")


def test_kinds_that_nobody_wants_are_left_out() -> None:
    terms = AlertTerms(leave_out=frozenset({AlertKind.HALTED}))
    assert told([seen(0), seen(1, halt="by hand")], terms) == []


observations = st.lists(
    st.builds(
        lambda gap, quoting, halt, ledger, restarts, events: (
            *(gap, quoting, halt, ledger, restarts),
            events,
        ),
        st.sampled_from([1.0, 7.0, 400.0, 90_000.0]),
        st.booleans(),
        st.sampled_from(["", "by hand", "a limit"]),
        st.sampled_from(["", "slow"]),
        st.integers(0, 9),
        st.lists(st.sampled_from([*KINDS, "fill"]), max_size=3),
    ),
    max_size=30,
)


@given(observations)
def test_no_trouble_is_told_twice_without_being_over_in_between(rows: list[Any]) -> None:
    looks, now, restarts = [], 0.0, 0
    for gap, quoting, halt, ledger, more, events in rows:
        now, restarts = now + gap, restarts + more
        looks.append(
            seen(
                now,
                QUOTING if quoting else SILENT,
                halt=halt,
                ledger=ledger,
                restarts=restarts,
                heard=tuple(Heard(event=event) for event in events),
            )
        )
    standing: set[tuple[AlertKind, str]] = set()
    last: dict[tuple[AlertKind, str], float] = {}
    for alert in told(looks):
        key = alert.kind, alert.subject
        if alert.kind is AlertKind.DAILY_SUMMARY:
            continue
        if alert.over:
            assert key in standing
            standing.discard(key)
        elif key[1] in {"", "doge"} and alert.kind is not AlertKind.RESTARTS:
            standing.add(key)
        else:
            assert alert.at - last.get(key, float("-inf")) >= 3600
            last[key] = alert.at
