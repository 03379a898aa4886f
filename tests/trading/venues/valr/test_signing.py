"""VALR's signature, against every published vector."""

from typing import Any

import pytest

from tests.support.recorded import recorded_json
from trading.venues.valr.signing import Signer, sign, verify

SECRET = "4961b74efac86b25cce8fbe4c9811c4c7a787b7a5996660afcc2e287ad864363"
BALANCES = "/v1/account/balances"
MARKET_ORDER = (
    '{"customerOrderId":"ORDER-000001","pair":"BTCUSDC","side":"BUY","quoteAmount":"80000"}'
)
MS = 1_000_000


def a_signer(times_ns: list[int], subaccount_id: str = "") -> Signer:
    return Signer("key", SECRET, iter(times_ns).__next__, subaccount_id)


def test_a_get_is_signed_as_the_official_documentation_says() -> None:
    assert sign(SECRET, timestamp_ms=1558014486185, verb="GET", path=BALANCES) == (
        "9d52c181ed69460b49307b7891f04658e938b21181173844b5018b2fe783a6d4"
        "c62b8e67a03de4d099e7437ebfabe12c56233b73c6a0cc0f7ae87e05f6289928"
    )


def test_a_post_is_signed_as_the_official_documentation_says() -> None:
    signature = sign(
        SECRET,
        timestamp_ms=1558017528946,
        verb="POST",
        path="/v1/orders/market",
        body=MARKET_ORDER,
    )
    assert signature == (
        "09f536e3dfdad58443f16010a97a0a21ad27486b7b8d6d4103170d885410ed77"
        "f037f1fa628474190d4f5c08ca12c1acc850901f1c2e75c6d906ec3b32b008d0"
    )


def test_a_subaccount_id_is_signed_last() -> None:
    signature = sign(
        SECRET, timestamp_ms=1558014486185, verb="GET", path=BALANCES, subaccount_id="1234567890"
    )
    assert signature == (
        "cb28b48a98ab3dd4e31a121f18aab275b8e8255a3187155061d4b604165b3754"
        "64172893050908741244894d5f9e666cc6a4d48d16e4e3bdfa773d754ef7daaf"
    )


def test_every_collected_vector_is_reproduced() -> None:
    vectors: list[dict[str, Any]] = recorded_json("valr/vectors.json")["signatures"]
    assert len(vectors) == 13
    for vector in vectors:
        signature = sign(
            vector["secret"],
            timestamp_ms=int(vector["timestamp"]),
            verb=vector["verb"],
            path=vector["path"],
            body=vector["body"],
            subaccount_id=vector["subaccountId"],
        )
        assert signature == vector["signature"], vector["source"]


def test_a_signature_is_verified_on_the_raw_bytes() -> None:
    signature = sign(SECRET, timestamp_ms=1, verb="POST", path="/x", body='{"a":"é"}')
    assert verify(SECRET, signature, '1POST/x{"a":"é"}'.encode())
    assert not verify(SECRET, signature, '1POST/x{"a": "é"}'.encode())
    assert not verify("another", signature, '1POST/x{"a":"é"}'.encode())
    assert not verify(SECRET, signature.upper(), '1POST/x{"a":"é"}'.encode())


@pytest.mark.parametrize("nonsense", ["", "0" * 128, "é", "\ud800", "9d52"])
def test_a_signature_that_is_none_is_refused_and_not_a_crash(nonsense: str) -> None:
    assert not verify(SECRET, nonsense, b"1GET/")


def test_the_headers_carry_the_timestamp_that_was_signed() -> None:
    headers = a_signer([1558017528946 * MS + 999_999]).headers(
        "POST", "/v1/orders/market", MARKET_ORDER
    )
    assert headers == {
        "X-VALR-API-KEY": "key",
        "X-VALR-TIMESTAMP": "1558017528946",
        "X-VALR-SIGNATURE": sign(
            SECRET,
            timestamp_ms=1558017528946,
            verb="POST",
            path="/v1/orders/market",
            body=MARKET_ORDER,
        ),
    }


@pytest.mark.parametrize(
    ("clock_ms", "sent"),
    [
        pytest.param([5, 5, 5], ["5", "6", "7"], id="the clock stands still"),
        pytest.param([9, 3, 4], ["9", "10", "11"], id="the clock jumps back"),
        pytest.param([9, 3, 400], ["9", "10", "400"], id="the clock recovers"),
        pytest.param([5, 6, 9], ["5", "6", "9"], id="the clock runs"),
    ],
)
def test_timestamps_strictly_increase_whatever_the_clock_does(
    clock_ms: list[int], sent: list[str]
) -> None:
    signer = a_signer([moment * MS for moment in clock_ms])
    assert [signer.headers("GET", "/x")["X-VALR-TIMESTAMP"] for _ in clock_ms] == sent


def test_a_clock_that_was_set_back_by_much_is_followed() -> None:
    """Else what we sign would be dated wrong for as long as the clock was."""
    signer = a_signer([moment * MS for moment in (60_000, 20_000, 20_001)])
    sent = [signer.headers("GET", "/x")["X-VALR-TIMESTAMP"] for _ in range(3)]
    assert sent == ["60000", "20000", "20001"]


def test_the_subaccount_header_is_sent_only_when_one_is_acted_on() -> None:
    assert "X-VALR-SUB-ACCOUNT-ID" not in a_signer([MS]).headers("GET", "/x")
    headers = a_signer([1558014486185 * MS], "1234567890").headers("GET", BALANCES)
    assert headers["X-VALR-SUB-ACCOUNT-ID"] == "1234567890"
    assert headers["X-VALR-SIGNATURE"].startswith("cb28b48a98ab3dd4")


def test_the_secret_is_in_no_header() -> None:
    assert SECRET not in repr(a_signer([MS]).headers("GET", "/x"))
