"""What is suggested is taken: by the venue's rules, by the loader, whatever pair it is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load.loading import load
from config.source.problems import Refused
from engine.control.reloading import GivenFile
from engine.wizard.document import Answers, Live, document
from engine.wizard.interview import BadAnswer, Interview, Question, Unanswered
from engine.wizard.market import Market, find_pair, name_of
from engine.wizard.suggestions import (
    amount,
    daily_loss,
    limits,
    require_amount,
    smallest_amount,
    spread,
)
from trading.core.decimals import ONE
from trading.core.identifiers import Currency, Pair
from trading.core.instrument import Instrument


def rules(pair: str = "BTC-ZAR", *, active: bool = True) -> Instrument:
    base, quote = pair.split("-")
    return Instrument(
        pair=Pair(base + quote),
        base=Currency(base),
        quote=Currency(quote),
        tick_size=ONE,
        lot_size=Decimal("0.00000001"),
        quantity_min=Decimal("0.00001"),
        quantity_max=Decimal(100),
        notional_min=Decimal(10),
        notional_max=Decimal(10_000_000),
        active=active,
    )


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Any pair with any price, as far as its rules leave room for an order."""
    places, tick_places = draw(st.integers(0, 8)), draw(st.integers(-2, 8))
    tick, lot = ONE.scaleb(-tick_places), ONE.scaleb(-places)
    bid = tick * draw(st.integers(200, 10**6))
    least = lot * draw(st.integers(1, 1000))
    instrument = Instrument(
        pair=Pair("AAABBB"),
        base=Currency("AAA"),
        quote=Currency("BBB"),
        tick_size=tick,
        lot_size=lot,
        quantity_min=least,
        quantity_max=least * 10**6,
        notional_min=bid * least * draw(st.sampled_from([0, 1, 20])) + tick * lot,
        notional_max=bid * least * 10**7,
    )
    ask = bid + tick * draw(st.integers(1, 20))
    held = draw(
        st.none()
        | st.fixed_dictionaries(
            {
                Currency("AAA"): st.integers(0, 10**6).map(lambda lots: lots * lot),
                Currency("BBB"): st.integers(0, 10**6).map(lambda lots: lots * lot * bid),
            }
        )
    )
    return Market(instrument=instrument, bid=bid, ask=ask, held=held)


def answers(market: Market, live: Live | None) -> Answers:
    chosen = amount(market)
    return Answers(
        market=market,
        order_amount=chosen,
        spread=spread(market),
        refresh_s=Decimal(15),
        max_loss=daily_loss(market, chosen),
        live=live,
    )


LIVE = Live(
    kind="valr",
    rest_url="https://api.valr.com",
    websocket_url="wss://api.valr.com",
    key_variables=("A_API_KEY", "A_API_SECRET"),
)
KEYS = {"A_API_KEY": "a" * 64, "A_API_SECRET": "b" * 64}


@given(markets())
def test_a_suggested_amount_is_one_that_the_venue_takes_also_when_the_price_has_fallen(
    market: Market,
) -> None:
    chosen = amount(market)
    assert require_amount(chosen, market) == chosen
    fallen = market.mid * Decimal("0.8")
    assert not list(market.instrument.objections(market.instrument.price_up(fallen), chosen))


@given(markets())
def test_what_is_suggested_loads_within_limits_that_leave_both_sides_room(market: Market) -> None:
    text = document(answers(market, LIVE), "live.toml")
    settings = load("live.toml", (), KEYS, files=GivenFile("live.toml", text))
    [strategy] = settings.strategies.values()
    assert not list(strategy.misfits(market.instrument))
    chosen = amount(market)
    found = limits(market, chosen, ONE, market.held or {})
    assert found.max_base_holding - found.min_base_holding >= 10 * chosen
    assert found.max_order_notional >= chosen * market.mid


@given(markets())
def test_a_spread_is_not_inside_the_one_that_is_there(market: Market) -> None:
    assert spread(market) * market.mid * 2 >= market.ask - market.bid
    assert spread(market) >= Decimal("0.001")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0.000001", "is too small"),
        ("1000", "is too large"),
        ("0.100000001", "is no multiple of 0.00000001"),
    ],
)
def test_an_amount_that_the_venue_would_refuse_is_refused_with_one_that_it_takes(
    number: str, said: str
) -> None:
    market = Market(instrument=rules(), bid=Decimal(1_000_000), ask=Decimal(1_000_100))
    with pytest.raises(Refused, match=said):
        require_amount(Decimal(number), market)
    assert smallest_amount(market) == Decimal("0.00001250")


def test_a_pair_is_found_by_its_name_or_a_few_letters() -> None:
    listed = {
        each.pair: each
        for each in (rules("BTC-ZAR"), rules("ETH-ZAR"), rules("BTC-USDT", active=False))
    }
    for text in ("BTC-ZAR", "btc/zar", "btcz", "btc"):
        assert name_of(find_pair(text, listed)) == "BTC-ZAR"
    with pytest.raises(Refused, match="may be BTC-ZAR, ETH-ZAR"):
        find_pair("zar", listed)
    with pytest.raises(Refused, match="no pair that is traded has"):
        find_pair("doge", listed)
    with pytest.raises(Refused, match="is empty"):
        find_pair("-", listed)


QUESTION = Question(flag="--amount", text="How much")


def read(text: str) -> int:
    if not text.isdigit():
        raise Refused(f"{text} is no number", "for example 5")
    return int(text)


def test_a_person_is_asked_again_until_an_answer_will_do_and_enter_takes_the_suggestion() -> None:
    typed, said, asked = iter(["much", " 7 ", ""]), list[str](), list[str]()

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return next(typed)

    interview = Interview(given={}, ask=ask, say=said.append)
    assert interview.answer(QUESTION, "5", read) == 7
    assert interview.answer(QUESTION, "5", read) == 5
    assert asked == ["How much [5]: "] * 3
    assert said == ["  much is no number; for example 5"]


def test_a_flag_is_not_asked_for_and_a_bad_one_is_told_with_its_name() -> None:
    interview = Interview(given={"--amount": "7"}, ask=None, say=print)
    assert interview.answer(QUESTION, "5", read) == 7
    with pytest.raises(BadAnswer, match="--amount: x is no number; for example 5"):
        Interview(given={"--amount": "x"}, ask=None, say=print).answer(QUESTION, "5", read)


def test_without_anybody_to_ask_all_that_is_missing_is_told_at_once() -> None:
    other = Question(flag="--pair", text="Which pair")
    with pytest.raises(Unanswered) as missing:
        Interview(given={}, ask=None, say=print).require([QUESTION, other])
    assert missing.value.questions == [QUESTION, other]
    suggested = Interview(given={}, ask=None, say=print, as_suggested=True)
    suggested.require([QUESTION, other])
    assert suggested.answer(QUESTION, "5", read) == 5
    with pytest.raises(Unanswered):
        suggested.answer(other, "", read)
