"""What VALR's answers mean: every class of answer, and never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.errors import (
    Fatal,
    FatalReason,
    KeyRefused,
    KeyTrouble,
    Outage,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from trading.venues.valr.errors import verdict

HTML = b"<html><title>Error 400 (Bad Request)!!1</title></html>"
NO_SUCH_ORDER = b'{"code":-1,"message":"Invalid Order. "}'
BAD_SIGNATURE = b'{"code":-11252,"message":"Request has an invalid signature"}'
KEY_MISSING = b'{"code":-11268,"message":"API key header missing: X-VALR-API-KEY"}'
BAD_ADDRESS = b'{"code":-11272,"message":"The originating IP Address has not been whitelisted."}'
REFUSED_201 = b'{"orderId":"0198","code":-6,"message":"Insufficient Balance"}'
DEEP = b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"[]"),
        (200, b'{"id":"0198"}'),
        (201, b'{"id":"0198"}'),
        (202, b""),
        (204, b""),
        (200, b'{"message":"a body may have a message without being an error"}'),
    ],
)
def test_a_success_gives_its_body(status: int, body: bytes) -> None:
    assert verdict(status, body) is body


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (201, REFUSED_201, -6),
        (200, b'{"code":-21,"message":"Unsupported Currency Pair"}', -21),
        (200, b'{"code":-21,"message":null}', -21),
        (200, b'{"code":-21}', -21),
        (400, NO_SUCH_ORDER, -1),
        (400, REFUSED_201, -6),
        (404, b'{"code":-111,"message":"Market summary not found"}', -111),
        (409, b'{"code":-99999,"message":"a code nobody has seen yet"}', -99999),
    ],
)
def test_a_refusal_with_a_code_certainly_did_nothing(status: int, body: bytes, code: int) -> None:
    with pytest.raises(Rejected) as refusal:
        verdict(status, body)
    assert refusal.value.code == code


def test_a_refusal_keeps_the_venues_own_words() -> None:
    with pytest.raises(Rejected, match=r"Insufficient Balance \(code -6\)") as refusal:
        verdict(400, REFUSED_201)
    assert refusal.value.venue_message == "Insufficient Balance"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, BAD_SIGNATURE),
        (200, BAD_SIGNATURE),
        (400, KEY_MISSING),
        (401, BAD_ADDRESS),
        (401, b""),
        (403, b'{"message":"Forbidden"}'),
        (403, b""),
    ],
)
def test_a_refused_key_stops_everything(status: int, body: bytes) -> None:
    with pytest.raises(Fatal) as fatal:
        verdict(status, body)
    assert fatal.value.reason is FatalReason.KEY_OR_PERMISSION


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (BAD_SIGNATURE, KeyTrouble.SIGNATURE),
        (BAD_ADDRESS, KeyTrouble.ADDRESS),
        (b'{"code":-11252,"message":"API key or secret is invalid"}', KeyTrouble.KEY),
        (b'{"message":"Forbidden"}', KeyTrouble.PERMISSION),
    ],
)
def test_what_the_venue_has_against_a_key_is_told_apart(body: bytes, trouble: KeyTrouble) -> None:
    with pytest.raises(KeyRefused) as refused:
        verdict(403, body)
    assert refused.value.trouble is trouble


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, HTML),
        (429, b""),
        (429, b'{"code":-9,"message":"slow down"}'),
        (503, b'{"code":-7,"message":"The exchange is in read-only mode"}'),
    ],
)
def test_an_answer_that_asks_for_patience_is_an_outage(status: int, body: bytes) -> None:
    with pytest.raises(Outage):
        verdict(status, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        # A front end's HTML page was seen although the order had been accepted.
        pytest.param(400, HTML, id="400 that is no JSON"),
        pytest.param(400, b"", id="400 without a body"),
        pytest.param(400, b'{"message":"no code"}', id="400 without a code"),
        pytest.param(400, b'{"code":-1,"message":"\xff"}', id="400 that is no UTF-8"),
        pytest.param(400, DEEP, id="400 nested without end"),
        pytest.param(404, HTML, id="404 that is no JSON"),
        # A captive portal, a proxy, a firewall: none of them knows our key.
        pytest.param(401, HTML, id="401 with a web page"),
        pytest.param(403, b"\r\n <!DOCTYPE html>", id="403 with a web page"),
        pytest.param(500, b'{"code":-1,"message":"Invalid Order. "}', id="500 with a code"),
        pytest.param(500, b"", id="500"),
        pytest.param(502, HTML, id="502"),
        pytest.param(503, HTML, id="503 that is no JSON"),
        pytest.param(504, b"", id="504"),
        pytest.param(301, b"", id="301"),
        pytest.param(302, NO_SUCH_ORDER, id="302 with a code"),
        pytest.param(304, b"", id="304"),
        pytest.param(100, b"", id="100"),
    ],
)
def test_an_answer_that_tells_nothing_leaves_the_outcome_unknown(status: int, body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        verdict(status, body)


@given(st.integers(100, 599), st.binary() | st.sampled_from([HTML, NO_SUCH_ORDER, BAD_SIGNATURE]))
def test_every_answer_has_one_of_the_known_endings(status: int, body: bytes) -> None:
    try:
        answer = verdict(status, body)
    except (Rejected, Fatal, Outage, OutcomeUnknown):
        return
    assert answer is body
    assert 200 <= status < 300


def test_a_refused_key_without_words_is_a_refused_key() -> None:
    with pytest.raises(KeyRefused, match="status 401"):
        verdict(401, b"", {"content-type": "application/json"})


def test_a_web_page_is_known_by_its_type_where_its_body_did_not_come() -> None:
    with pytest.raises(OutcomeUnknown, match="web page"):
        verdict(403, b"", {"content-type": "Text/HTML; charset=utf-8"})


@pytest.mark.parametrize("status", [429, 418])
def test_who_is_turned_away_is_told_for_how_long(status: int) -> None:
    headers = {
        "retry-after": "Wed, 21 Oct 2026 07:40:00 GMT",
        "date": "Wed, 21 Oct 2026 07:28:00 GMT",
    }
    with pytest.raises(RateLimited) as limited:
        verdict(status, b"", headers)
    assert limited.value.retry_after_s == 720.0
