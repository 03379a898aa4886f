"""
Each difference of a venue by itself: which checks tell of it, and whether that is what is said.

    python -m tests.engine.conformance_alone [PART ...]

With PART those differences are tried whose setting or check has it in its name. The suite tries
them in groups (``test_conformance_mutations.py``), where one could hide behind another.

Exit code 0 says that each is told by its checks, and by no other.
"""

import argparse
import logging
import sys
import time
from functools import partial

import attrs
import structlog

from engine.conformance.running import Choice
from tests.support.conformance_mutations import MUTATIONS, Mutation
from tests.support.conformance_rig import Rig
from tests.support.telling import tell
from tests.support.whole_engine import in_virtual_time
from trading.venues.valr.conformance.check import Level, Verdict

EVERYTHING = Choice(level=Level.ORDERS, slow=True, fill=True)


@attrs.frozen
class Outcome:
    """
    What a run with one difference came to.

    Args:
        told_by: The checks that differ.
        trouble: What is wrong besides; empty for nothing.
    """

    told_by: frozenset[str]
    trouble: str = ""


async def alone(mutation: Mutation) -> Outcome:
    """Make all checks at a venue with one difference."""
    report = (await Rig(overrides=list(mutation.settings), choice=EVERYTHING).run()).report
    results = {
        verdict: [one for one in report.results if one.verdict is verdict] for verdict in Verdict
    }
    troubles = [f"{one.check.id} is broken: {one.because}" for one in results[Verdict.BROKEN]]
    if report.left:
        troubles.append(f"left: {report.left}")
    told_by = frozenset(one.check.id for one in results[Verdict.DIFFERS])
    return Outcome(told_by, "; ".join(troubles))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.engine.conformance_alone",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART")
    parts = parser.parse_args().parts
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chosen = [
        one
        for one in MUTATIONS
        if not parts or any(part in f"{one} {' '.join(one.told_by)}" for part in parts)
    ]
    began, wrong = time.monotonic(), 0
    for mutation in chosen:
        outcome = in_virtual_time(1, partial(alone, mutation))
        missing, surplus = mutation.told_by - outcome.told_by, outcome.told_by - mutation.told_by
        if missing or surplus or outcome.trouble:
            wrong += 1
            words = [f"not told by {name}" for name in sorted(missing)]
            words += [f"told by {name} too" for name in sorted(surplus)]
            words += [outcome.trouble] if outcome.trouble else []
            tell(f"{mutation}: {', '.join(words)}")
    took_s = time.monotonic() - began
    tell(f"{len(chosen)} differences one by one, {wrong} not as said, {took_s:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
