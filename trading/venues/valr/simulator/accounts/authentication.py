"""Authentication of requests: keys, signatures over raw bytes, timestamps."""

from collections.abc import Mapping

from trading.venues.valr.signing import verify
from trading.venues.valr.simulator.accounts.accounts import Account
from trading.venues.valr.simulator.requests.fields import Refused

KEY_HEADER = "x-valr-api-key"
_SIGNATURE_HEADER = "x-valr-signature"
_TIMESTAMP_HEADER = "x-valr-timestamp"
_SUBACCOUNT_HEADER = "x-valr-sub-account-id"
INVALID_SIGNATURE = "Request has an invalid signature"


class Authenticator:
    """
    Checks signatures against the exchange's accounts.

    Args:
        failure_status: HTTP status of a refusal.
        failure_code: Error number of a wrong key or signature.
        window_ms: Largest difference of clocks; ``None`` accepts any.

    Attributes:
        untimely: How many requests were refused for their timestamp alone.
    """

    def __init__(
        self,
        accounts: Mapping[str, Account],
        *,
        failure_status: int,
        failure_code: int,
        window_ms: int | None,
    ) -> None:
        self._accounts = accounts
        self._failure_status = failure_status
        self._failure_code = failure_code
        self._window_ms = window_ms
        self.untimely = 0

    def account(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, now_ms: int
    ) -> Account:
        """
        The account that signed a request, by the raw bytes that arrived.

        Raises:
            Refused: There is no key, no such key, or the signature does not fit.
        """
        api_key = headers.get(KEY_HEADER)
        if api_key is None:
            raise Refused(-11268, "API key header missing: X-VALR-API-KEY")
        account = self._accounts.get(api_key)
        if account is None:
            raise Refused(self._failure_code, "API key or secret is invalid", self._failure_status)
        timestamp = headers.get(_TIMESTAMP_HEADER, "")
        subaccount = headers.get(_SUBACCOUNT_HEADER, "")
        message = f"{timestamp}{method}{target}".encode("utf-8", "replace") + body
        message += subaccount.encode("utf-8", "replace")
        signature = headers.get(_SIGNATURE_HEADER, "")
        fits = verify(account.api_secret, signature, message)
        in_time = self._in_time(timestamp, now_ms)
        self.untimely += fits and not in_time
        if not (fits and in_time):
            raise Refused(self._failure_code, INVALID_SIGNATURE, self._failure_status)
        return account

    def _in_time(self, timestamp: str, now_ms: int) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 16):  # noqa: PLR2004 - digits of a time
            return False
        return self._window_ms is None or abs(int(timestamp) - now_ms) <= self._window_ms
