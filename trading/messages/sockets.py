"""Messages from the venue that may come on any socket."""

import msgspec


class Authenticated(msgspec.Struct, frozen=True):
    """The venue knows who we are."""


class Heartbeat(msgspec.Struct, frozen=True):
    """The venue answered a ping."""


class VenueComplaint(msgspec.Struct, frozen=True):
    """The venue complains of something that cannot be tied to one request."""

    message: str


class Unrecognised(msgspec.Struct, frozen=True):
    """A well-formed message of a kind we do not know: counted, reported, otherwise ignored."""

    kind: str
