"""The findings of an examination: a verdict for each step, its evidence, and the cure."""

import enum
from collections.abc import Sequence

import attrs

from config.source.problems import printable
from engine.process.exit_codes import ExitCode

_INDENT = " " * 8


class Verdict(enum.Enum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    SKIPPED = "skipped"
    """It rests on a step that failed."""


_COLOURS = {Verdict.OK: "\x1b[32m", Verdict.WARNING: "\x1b[33m", Verdict.FAILURE: "\x1b[31m"}
_END_OF_COLOUR = "\x1b[0m"


@attrs.frozen(kw_only=True)
class Finding:
    """
    The finding of one step.

    Args:
        step: Its name.
        evidence: The observed facts.
        cure: What to do about it; empty when there is nothing to do.
        code: The exit code for it.
        blocks: Whether later steps that rest on this one are in vain.
    """

    step: str = ""
    verdict: Verdict
    evidence: str
    cure: str = ""
    code: ExitCode = ExitCode.OK
    blocks: bool = False


def fine(evidence: str) -> Finding:
    return Finding(verdict=Verdict.OK, evidence=evidence)


def warning(evidence: str, cure: str) -> Finding:
    return Finding(verdict=Verdict.WARNING, evidence=evidence, cure=cure)


def failure(
    evidence: str, cure: str, *, code: ExitCode = ExitCode.FAILURE, blocks: bool = True
) -> Finding:
    return Finding(verdict=Verdict.FAILURE, evidence=evidence, cure=cure, code=code, blocks=blocks)


def skipped(evidence: str) -> Finding:
    return Finding(verdict=Verdict.SKIPPED, evidence=evidence, blocks=True)


def exit_code(findings: Sequence[Finding]) -> ExitCode:
    """That of the first failure."""
    codes = (finding.code for finding in findings if finding.verdict is Verdict.FAILURE)
    return next(codes, ExitCode.OK)


def as_json(findings: Sequence[Finding]) -> list[dict[str, str]]:
    return [
        {
            "step": finding.step,
            "verdict": finding.verdict.value,
            "evidence": finding.evidence,
            "cure": finding.cure,
        }
        for finding in findings
    ]


def as_line(finding: Finding, step_width: int, *, colour: bool) -> str:
    """One row of the table, its cure below; foreign text in it cannot act on a terminal."""
    word = f"{finding.verdict.value:<7}"
    if colour and finding.verdict in _COLOURS:
        word = f"{_COLOURS[finding.verdict]}{word}{_END_OF_COLOUR}"
    row = f"{word} {finding.step:<{step_width}}  {printable(finding.evidence)}"
    if not finding.cure:
        return row
    return f"{row}\n{_INDENT}{'':<{step_width}}  cure: {printable(finding.cure)}"


def verdict_line(findings: Sequence[Finding]) -> str:
    """All findings in one sentence."""
    counts = {
        verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict
    }
    parts = [f"{count} {verdict.value}" for verdict, count in counts.items() if count]
    said = "not fit to trade" if counts[Verdict.FAILURE] else "fit to trade"
    return f"{said}: {', '.join(parts)}"
