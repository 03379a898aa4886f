"""VALR's request signature: HMAC-SHA512 over timestamp, verb, path, body and subaccount id."""

import hashlib
import hmac


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
