"""What VALR is sent: frames, handshakes and headers, byte for byte."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.trading.builders import D, an_order
from trading.core.identifiers import ClientOrderId, Pair, VenueOrderId
from trading.core.market import Side, TimeInForce
from trading.orders.order import Order
from trading.venues.valr.order_frames import place_limit
from trading.venues.valr.rest.orders import limit_payload
from trading.venues.valr.signing import Signer, sign
from trading.venues.valr.venue import Valr

SECRET = "4961b74efac86b25cce8fbe4c9811c4c7a787b7a5996660afcc2e287ad864363"
AT_MS = 1558014486185
ORDER = replace(
    an_order(ClientOrderId("q-17"), quantity=D("0.01")), pair=Pair("BTCZAR"), price=D(1950000)
)


def valr() -> Valr:
    return Valr(Signer("key", SECRET, lambda: AT_MS * 1_000_000))


def test_a_placement_reads_as_the_protocol_shows_it() -> None:
    assert place_limit(limit_payload(ORDER), "c-1") == (
        '{"type":"PLACE_LIMIT_ORDER","clientMsgId":"c-1","payload":{"side":"BUY",'
        '"quantity":"0.01","price":"1950000","pair":"BTCZAR","postOnly":true,'
        '"customerOrderId":"q-17","timeInForce":"GTC"}}'
    )


@pytest.mark.parametrize(
    ("order", "part"),
    [
        (replace(ORDER, side=Side.SELL), '"side":"SELL"'),
        (replace(ORDER, post_only=False), '"postOnly":false'),
        (replace(ORDER, time_in_force=TimeInForce.IOC), '"timeInForce":"IOC"'),
        (replace(ORDER, price=Decimal("84.60")), '"price":"84.6"'),
        (replace(ORDER, price=Decimal("1E-8")), '"price":"0.00000001"'),
        (replace(ORDER, quantity=Decimal("1E+3")), '"quantity":"1000"'),
    ],
)
def test_a_placement_says_what_the_order_says(order: Order, part: str) -> None:
    assert part in place_limit(limit_payload(order), "c-1")


def test_a_cancel_goes_by_the_venues_name_where_it_has_one() -> None:
    named = ORDER.identified(VenueOrderId("22e5aa28"))
    assert valr().cancel_frame(named, "c-4") == (
        '{"type":"CANCEL_LIMIT_ORDER","clientMsgId":"c-4",'
        '"payload":{"orderId":"22e5aa28","pair":"BTCZAR"}}'
    )
    assert valr().cancel_frame(ORDER, "c-4") == (
        '{"type":"CANCEL_LIMIT_ORDER","clientMsgId":"c-4",'
        '"payload":{"customerOrderId":"q-17","pair":"BTCZAR"}}'
    )


def test_both_sockets_are_opened_with_a_signed_handshake() -> None:
    for handshake, path, signature in (
        (valr().market_handshake(), "/ws/trade", "819a2650ba597a17da05cd5fb4a41b91"),
        (valr().account_handshake(), "/ws/account", "7c8893b201ee0a38e4fbc0e15aa30a5b"),
    ):
        assert handshake.path == path
        headers = handshake.headers()
        assert headers.keys() == {
            "X-VALR-API-KEY",
            "X-VALR-SIGNATURE",
            "X-VALR-TIMESTAMP",
        }
        assert headers["X-VALR-TIMESTAMP"] == str(AT_MS)
        assert headers["X-VALR-SIGNATURE"].startswith(signature)


def test_the_account_socket_asks_to_cancel_on_disconnect() -> None:
    assert valr().account_opening() == (
        '{"type":"CANCEL_ON_DISCONNECT","payload":{"cancelOnDisconnect":true}}',
    )


def test_a_ping_is_an_application_message() -> None:
    assert valr().ping() == '{"type":"PING"}'


def test_a_public_call_carries_no_key() -> None:
    assert valr().sign(valr().instruments()).headers == {}


def test_a_private_call_signs_path_and_query() -> None:
    (fills,) = valr().fill_lists([])
    call = fills(0, None)
    headers = valr().sign(call).headers
    assert headers["X-VALR-SIGNATURE"] == sign(
        SECRET, timestamp_ms=AT_MS, verb="GET", path="/v1/account/tradehistory?skip=0&limit=100"
    )
    assert "Content-Type" not in headers


def test_a_call_with_a_body_signs_it_and_names_its_type() -> None:
    call = valr().cancel(
        Pair("BTCUSDT"), VenueOrderId("0198510c-09fa-7f86-8ddb-b6b222b4e509"), None
    )
    headers = valr().sign(call).headers
    assert headers["Content-Type"] == "application/json"
    assert headers["X-VALR-SIGNATURE"].startswith("e78463524233af617aeb0a55bb8299b9")


@pytest.mark.parametrize(
    ("code", "reason", "key"),
    [
        (1007, "Request has an invalid signature", True),
        (1007, "request has an INVALID SIGNATURE", True),
        (1007, "invalid frame payload data", False),
        (1008, "", True),
        (1006, "", False),
        (1000, "signature", False),
        (1012, "service restart", False),
    ],
)
def test_a_close_tells_whether_our_key_was_refused(code: int, reason: str, key: bool) -> None:  # noqa: FBT001
    assert valr().close_is_about_our_key(code, reason) is key


def test_without_a_key_market_data_is_asked_for_without_a_signature() -> None:
    handshake = Valr(None).market_handshake()
    assert handshake.path == "/ws/trade"
    assert not handshake.headers()
    assert not handshake.authenticated
    assert valr().market_handshake().authenticated
    assert not valr().market_handshake().must_be_confirmed
    assert valr().account_handshake().must_be_confirmed
    with pytest.raises(AssertionError, match="without a key"):
        Valr(None).account_handshake()
