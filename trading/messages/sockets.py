"""Messages from the venue that may come on any socket."""

import attrs


@attrs.frozen
class Authenticated:
    """The venue knows who we are."""


@attrs.frozen
class Heartbeat:
    """The venue answered a ping."""


@attrs.frozen
class VenueComplaint:
    """The venue complains of something that cannot be tied to one request."""

    message: str


@attrs.frozen
class Unrecognised:
    """A well-formed message of a kind we do not know: counted, reported, otherwise ignored."""

    kind: str
