"""No text, however odd, can do worse than ``MalformedFrame``."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.venues.valr import valid
from trading.core.errors import MalformedFrame
from trading.core.identifiers import ClientOrderId, Pair
from trading.messages.account import RowUnread
from trading.venues.valr.codec.account import decode_account
from trading.venues.valr.codec.fields import time_ms
from trading.venues.valr.codec.market import decode_market
from trading.venues.valr.rest import account as requests
from trading.venues.valr.rest import orders as order_requests

Decode = Callable[[str], object]


def market(frame: str) -> object:
    return decode_market(frame, 0.0)


READERS: list[Callable[[bytes], object]] = [
    requests.instruments().decode,
    requests.balances().decode,
    requests.fees().decode,
    requests.open_orders().decode,
    requests.fills().decode,
    requests.order_status(Pair("DOGEUSDT"), ClientOrderId("q-1")).decode,
    order_requests.cancel({}).decode,
]

NUMBERS_THAT_ARE_NONE = [
    "NaN",
    "Infinity",
    "1e400",
    "1E-8",
    "114,953",
    "0,00102078",
    "-1",
    "+1",
    " 1",
    "1\n",
    "\uff11\uff12",
    "1_000",
    ".5",
    "5.",
    "",
]

odd_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["NaN", "-1", "1e9", "0", "buy", "Placed", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def bent(value: Any, draw: st.DrawFn) -> Any:
    """A JSON value with something in it taken away or replaced."""
    if draw(st.integers(0, 5)) == 0:
        return draw(odd_json)
    if isinstance(value, dict):
        kept: dict[str, Any] = {key: bent(inner, draw) for key, inner in value.items()}
        if draw(st.booleans()) and kept:
            del kept[draw(st.sampled_from(sorted(kept)))]
        return kept
    return [bent(inner, draw) for inner in value] if isinstance(value, list) else value


@st.composite
def bent_json(draw: st.DrawFn, sources: list[str]) -> str:
    """A valid message, damaged: still JSON, or cut short, or with a character changed."""
    source = draw(st.sampled_from(sources))
    damaged = bent(msgspec.json.decode(source), draw)
    # The standard library's encoder writes lone surrogates, as a broken venue might.
    text = valid.loosely_encoded(damaged)
    if draw(st.booleans()):
        return text
    position = draw(st.integers(0, len(text)))
    return text[:position] + draw(st.text(max_size=2)) + text[position + draw(st.integers(0, 3)) :]


def survives(decode: Decode, frame: str) -> None:
    try:
        decode(frame)
    except MalformedFrame as error:
        assert len(str(error)) < 3_000  # noqa: PT017  # what matters is that it is short


@pytest.mark.parametrize("decode", [market, decode_account])
@given(frame=st.text() | odd_json.map(valid.loosely_encoded))
def test_any_text_is_decoded_or_malformed(decode: Decode, frame: str) -> None:
    survives(decode, frame)


@given(bent_json(valid.MARKET))
def test_any_damaged_market_frame_is_decoded_or_malformed(frame: str) -> None:
    survives(market, frame)


@given(bent_json(valid.ACCOUNT))
def test_any_damaged_account_frame_is_decoded_or_malformed(frame: str) -> None:
    survives(decode_account, frame)


@pytest.mark.parametrize("read", READERS)
@given(body=st.binary())
def test_any_bytes_are_an_answer_or_malformed(read: Callable[[bytes], object], body: bytes) -> None:
    survives(lambda _: read(body), "")


@given(st.sampled_from(READERS), bent_json(valid.REST))
def test_any_damaged_answer_is_read_or_malformed(
    read: Callable[[bytes], object], body: str
) -> None:
    survives(lambda text: read(text.encode("utf-8", "surrogatepass")), body)


@pytest.mark.parametrize("decode", [market, decode_account])
@pytest.mark.parametrize("type_", ["PONG", "PLACE_LIMIT_WS_RESPONSE", "NOVELTY"])
def test_a_frame_nested_without_end_is_malformed(decode: Decode, type_: str) -> None:
    nest = "[" * 100_000 + "]" * 100_000
    with pytest.raises(MalformedFrame):
        decode(f'{{"type":"{type_}","error":{nest}}}')


def test_an_answer_nested_without_end_is_malformed() -> None:
    nest = b'[{"x":' * 50_000 + b"1" + b"}]" * 50_000
    with pytest.raises(MalformedFrame):
        requests.open_orders().decode(nest)


@pytest.mark.parametrize("decode", [market, decode_account])
@pytest.mark.parametrize("frame", ["", "null", "[]", "{}", '{"type":7}', '{"type":"PONG"', "Hello"])
def test_what_is_no_frame_at_all_is_malformed(decode: Decode, frame: str) -> None:
    with pytest.raises(MalformedFrame):
        decode(frame)


def readable(events: Any) -> bool:
    """Whether all of a frame could be read."""
    return not any(isinstance(event, RowUnread) or getattr(event, "odd", ()) for event in events)


@pytest.mark.parametrize("number", NUMBERS_THAT_ARE_NONE)
@pytest.mark.parametrize(
    ("decode", "template"),
    [(market, template) for template in valid.MARKET_WITH_A_NUMBER]
    + [(decode_account, template) for template in valid.ACCOUNT_WITH_A_NUMBER],
)
def test_a_number_that_is_none_makes_the_frame_malformed(
    decode: Decode, template: str, number: str
) -> None:
    assert readable(decode(template.replace("NUMBER", "1.25")))
    try:
        events = decode(template.replace("NUMBER", number.replace("\n", "\\n")))
    except MalformedFrame:
        return
    assert not readable(events)


@pytest.mark.parametrize(
    "template", [t for t in valid.MARKET_WITH_A_NUMBER if "NEW_TRADE" in t] + [valid.OUR_TRADE]
)
def test_nothing_is_traded_at_zero(template: str) -> None:
    frame = template.replace("NUMBER", "0")
    if template == valid.OUR_TRADE:
        (unread,) = decode_account(frame)
        assert isinstance(unread, RowUnread)
        assert "expected a number of more than zero" in unread.odd.problem
    else:
        with pytest.raises(MalformedFrame, match="expected a number of more than zero"):
            market(frame)


QUEUES = (
    '{"type":"FULL_ORDERBOOK_UPDATE","currencyPairSymbol":"B","data":{"LastChange":1,"Asks":'
    '[{"Price":"PRICE","Orders":[{"orderId":"o","quantity":"QUANTITY"}]}],"Bids":[],'
    '"SequenceNumber":2,"Checksum":3}}'
)
LEVELS = (
    '{"type":"AGGREGATED_ORDERBOOK_UPDATE","currencyPairSymbol":"B","data":{"Asks":[{"quantity":'
    '"QUANTITY","price":"PRICE","orderCount":2}],"Bids":[],"LastChange":"2026-03-08T15:55:18.385Z",'
    '"SequenceNumber":3}}'
)
CHANGE = valid.BOOK % ("PRICE", "QUANTITY", "1", "1")


@pytest.mark.parametrize("template", [CHANGE, QUEUES, LEVELS])
@pytest.mark.parametrize(
    ("price", "quantity"),
    [("0", "1"), ("0.00", "1"), ("-1", "1"), ("1", "-1"), ("1e400", "1"), ("1", "NaN")],
)
def test_a_level_that_no_book_can_have_is_malformed_and_names_its_pair(
    template: str, price: str, quantity: str
) -> None:
    market(template.replace("PRICE", "0.05").replace("QUANTITY", "0"))
    with pytest.raises(MalformedFrame) as error:
        market(template.replace("PRICE", price).replace("QUANTITY", quantity))
    assert error.value.pair == "B"


def test_a_complaint_about_a_frame_does_not_repeat_all_of_it() -> None:
    trade = valid.MARKET_WITH_A_NUMBER[0].replace("NUMBER", "1").replace('"buy"', f'"{"x" * 9999}"')
    with pytest.raises(MalformedFrame) as error:
        market(trade)
    assert len(str(error.value)) < 1_000


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-09-23T03:19:57Z", 1790133597000),
        ("2026-09-23T03:19:57.710Z", 1790133597710),
        ("2026-09-23T03:19:57.710853Z", 1790133597710),
        ("2026-09-23T03:19:57.710853735Z", 1790133597710),
        ("2026-09-23T03:19:57.7Z", 1790133597700),
        ("2026-09-23T03:19:57.999999999Z", 1790133597999),
        ("2019-04-25T20:36:53.445", 1556224613445),
        ("1970-01-01T00:00:00Z", 0),
        ("2024-02-29T23:59:59.999Z", 1709251199999),
    ],
)
def test_a_time_may_have_any_number_of_fraction_digits(text: str, milliseconds: int) -> None:
    assert time_ms(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-02-30T00:00:00Z",
        "2024-03-27T12:33:19+02:00",
        "2024-03-27T12:33:19.5+02:00",
        "2024-03-27T12:33:19,5Z",
        "2024-03-27T12:33:19.",
        "2024-03-27T12:33:19ZZ",
        "2024-03-27",
        "\uff12024-03-27T12:33:19Z",
        "1711542799918",
    ],
)
def test_a_time_of_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|day"):
        time_ms(text)
