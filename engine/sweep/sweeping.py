"""A whole sweep: candidates chosen and run, the best judged on other markets beside others."""

from collections.abc import Sequence

import attrs

from config.sweep.plan import SearchKind
from engine.sweep.candidates import points
from engine.sweep.driver import Driver
from engine.sweep.planning import Candidate, Planning, Point
from engine.sweep.search import TpeSearch
from engine.sweep.standing import (
    SHOWN,
    Standing,
    drawn_beside,
    rank_correlation,
    ranked,
    standing,
)


@attrs.frozen(kw_only=True)
class Swept:
    """
    What a sweep came to.

    Args:
        standings: Of all candidates, on what they were chosen by.
        best: The best ten of them, the best first.
        beside: Ten others, drawn at random.
        tested: How these twenty stand on the markets of ``[test]``, by candidate; empty without.
        correlation: Of the ranks of these twenty on both; ``None`` where that is not known.
        impossible: Candidates whose settings contradict each other, and why.
        failed: Cells without a result, and why.
        cells: How many there are.
    """

    standings: Sequence[Standing]
    best: Sequence[Standing]
    beside: Sequence[Standing]
    tested: dict[int, Standing]
    correlation: float | None
    impossible: dict[int, str]
    failed: dict[str, str]
    cells: int


def candidates_of(planning: Planning) -> list[tuple[Point, Candidate]]:
    """
    All candidates of a grid or of a draw.

    Raises:
        ConfigurationProblems: The grid is too large, or a value is wrong.
        NoBacktest: A dataset does not fit.
    """
    chosen = points(planning.plan, planning.space, planning.source)
    found = [(point, planning.candidate(number, point)) for number, point in enumerate(chosen, 1)]
    planning.require_possible(found)
    _require_markets(planning, [each for _, each in found])
    return found


def _require_markets(planning: Planning, candidates: Sequence[Candidate]) -> None:
    first = next((each for each in candidates if each.trouble is None), None)
    if first is not None:
        planning.require_markets(first)


def sweep(
    planning: Planning, chosen: Sequence[tuple[Point, Candidate]], driver: Driver, batch: int
) -> Swept:
    """
    Run it.

    Args:
        chosen: The candidates of a grid or of a draw; of a search that learns none.
        batch: How many points a search that learns asks for at once.

    Raises:
        SweepBrokenOff: A signal has come.
        OSError: The disk does not take a result.
        NoOptuna: The search needs it.
        ConfigurationProblems: A value is wrong.
        NoBacktest: A dataset does not fit.
    """
    if planning.plan.search.kind is SearchKind.TPE:
        candidates = _searched(planning, driver, batch)
    else:
        candidates = [each for _, each in chosen]
        driver.run(cell for each in candidates for cell in each.train)
    possible = [each for each in candidates if each.trouble is None]
    standings = [_standing(planning, driver, each, test=False) for each in possible]
    best = ranked(standings)[:SHOWN]
    beside = drawn_beside(best, standings, planning.plan.search.seed)
    shown = {one.candidate for one in (*best, *beside)}
    judged = [each for each in possible if each.number in shown and each.test]
    driver.run(cell for each in judged for cell in each.test)
    tested = {each.number: _standing(planning, driver, each, test=True) for each in judged}
    return Swept(
        standings=standings,
        best=best,
        beside=beside,
        tested=tested,
        correlation=_correlation([*best, *beside], tested),
        impossible={
            each.number: str(each.trouble) for each in candidates if each.trouble is not None
        },
        failed=dict(driver.failures),
        cells=len(
            {cell.key for each in possible for cell in each.train}
            | {cell.key for each in judged for cell in each.test}
        ),
    )


def _searched(planning: Planning, driver: Driver, batch: int) -> list[Candidate]:
    search = TpeSearch(planning.plan, planning.space, batch)
    found: list[Candidate] = []
    by_settings: dict[tuple[str, ...], Candidate] = {}
    for asked in search.batches():
        batch_of: list[Candidate] = []
        for point in asked:
            settings = planning.space.settings(point)
            if settings not in by_settings:
                by_settings[settings] = planning.candidate(len(found) + 1, point)
                found.append(by_settings[settings])
            batch_of.append(by_settings[settings])
        if len(batch_of) == len(found):
            planning.require_possible(list(zip(asked, batch_of, strict=True)))
            _require_markets(planning, batch_of)
        driver.run(cell for each in batch_of for cell in each.train)
        search.tell(
            [
                None if each.trouble else _standing(planning, driver, each, test=False)
                for each in batch_of
            ]
        )
    return found


def _standing(planning: Planning, driver: Driver, candidate: Candidate, *, test: bool) -> Standing:
    cells = candidate.test if test else candidate.train
    results = [
        driver.results.get(cell.key, driver.failures.get(cell.key, "it was not run"))
        for cell in cells
    ]
    return standing(candidate.number, candidate.settings, results, planning.plan.objective)


def _correlation(shown: Sequence[Standing], tested: dict[int, Standing]) -> float | None:
    return rank_correlation(
        [
            (one.objective, other)
            for one in shown
            if one.objective is not None
            and one.candidate in tested
            and (other := tested[one.candidate].objective) is not None
        ]
    )
