"""VALR's request signature: HMAC-SHA512 over timestamp, verb, path, body and subaccount id."""

import hashlib
import hmac
from collections.abc import Callable


def sign(
    secret: str, *, timestamp_ms: int, verb: str, path: str, body: str = "", subaccount_id: str = ""
) -> str:
    """
    The signature as 128 lower-case hexadecimal digits.

    Args:
        secret: The API secret as text; it is not decoded from hexadecimal.
        timestamp_ms: Unix milliseconds, the same as sent in ``X-VALR-TIMESTAMP``.
        verb: Upper case.
        path: From the first slash after the host, with the query string exactly as sent.
        body: The exact text sent; empty when there is none.
        subaccount_id: Only when ``X-VALR-SUB-ACCOUNT-ID`` is sent.
    """
    message = f"{timestamp_ms}{verb}{path}{body}{subaccount_id}"
    return hmac.new(secret.encode(), message.encode(), hashlib.sha512).hexdigest()


def verify(secret: str, signature: str, message: bytes) -> bool:
    """Whether a signature fits the raw bytes that arrived, compared in constant time."""
    expected = hmac.new(secret.encode(), message, hashlib.sha512).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


_STEP_BACK_MS = 1_000
"""A second is what a timestamp may be ahead of the clock; venues allow for several."""


class Signer:
    """
    Signs requests with one key, with timestamps that increase unless the clock was set back.

    Args:
        api_key: Sent with every request.
        api_secret: Never sent, never shown.
        wall_clock: Nanoseconds since the epoch.
        subaccount_id: Only to act on a subaccount with a primary-account key.
    """

    def __init__(
        self,
        api_key: str,
        api_secret: str,
        wall_clock: Callable[[], int],
        subaccount_id: str = "",
    ) -> None:
        self._api_key = api_key
        self._api_secret = api_secret
        self._wall_clock = wall_clock
        self._subaccount_id = subaccount_id
        self._last_ms = 0

    def headers(self, verb: str, path: str, body: str = "") -> dict[str, str]:
        """The headers of one request that is about to leave, in this very moment."""
        # Whether VALR refuses a repeated timestamp is unknown: never send one. But a clock that was
        # set back by much was wrong before: to go on from there would be refused for as long.
        now_ms = self._wall_clock() // 1_000_000
        set_back = now_ms < self._last_ms - _STEP_BACK_MS
        self._last_ms = now_ms if set_back else max(self._last_ms + 1, now_ms)
        headers = {
            "X-VALR-API-KEY": self._api_key,
            "X-VALR-SIGNATURE": sign(
                self._api_secret,
                timestamp_ms=self._last_ms,
                verb=verb,
                path=path,
                body=body,
                subaccount_id=self._subaccount_id,
            ),
            "X-VALR-TIMESTAMP": str(self._last_ms),
        }
        if self._subaccount_id:
            headers["X-VALR-SUB-ACCOUNT-ID"] = self._subaccount_id
        return headers
