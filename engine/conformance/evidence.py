"""Everything that passed between us and the venue: frames, requests, answers, and when."""

from collections.abc import Mapping, Sequence

import attrs
import msgspec

from actors.ports.ports import WallClock


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """
    One text on a wire.

    Args:
        number: Counts from one.
        at_ns: Wall clock, nanoseconds since the epoch.
        wire: ``rest``, or the path of a socket with its number.
        sent: By us; otherwise received.
        text: A frame, or the body of a request or an answer.
        head: Of a request its verb and path, of an answer its status.
        headers: Of a request or an answer.
        private: It is of our account.
    """

    number: int
    at_ns: int
    wire: str
    sent: bool
    text: str
    head: str = ""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    private: bool = False


@attrs.define
class Evidence:
    """All frames of a run, and those of the check that is being made."""

    wall_clock: WallClock
    frames: list[Frame] = attrs.field(factory=list)
    cited: list[int] = attrs.field(factory=list)

    def note(
        self,
        wire: str,
        text: str,
        *,
        sent: bool = False,
        private: bool = False,
        head: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Frame:
        frame = Frame(
            number=len(self.frames) + 1,
            at_ns=self.wall_clock(),
            wire=wire,
            sent=sent,
            text=text,
            head=head,
            headers=headers or {},
            private=private,
        )
        self.frames.append(frame)
        return frame

    @property
    def received(self) -> bool:
        """Whether anything has come from the venue."""
        return any(not frame.sent for frame in self.frames)

    def cite(self, frames: Sequence[Frame]) -> None:
        """Call some frames the evidence of the present check."""
        self.cited += [frame.number for frame in frames]

    def take_cited(self) -> tuple[int, ...]:
        cited, self.cited = tuple(dict.fromkeys(self.cited)), []
        return cited
