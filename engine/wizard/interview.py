"""Questions and answers: from flags, from a person, or as suggested; all that lacks at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import attrs

from config.source.problems import Refused

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Question:
    """
    One question.

    Args:
        flag: Its option on the command line, with the dashes.
        text: As a person is asked.
    """

    flag: str
    text: str


class Unanswered(Exception):
    """
    There is nobody to ask.

    Args:
        questions: Those without an answer.
    """

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__(", ".join(question.flag for question in questions))
        self.questions = questions


class BadAnswer(Exception):
    """An answer that was given as a flag will not do; the text says why, and what would."""


@attrs.frozen(kw_only=True)
class Interview:
    """
    Gets answers.

    Args:
        given: Answers by flag.
        ask: Asks a person, and returns what was typed; ``None`` where there is nobody.
        say: Tells the person why an answer will not do.
        as_suggested: Whether suggestions are taken without asking.
    """

    given: Mapping[str, str]
    ask: Callable[[str], str] | None
    say: Callable[[str], None]
    as_suggested: bool = False

    def require(self, questions: Sequence[Question]) -> None:
        """
        Stop before anything is looked at, where answers are missing and nobody can be asked.

        Raises:
            Unanswered: That is so; it holds all of them.
        """
        missing = [each for each in questions if each.flag not in self.given]
        if missing and self.ask is None and not self.as_suggested:
            raise Unanswered(missing)

    def answer(self, question: Question, suggestion: str, read: Callable[[str], T]) -> T:
        """
        The answer to one question.

        Args:
            suggestion: Taken where nothing is typed; empty for none.
            read: Makes a value of the text, or raises ``Refused``.

        Raises:
            BadAnswer: What was given will not do.
            Unanswered: There is nobody to ask, and nothing to suggest.
        """
        given = self.given.get(question.flag)
        if given is None and self.as_suggested and suggestion:
            given = suggestion
        if given is not None:
            try:
                return read(given)
            except Refused as refused:
                raise BadAnswer(f"{question.flag}: {_said(refused)}") from None
        if self.ask is None:
            raise Unanswered([question])
        prompt = f"{question.text} [{suggestion}]: " if suggestion else f"{question.text}: "
        while True:
            try:
                return read(self.ask(prompt).strip() or suggestion)
            except Refused as refused:
                self.say(f"  {_said(refused)}")


def _said(refused: Refused) -> str:
    return f"{refused.message}; {refused.cure}" if refused.cure else refused.message
