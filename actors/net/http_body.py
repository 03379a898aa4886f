"""The body of an HTTP answer, with a size limit on what comes and on what is unpacked."""

import zlib

BODY_BYTES_MAX = 4 * 1024 * 1024
"""
Of a body, packed and unpacked. The longest that a venue has to tell us, the rules of all its pairs,
is a twentieth of that; to unpack so much holds up the loop for 10 ms.
"""

_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_PLAIN = frozenset({"", "identity"})
_PACKED = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_TOO_LONG = f"its body is longer than {BODY_BYTES_MAX >> 20} MiB"


class Body:
    """
    Collects the pieces of a body, and unpacks them.

    Args:
        encoding: The answer's ``Content-Encoding``: gzip, deflate or nothing.
    """

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        self._pieces: list[bytes] = []
        self._packed = self._unpacked = 0
        self._trouble: str | None = None
        self._unpacker = None
        if encoding in _PACKED:
            self._unpacker = zlib.decompressobj(_PACKED[encoding])
            self._may_be_raw = encoding == "deflate"
        elif encoding not in _PLAIN:
            self._trouble = f"its body is encoded as {encoding[:40]!r}, which nobody asked for"

    @property
    def data(self) -> bytes:
        """The body so far, unpacked."""
        return b"".join(self._pieces)

    @property
    def trouble(self) -> str | None:
        """Why the body is not whole; ``None`` where it is, if nothing more comes."""
        if self._trouble is None and self._unpacker is not None and self._packed:
            return None if self._unpacker.eof else "its body ends in the middle"
        return self._trouble

    def take(self, piece: bytes) -> bool:
        """Add a piece; whether more may come."""
        if self._trouble is not None:
            return False
        self._packed += len(piece)
        room = BODY_BYTES_MAX - self._unpacked
        try:
            # One byte too many tells that there would be more.
            data = piece if self._unpacker is None else self._unpack(piece, room + 1)
        except zlib.error as error:
            self._trouble = f"its body cannot be unpacked: {error}"
            return False
        if len(data) > room or self._packed > BODY_BYTES_MAX:
            self._trouble = _TOO_LONG
        self._pieces.append(data[:room])
        self._unpacked += len(data[:room])
        return self._trouble is None

    def end(self, trouble: str) -> None:
        """Note that the connection ended early; a trouble found before stands."""
        self._trouble = self._trouble or trouble

    def _unpack(self, piece: bytes, length_max: int) -> bytes:
        assert self._unpacker is not None
        try:
            return self._unpacker.decompress(piece, length_max)
        except zlib.error:
            # "deflate" is zlib's format; some servers send the raw deflate stream inside of it.
            if not self._may_be_raw or self._packed > len(piece):
                raise
            self._unpacker = zlib.decompressobj(_RAW)
            return self._unpacker.decompress(piece, length_max)
