"""Stand-ins for keys, ids, addresses and balances: the same text has the same one everywhere."""

import re
from collections.abc import Iterable, Mapping

_IDS = (
    *("orderId", "id", "customerOrderId", "modifyRequestId", "modifyOrderId", "conditionalOrderId"),
    *("accountId", "subAccountId", "subaccountId", "uniqueId", "positionId", "label", "batchId"),
    *("sequenceId", "customerBatchId", "email", "companyName"),
)
_ADDRESSES = (
    *("address", "receiveAddress", "transactionHash", "allowedIpAddressCidr", "ipAddress"),
)
_AMOUNTS = (
    *("available", "reserved", "total", "totalInReference", "totalInReferenceWeighted"),
    *("lendReserved", "borrowedAmount", "borrowReserved", "borrowCollateralReserved"),
    *("amount", "paidAmount", "receivedAmount"),
)
_VALUE = r'\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*)'
_NAMED = re.compile(rf'"({"|".join((*_IDS, *_ADDRESSES))})"{_VALUE}')
_COUNTED = re.compile(rf'"({"|".join(_AMOUNTS)})"{_VALUE}')
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HOST = re.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b")
_SURE_LENGTH = 8
"""A shorter text may stand for something else at another place."""
_SECRET_HEADERS = frozenset(
    {"x-valr-api-key", "x-valr-signature", "x-valr-sub-account-id", "set-cookie", "cookie"}
)
_HIDDEN = "(hidden)"


class StandIns:
    """
    Replaces what a bundle may not hold; the same text has the same stand-in everywhere.

    Args:
        secrets: Texts that are hidden wherever they stand.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(filter(None, secrets))
        self._names: dict[str, str] = {}
        self._amounts: dict[str, str] = {}
        self._everywhere: re.Pattern[str] | None = None

    def learn(self, private: str) -> None:
        """Take the names in a text that is of our account."""
        for _, value in _NAMED.findall(private):
            bare = value.strip('"')
            if bare and bare not in self._names:
                self._names[bare] = self._name(bare)
                self._everywhere = None

    def text(self, text: str, *, private: bool) -> str:
        """
        A text as others may read it.

        Args:
            private: It is of our account, so that its amounts and short names are replaced too.
        """
        if private:
            text = _COUNTED.sub(self._counted, text)
            text = _NAMED.sub(self._named, text)
        pattern = self._pattern()
        if pattern is not None:
            text = pattern.sub(lambda found: self._names.get(found[0], _HIDDEN), text)
        return text

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers as others may read them."""
        return {
            name: _HIDDEN
            if name.lower() in _SECRET_HEADERS
            else _HOST.sub("192.0.2.1", self.text(value, private=False))
            for name, value in headers.items()
        }

    def _pattern(self) -> re.Pattern[str] | None:
        if self._everywhere is None:
            sure = [name for name in self._names if len(name) >= _SURE_LENGTH]
            words = sorted({*self._secrets, *sure}, key=len, reverse=True)
            if not words:
                return None
            self._everywhere = re.compile("|".join(map(re.escape, words)))
        return self._everywhere

    def _named(self, found: re.Match[str]) -> str:
        key, value = found[1], found[2]
        return f'"{key}":{self._quoted(value, self._names.get(value.strip(chr(34)), ""))}'

    def _counted(self, found: re.Match[str]) -> str:
        key, value = found[1], found[2]
        bare = value.strip('"')
        if not bare.strip("0."):
            return found[0]
        if bare not in self._amounts:
            decimals = len(bare.partition(".")[2])
            number = str(len(self._amounts) + 1)
            self._amounts[bare] = number + ("." + "1" * decimals if decimals else "")
        return f'"{key}":{self._quoted(value, self._amounts[bare])}'

    @staticmethod
    def _quoted(value: str, stand_in: str) -> str:
        return f'"{stand_in}"' if value.startswith('"') else (stand_in or "0")

    def _name(self, bare: str) -> str:
        number = len(self._names) + 1
        if _UUID.fullmatch(bare):
            return f"00000000-0000-7000-8000-{number:012d}"
        if bare.lstrip("-").isdigit():
            return str(number)
        return f"stand-in-{number}"
