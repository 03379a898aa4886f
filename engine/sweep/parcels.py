"""
What is said of datasets through the seam of cells, there and back.

A request is a mark that no cell's request begins with, a message, and bytes of a file. Each says
all that is needed: any process of a worker's machine can take the next one.
"""

import hashlib
import struct
from typing import Annotated

import msgspec

PIECE_BYTES = 8 * 1024 * 1024
"""Bytes of a file in one request: below the 10 MB at which Dask warns."""

_MARK = b"\0quotewright dataset\0"
_LENGTH = struct.Struct("<I")

Digest = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Token = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{16}\Z")]


class Look(msgspec.Struct, frozen=True, kw_only=True, tag="look"):
    """
    Which of these datasets are missing there?

    Args:
        wanted: The path in the plan, and the digest.
    """

    wanted: tuple[tuple[str, Digest], ...]


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag="begin"):
    """
    A dataset is coming; the bytes are its ``meta.json``.

    Args:
        token: Of this transfer; another sweep may send the same dataset at the same time.
        size: Of all its files, bytes.
    """

    token: Token
    digest: Digest
    size: int


class Piece(msgspec.Struct, frozen=True, kw_only=True, tag="piece"):
    """
    Bytes of a file.

    Args:
        sha256: Of these bytes.
    """

    token: Token
    digest: Digest
    name: Annotated[str, msgspec.Meta(pattern=r"\Apart-[0-9]{4,9}\.zst\Z")]
    offset: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Digest


class Finish(msgspec.Struct, frozen=True, kw_only=True, tag="finish"):
    """All has come: to be checked, and named; the bytes are its ``meta.json`` once more."""

    token: Token
    digest: Digest


class Drop(msgspec.Struct, frozen=True, kw_only=True, tag="drop"):
    """No more comes."""

    token: Token
    digest: Digest


Request = Look | Begin | Piece | Finish | Drop


class Found(msgspec.Struct, frozen=True, kw_only=True, tag="found"):
    """
    What a worker's machine lacks.

    Args:
        host: Its name.
        folder: Where it keeps what is sent; empty where it knows no such folder.
        source: Where that folder comes from, for people.
        lacks: Digests.
    """

    host: str
    folder: str
    source: str
    lacks: tuple[Digest, ...]


class Taken(msgspec.Struct, frozen=True, kw_only=True, tag="taken"):
    """It is on the disk."""


class Garbled(msgspec.Struct, frozen=True, kw_only=True, tag="garbled"):
    """These bytes are not those that were sent: once more."""


class NotKept(msgspec.Struct, frozen=True, kw_only=True, tag="not kept"):
    """The machine cannot keep the dataset, and nothing of it is left there."""

    why: str


Reply = Found | Taken | Garbled | NotKept

_requests: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_replies: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def is_parcel(request: bytes) -> bool:
    """Whether a request speaks of datasets, and is no cell."""
    return request.startswith(_MARK)


def pack(request: Request, data: bytes = b"") -> bytes:
    message = msgspec.json.encode(request)
    return b"".join((_MARK, _LENGTH.pack(len(message)), message, data))


def unpack(request: bytes) -> tuple[Request, bytes]:
    """
    Read what ``pack`` wrote.

    Raises:
        ValueError: It is something else.
    """
    begins = len(_MARK) + _LENGTH.size
    if not is_parcel(request) or len(request) < begins:
        raise ValueError("it is no parcel")
    [length] = _LENGTH.unpack_from(request, len(_MARK))
    return _requests.decode(request[begins : begins + length]), request[begins + length :]


def encode_reply(reply: Reply) -> bytes:
    return msgspec.json.encode(reply)


def decode_reply(text: bytes) -> Reply:
    """
    Read what ``encode_reply`` wrote.

    Raises:
        ValueError: It is something else.
    """
    return _replies.decode(text)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
