"""A messenger that a test has at hand, and what it was given."""

import attrs
import trio


@attrs.define
class Pigeon:
    """
    Takes messages, unless it is told not to.

    Attributes:
        taken: Title and text of each message, in order.
        trouble: Why it takes none; empty where it does.
        hangs: Whether it never answers.
        pause_s: For one message.
    """

    name: str = "pigeon"
    taken: list[tuple[str, str]] = attrs.field(factory=list)
    trouble: str = ""
    hangs: bool = False
    pause_s: float = 0.5
    attempts: int = 0

    async def send(self, title: str, body: str) -> str:
        self.attempts += 1
        await trio.sleep(self.pause_s)
        if self.hangs:
            await trio.sleep_forever()
        if not self.trouble:
            self.taken.append((title, body))
        return self.trouble
